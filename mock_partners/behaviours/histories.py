"""A partner whose logs are not to be believed: two histories, an older one, receipts for what it never had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from gateway.linklog.checkpoints import Checkpoint
from gateway.ports.links import Direction, FormedBatch, LinkLogs, LinkPositions
from gateway.trust.names import origin
from mock_partners.behaviours.behaviour import Behaviour, Member, Own
from mock_partners.behaviours.sessions import InSessions, Session
from mock_partners.behaviours.signing import receipt_for_another, signed
from mutualrecognition.federation.v1.link_pb2 import Batch, LinkFrame

_ANOTHER: Final = sha256(b"another history of the same log").digest()


class Fork(InSessions):
    """Signs a second history."""

    name = "fork"
    does = "It signs a second checkpoint for a size that its partner has already receipted, with another root."
    honest = (
        "They suspend the link at once, keep both checkpoints as proof, and rely on nothing of this issuer until "
        "operators have talked."
    )

    async def act(self, member: Member) -> None:  # noqa: ARG002  it needs no door
        """Fork in every session that is open."""
        for session in list(self.sessions):
            for status in await self.own.logs.statuses():
                if session.open and status.partner == session.partner and status.issued.receipted:
                    await session.say(self._second_history(session.partner, status.issued.receipted))

    async def coming_in(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Fork as soon as something has been receipted; once for each size, or it would answer its own receipts."""
        yield frame
        if frame.HasField("receipt") and (session.partner, frame.receipt.size) not in self._signed:
            await session.say(self._second_history(session.partner, frame.receipt.size))

    def take_part(self, own: Own) -> None:
        """Become part of a node that has one history."""
        super().take_part(own)
        self._signed: set[tuple[str, int]] = set()

    def _second_history(self, partner: str, size: int) -> LinkFrame:
        self._signed.add((partner, size))
        log = origin(self.own.config.domain, partner, 1)
        note = signed(self.own, Checkpoint(log, size, _ANOTHER), self.own.log_signers[-1:])
        return self.marked(LinkFrame(batch=Batch(first=size, checkpoint=note)))


class Rollback(InSessions):
    """Has forgotten."""

    name = "rollback"
    does = "It comes back with its log as it stood after the first receipt, as after an old copy that was put back."
    honest = (
        "They do not let a log grow anew over what they hold: LOG_ROLLBACK, the link is suspended, and what they "
        "hold stays proven."
    )

    def take_part(self, own: Own) -> None:
        """Become part of a node that has no receipt yet."""
        super().take_part(own)
        self.first: dict[str, tuple[int, bytes, int]] = {}

    def logs(self, logs: LinkLogs) -> LinkLogs:
        """Remember the first receipt of each log, and show its positions."""
        wrapped: Any = _Forgetful(logs, self)
        forgetful: LinkLogs = wrapped
        return forgetful

    async def act(self, member: Member) -> None:  # noqa: ARG002  it needs no door
        """Greet anew, with the older log."""
        self.own.trace.deed(self.own.administration, "forgets what came after the first receipt", behaviour=self.name)
        for session in self.sessions:
            session.break_off()


class LyingReceipts(InSessions):
    """Signs for something else."""

    name = "lying-receipts"
    does = "It signs its receipts, but for another root than the checkpoint that it was sent."
    honest = (
        "They check a receipt against their own checkpoint before they believe it: SIGNATURE_INVALID, the link is "
        "suspended, nothing counts as delivered."
    )

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Change the lines of receipts."""
        if frame.HasField("receipt"):
            partner = self.own.book.descriptor_of(session.partner)
            log = origin(partner.domain, self.own.administration, 1)
            lying = LinkFrame()
            lying.CopyFrom(frame)
            lying.receipt.lines = receipt_for_another(self.own, frame.receipt, log)
            frame = self.marked(lying)
        yield frame


class WithholdReceipts(InSessions):
    """Stores and does not sign."""

    name = "withhold-receipts"
    does = "It stores what it receives and sends no receipt for it."
    honest = (
        "They hold nothing for delivered without a receipt, keep within the window, and send again when the link "
        "opens anew; others notice nothing."
    )

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Keep receipts back."""
        if frame.HasField("receipt"):
            self.own.trace.deed(
                self.own.administration,
                f"no receipt for {frame.receipt.size}",
                partner=session.partner,
                behaviour=self.name,
            )
        else:
            yield frame


class StaleLists(InSessions):
    """Says nothing new."""

    name = "stale-lists"
    does = (
        "Its line is alive, but it issues nothing any more, and does not say that nothing waits: what it says of its "
        "operators grows old."
    )
    honest = (
        "They count a list from the last entry that they hold or the last word that nothing waits, not from the last "
        "sign of life: once too old it is PARTNER_FEED_STALE, never clear."
    )

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Beat, and give no word of what waits: something does."""
        if frame.HasField("heartbeat") and frame.heartbeat.nothing_waits:
            silent = LinkFrame()
            silent.CopyFrom(frame)
            silent.heartbeat.nothing_waits = False
            frame = self.marked(silent)
        yield frame

    def logs(self, logs: LinkLogs) -> LinkLogs:
        """Let what waits wait."""
        wrapped: Any = _Idle(logs, self)
        idle: LinkLogs = wrapped
        return idle


class _Forgetful:
    def __init__(self, logs: LinkLogs, behaviour: Rollback) -> None:
        self._logs = logs
        self._behaviour = behaviour

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  every other method as it is
        return getattr(self._logs, name)

    async def commit_receipt(self, partner: str, *, size: int, note: bytes, receipt_time: int) -> None:
        await self._logs.commit_receipt(partner, size=size, note=note, receipt_time=receipt_time)
        self._behaviour.first.setdefault(partner, (size, note, receipt_time))

    async def positions(self, partner: str, *, issued_origin: str, held_origin: str) -> LinkPositions:
        real = await self._logs.positions(partner, issued_origin=issued_origin, held_origin=held_origin)
        if not (self._behaviour.on and partner in self._behaviour.first):
            return real
        size, note, receipt_time = self._behaviour.first[partner]
        tree = await self._logs.tree_at(partner, direction=Direction.ISSUED, size=size)
        older = replace(real.issued, tree=tree, receipted=size, note=note, receipt_time=receipt_time)
        return replace(real, issued=older)


class _Idle:
    def __init__(self, logs: LinkLogs, behaviour: Behaviour) -> None:
        self._logs = logs
        self._behaviour = behaviour

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  every other method as it is
        return getattr(self._logs, name)

    async def form_batch(self, *args: Any, **limits: Any) -> FormedBatch | None:  # noqa: ANN401  as the real one
        return None if self._behaviour.on else await self._logs.form_batch(*args, **limits)
