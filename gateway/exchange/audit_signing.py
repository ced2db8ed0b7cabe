"""Signs the head of the audit log, so that whoever keeps the signed head sees later whether the log was rewritten."""

from __future__ import annotations

from gateway.errors import Absent
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from gateway.linklog.keys import Signer, VerifierKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.ports.audit import AuditLog
from gateway.ports.world import Clock


class AuditSigning:
    """Signs checkpoints of the audit log; ``signer`` is the key of this one role, its name the log's origin.

    Only a head that is committed is signed, so that of two checkpoints one is always the beginning of the other, for as
    long as the store is not put back to an earlier state.
    """

    def __init__(self, *, log: AuditLog, signer: Signer, clock: Clock) -> None:
        self._log = log
        self._signer = signer
        self._clock = clock

    @property
    def key(self) -> VerifierKey:
        """The public half, which an auditor must have from outside."""
        return self._signer.key

    async def checkpoint(self) -> bytes:
        """Give a signed head that covers everything written so far; what was signed already is not signed again.

        Raises:
            Absent: nothing has been written yet.
        """
        tree = await self._log.head()
        if not tree.size:
            raise Absent("The audit log is empty.")
        kept = await self._log.newest_checkpoint()
        if kept and parse_checkpoint(parse_note(kept, CHECKPOINT_LIMITS).text).size == tree.size:
            return kept
        now = self._clock.now()
        note = sign_checkpoint(Checkpoint(self._signer.key.name, tree.size, tree.root()), [self._signer], now)
        await self._log.keep_checkpoint(size=tree.size, time=now, note=note)
        return note
