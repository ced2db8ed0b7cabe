"""The first half of taking a batch: whether it is the issuer's log's next (docs/protocol.md, The session).

The order is the protocol's, and the numbers go on in ``arrival``:

1. limits;
2. ``first`` is the size held, origin and size fit;
3. the root is that of the entries;
4. signatures.

No record is read before all four hold. Hashing is on the path of every record: one pass, no copy but the salted one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.errors import FrameMalformed, LimitExceeded, LogFork, NoteMalformed, OutOfOrder, RootMismatch
from gateway.exchange.limits import MAX_RECORD_BYTES
from gateway.exchange.session_trust import SessionTrust
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, verify_checkpoint, verify_lines
from gateway.linklog.hashing import HASH_BYTES, LEAF_PREFIX, SALT_BYTES
from gateway.linklog.keys import DatedKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_note
from gateway.linklog.text import MAX_TIME
from gateway.linklog.tree import CompactRange
from gateway.ports.links import Entry
from mutualrecognition.federation.v1.link_pb2 import Batch

_ERASED: Final = Entry(b"", b"")


@dataclass(frozen=True, slots=True)
class LostHistory:
    """This side has receipted the log up to ``size`` with ``root``, and has lost it. Its own signature says so."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifiedBatch:
    """Entries that are proven to be the issuer's next ones. What they say is not looked at yet.

    ``note`` bears the issuer's known signature lines only. ``receiptable`` is False below what this side has
    receipted before and lost: that is stored without a receipt. A receipt's time must not precede ``not_before``.
    """

    entries: tuple[Entry, ...]
    commitments: tuple[bytes, ...]
    before: CompactRange
    after: CompactRange
    checkpoint: Checkpoint
    note: Note
    receiptable: bool
    not_before: int


@dataclass(frozen=True, slots=True)
class HeldLog:
    """The partner's log as verified so far: what the next batch must fit. ``lost`` is None almost always."""

    origin: str
    tree: CompactRange
    receipt_time: int
    lost: LostHistory | None

    def take(self, unverified: Batch, trust: SessionTrust, *, records: int, now: int) -> VerifiedBatch:
        """Do checks 1 to 4; ``records`` is this side's limit, ``now`` POSIX seconds.

        Bytes of the frame and the window are the caller's to check, before.

        Raises:
            LimitExceeded, FrameMalformed, NoteMalformed, OutOfOrder, RootMismatch, LogFork, SignatureInvalid,
            KeyNotValid: the session ends with it.
        """
        count = len(unverified.entries)
        if count > records:
            raise LimitExceeded(f"The batch has {count} entries; {records} are the most that this side takes.")
        entries, commitments = self._entries(unverified)  # 1
        note, checkpoint = self._placed(unverified, trust)  # 2
        after = self._grown(commitments, checkpoint)  # 3
        keys = trust.peer.log_keys
        verify_checkpoint(note, keys, origin=self.origin, require=trust.checkpoint_types, at=now)  # 4
        return VerifiedBatch(
            entries=entries,
            commitments=commitments,
            before=self.tree,
            after=after,
            checkpoint=checkpoint,
            note=known_lines_only(note, [key.with_name(self.origin) for key in keys]),
            receiptable=self.lost is None or after.size >= self.lost.size,
            not_before=self.receipt_time,
        )

    def grown_by(self, batch: VerifiedBatch) -> HeldLog:
        """Give the log with these entries."""
        return HeldLog(self.origin, batch.after, self.receipt_time, None if batch.receiptable else self.lost)

    def _entries(self, unverified: Batch) -> tuple[tuple[Entry, ...], tuple[bytes, ...]]:
        entries: list[Entry] = []
        commitments: list[bytes] = []
        for unread in unverified.entries:
            salt, record, commitment = unread.salt, unread.record, unread.commitment
            if len(record) > MAX_RECORD_BYTES:
                raise LimitExceeded(f"A record has {len(record)} bytes; {MAX_RECORD_BYTES} are the most.")
            if commitment:
                self._require_erased(unverified.first + len(entries), salt, record, commitment)
                entries.append(_ERASED)
                commitments.append(commitment)
            else:
                if len(salt) != SALT_BYTES:
                    raise FrameMalformed(f"A salt has {SALT_BYTES} bytes, not {len(salt)}.")
                entries.append(Entry(salt, record))
                commitments.append(sha256(salt + record).digest())
        return tuple(entries), tuple(commitments)

    def _require_erased(self, index: int, salt: bytes, record: bytes, commitment: bytes) -> None:
        if salt or record or len(commitment) != HASH_BYTES:
            raise FrameMalformed(f"Entry {index} is neither salt and record nor a commitment of {HASH_BYTES} bytes.")
        if self.lost is None or index >= self.lost.size:
            raise FrameMalformed(f"Entry {index} comes without its record, and this side has never receipted it.")

    def _placed(self, unverified: Batch, trust: SessionTrust) -> tuple[Note, Checkpoint]:
        if unverified.first != self.tree.size:
            with suppress(NoteMalformed):
                self._refuse_fork(*_stated(unverified), trust)
            raise OutOfOrder(f"The next entry is {self.tree.size}; the batch begins with {unverified.first}.")
        note, checkpoint = _stated(unverified)
        self._refuse_fork(note, checkpoint, trust)
        if checkpoint.origin != self.origin:
            raise FrameMalformed(f"The batch is of {checkpoint.origin}; this link's log is {self.origin}.")
        if checkpoint.size != self.tree.size + len(unverified.entries):
            raise FrameMalformed(
                f"{len(unverified.entries)} entries from {self.tree.size} on do not make a log of {checkpoint.size}."
            )
        return note, checkpoint

    def _refuse_fork(self, note: Note, checkpoint: Checkpoint, trust: SessionTrust) -> None:
        """Refuse another root for the size that is held, wherever the batch says that it begins.

        The issuer has signed both, at whatever time its keys count: that is proof, where a root that does not fit the
        batch's entries is none to others.
        """
        if (checkpoint.origin, checkpoint.size) != (self.origin, self.tree.size):
            return
        if checkpoint.root == self.tree.root():
            return
        keys = [DatedKey(dated.key.with_name(self.origin), 0, MAX_TIME) for dated in trust.peer.log_keys]
        if verify_lines(checkpoint, note.lines, keys):
            raise LogFork(f"{trust.peer.administration} has signed two roots for {self.tree.size} of {self.origin}.")

    def _grown(self, commitments: Sequence[bytes], checkpoint: Checkpoint) -> CompactRange:
        leaves = [sha256(LEAF_PREFIX + commitment).digest() for commitment in commitments]
        after, _ = self.tree.append_all(leaves)
        if after.root() != checkpoint.root:
            raise RootMismatch(f"The entries below {checkpoint.size} of {self.origin} do not have the root signed.")
        if self.lost is not None and self.tree.size < self.lost.size <= after.size:
            again, _ = self.tree.append_all(leaves[: self.lost.size - self.tree.size])
            if again.root() != self.lost.root:
                raise LogFork(f"{self.origin} at {self.lost.size} is not what this side has receipted there.")
        return after


def _stated(unverified: Batch) -> tuple[Note, Checkpoint]:
    note = parse_note(unverified.checkpoint, CHECKPOINT_LIMITS)
    return note, parse_checkpoint(note.text)


def known_lines_only(note: Note, keys: Sequence[DatedKey]) -> Note:
    """Drop lines of keys that nobody here knows: they prove nothing, and would fill the note up to its limit."""
    known = {(dated.key.name, dated.key.key_id) for dated in keys}
    return Note(note.text, tuple(line for line in note.lines if (line.name, line.key_id) in known))
