"""A log that comes back from the partner: believed is what hashes to a root under one's own signature, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway import records
from gateway.errors import FrameMalformed, GatewayError, NoteMalformed, RootMismatch
from gateway.exchange.judging import JUDGEMENT, judged_by
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, receipt_time, require_types, verify_lines
from gateway.linklog.hashing import HASH_BYTES, SALT_BYTES, commitment, leaf_hash
from gateway.linklog.keys import DatedKey, KeyType
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.text import MAX_TIME
from gateway.linklog.tree import CompactRange
from gateway.ports.histories import HistoryEntry, ReturnedEntry, ReturnedRecord
from gateway.ports.links import Entry
from gateway.trust.descriptors import Descriptor
from mutualrecognition.federation.v1.link_pb2 import Entry as WireEntry
from mutualrecognition.records.v1.record_pb2 import Record

_NO_NODES = 64
"""No tree is so high: the inner nodes are not wanted."""


@dataclass(frozen=True, slots=True)
class ReturnedHead:
    """The newest receipted checkpoint of one's own log, as the partner gives it back: both signatures hold."""

    checkpoint: Checkpoint
    note: bytes
    receipt_time: int


def read_head(unverified: bytes, origin: str, *, own: Descriptor, partner: Descriptor) -> ReturnedHead:
    """Verify that this side signed the checkpoint and the partner its receipt, under whatever keys counted when.

    Raises:
        NoteMalformed, SignatureInvalid: it is no receipted checkpoint of this log.
    """
    note = parse_note(unverified, CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise NoteMalformed(f"A checkpoint of {origin} was due, not of {checkpoint.origin}.")
    log_keys = [DatedKey(each.key.with_name(origin), 0, MAX_TIME) for each in own.log_keys]
    signed = verify_lines(checkpoint, note.lines, log_keys)
    require_types(signed, (KeyType.NOTE_ED25519,), 0, f"{origin} at size {checkpoint.size}")
    receipt_keys = [DatedKey(each.key, 0, MAX_TIME) for each in partner.receipt_keys]
    time = receipt_time(checkpoint, note.lines, receipt_keys, require=(KeyType.COSIGNATURE_ED25519,))
    return ReturnedHead(checkpoint, unverified, time)


class ReturnedLog:
    """Collects the tree of a log that comes back part by part, from its first entry on."""

    def __init__(self, head: ReturnedHead) -> None:
        self.head = head
        self._tree = CompactRange()

    @property
    def size(self) -> int:
        """How many entries have come; the next part begins here."""
        return self._tree.size

    @property
    def complete(self) -> bool:
        """Whether all have come."""
        return self.size >= self.head.checkpoint.size

    def add(self, unverified: Sequence[WireEntry]) -> None:
        """Take the next entries.

        Raises:
            FrameMalformed: one is no entry, or there are none, or too many.
        """
        if not unverified or self.size + len(unverified) > self.head.checkpoint.size:
            raise FrameMalformed(
                f"{len(unverified)} entries came, where {self.head.checkpoint.size - self.size} are due."
            )
        leaves = [leaf_hash(read_entry(each).commitment) for each in unverified]
        self._tree, _ = self._tree.append_all(leaves, keep_every=_NO_NODES)

    def require_root(self) -> None:
        """Compare the root of what has come with the one that this side has signed.

        Raises:
            RootMismatch: they are not what was signed; nothing of it may be used.
        """
        if self._tree.root() != self.head.checkpoint.root:
            raise RootMismatch(
                f"What came back as {self.head.checkpoint.origin} does not have the root that this side signed for "
                f"{self.head.checkpoint.size} entries."
            )


def read_entry(unverified: WireEntry) -> HistoryEntry:
    """Read one entry in either form.

    Raises:
        FrameMalformed: it is in neither.
    """
    if unverified.commitment:
        if unverified.salt or unverified.record or len(unverified.commitment) != HASH_BYTES:
            raise FrameMalformed("An entry is neither salt and record nor a commitment.")
        return HistoryEntry(Entry(b"", b""), unverified.commitment)
    if len(unverified.salt) != SALT_BYTES:
        raise FrameMalformed(f"A salt has {SALT_BYTES} bytes, not {len(unverified.salt)}.")
    content = Entry(unverified.salt, unverified.record)
    return HistoryEntry(content, commitment(content.salt, content.record))


def returned_entry(index: int, returned: HistoryEntry) -> ReturnedEntry:
    """Say what a store must know of one's own record that came back."""
    return ReturnedEntry(index, returned, _described(returned.entry))


def _described(entry: Entry) -> ReturnedRecord:
    unreadable = ReturnedRecord("", "", "", "", 0, None)
    if not entry.salt:
        return unreadable
    try:
        record: Record = records.parse(entry.record)
    except GatewayError:
        return unreadable
    header, kind = record.header, records.kind_of(record)
    return ReturnedRecord(
        record_id=header.record_id,
        kind=kind,
        subject=records.subject_key(record),
        supersedes=header.supersedes,
        issued_at=header.issued_at.seconds,
        judges=judged_by(record.judgement) if kind == JUDGEMENT else None,
    )
