"""The link logs: both directions of every link, as a store keeps them.

A link log is named by its origin. The *issued* log is this node's own, its entries are numbered when a batch
forms; the *held* log is the partner's, replicated. One session at a time owns a link, but nothing here depends on
that: every change names the size that it starts from, and one that starts from another size is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from gateway.errors import Violation
from gateway.linklog.tree import CompactRange
from gateway.ports.incidents import Breach
from gateway.ports.intake import Admission, AgreementVersion, Judged
from gateway.values import value
from mutualrecognition.records.v1.record_pb2 import Record


class Direction(StrEnum):
    """Which way a record went."""

    ISSUED = "ISSUED"
    RECEIVED = "RECEIVED"


@value
class Entry:
    """One entry of a link log: a salt of 16 bytes and the exact bytes of the record.

    Both are empty for an entry whose content its issuer has erased: its commitment is all that is left.
    """

    salt: bytes
    record: bytes


@value
class FormedBatch:
    """Consecutive entries of the issued log whose indexes are committed; ``tree`` is the log after the last one."""

    first: int
    entries: tuple[Entry, ...]
    tree: CompactRange


class Standing(StrEnum):
    """Whether a received record may be used."""

    ACCEPTED = "ACCEPTED"
    QUARANTINED = "QUARANTINED"


@value
class JudgedEntry:
    """A received entry with what this node thinks of it.

    ``record_id``, ``kind``, ``subject`` and ``supersedes`` are empty where the record could not be read.
    ``commitment`` is SHA-256(salt || record). ``judges`` is what a judgement record says about this node's issued
    log; a store keeps nothing of it when it speaks of another log. ``parsed`` is the entry's record again, for a store
    that would have to parse it.
    """

    entry: Entry
    commitment: bytes
    record_id: str
    kind: str
    subject: str
    supersedes: str
    standing: Standing
    violations: tuple[Violation, ...]
    judges: Judged | None = None
    parsed: Record | None = None


@value
class ReceivedBatch:
    """A verified batch of the partner's log, judged, with the receipt that its commit makes true.

    ``before`` is the log that this side held, ``after`` the log with these entries. ``note`` is the checkpoint with
    both sides' signatures; with the issuer's alone where this side takes entries again that it lost. ``judgements``
    are this node's own records about quarantined entries, to be admitted in the same transaction; mostly none. A
    batch without entries signs the present size anew: only the note changes.
    """

    partner: str
    origin: str
    before: CompactRange
    entries: tuple[JudgedEntry, ...]
    after: CompactRange
    note: bytes
    received_at: int
    judgements: tuple[Admission, ...]


@value
class LogState:
    """One log as stored. ``tree`` is its head; ``receipted`` and ``note`` the newest checkpoint with both signatures.

    ``note`` is empty while nothing was receipted. For the held log ``receipted == tree.size``. ``receipt_time`` is
    the time inside the newest receipt, POSIX seconds, 0 when none. ``restored_at`` is not 0 where the store was
    restored from a copy: this node's own log is then never gone on with.
    """

    origin: str
    generation: int
    tree: CompactRange
    receipted: int
    note: bytes
    receipt_time: int
    restored_at: int = 0


@value
class LinkPositions:
    """Everything that a session must know of the stored logs when it opens."""

    partner: str
    issued: LogState
    held: LogState


@value
class LinkStatus:
    """What an operator sees of a link in the store. ``oldest_unreceipted`` is POSIX seconds or None.

    ``complete_as_of`` is up to when the partner was heard, POSIX seconds, 0 when it never was: the later one of the
    newest receipt that this side gave it and of its word that nothing more waits (``note_complete``). While it catches
    up after an absence, what ends benefits comes before the rest.
    """

    partner: str
    issued: LogState
    held: LogState
    waiting: int
    oldest_unreceipted: int | None
    suspended: str
    complete_as_of: int = 0


class LinkLogs(Protocol):
    """Both logs of every link."""

    async def positions(self, partner: str, *, issued_origin: str, held_origin: str) -> LinkPositions:
        """Where both logs in use stand, whatever their generations; the origins are those of generation 1.

        Logs that do not exist are created empty, in generation 1.
        """
        ...

    async def form_batch(
        self,
        partner: str,
        *,
        expected_size: int,
        records: int,
        size_bytes: int,
        held_back: Collection[AgreementVersion] = (),
    ) -> FormedBatch | None:
        """Give the next waiting records their indexes, urgent ones first, and commit; None when nothing waits.

        At most ``records`` entries and ``size_bytes`` bytes of salts and records, but always at least one record.
        What was released under an agreement of ``held_back`` waits on, and the rest goes in its order.
        A log that is not at ``expected_size`` is refused with OutOfOrder: another session owns it now. One of a store
        that was restored from a copy is refused with LogRollback.
        """
        ...

    async def formed_batch(self, partner: str, *, first: int, records: int, size_bytes: int) -> FormedBatch | None:
        """Entries that have their indexes already, from ``first`` on, for sending again; None at the log's end.

        Ends where a batch ended when it was formed, so that only heads are signed that were committed as such. A
        batch that was formed under wider limits is cut at these; its tree is computed then.
        """
        ...

    async def tree_at(self, partner: str, *, direction: Direction, size: int) -> CompactRange:
        """The issued or the held log as it was at ``size``, for comparing its root with what a partner shows.

        ``size`` need not be where a batch ended. Raises Absent when the log never had that many entries.
        """
        ...

    async def commit_receipt(self, partner: str, *, size: int, note: bytes, receipt_time: int) -> None:
        """Keep the partner's receipt: ``note`` is the checkpoint of ``size`` with both sides' signatures.

        A receipt for a size below the newest one changes nothing, nor does one of an earlier time for the same size;
        another for the same size signs that size anew. One beyond the log's size is OutOfOrder.
        """
        ...

    async def commit_batch(self, batch: ReceivedBatch) -> None:
        """Store received entries, the receipt and the judgement; refused with OutOfOrder unless at ``batch.before``.

        Records of quarantined entries are stored and provable, but no reader is given them unasked. A judgement
        record *inside* the batch is kept like any record; ``Records`` shows it with the record that it is about.

        Where the partner says that an operator withdrew its consent (``gateway.views.consent``), the content of what
        it stated on that operator before is erased, record and salt, before this returns: hence before the receipt.
        That is true of what comes after the tombstone without new consent as well. Commitments stay.
        """
        ...

    async def known_records(self, partner: str, record_ids: Collection[str]) -> frozenset[str]:
        """Which of these ids the partner has used already in its log to us."""
        ...

    async def accepted_records(self, partner: str, record_ids: Collection[str]) -> Mapping[str, bytes]:
        """The exact bytes of those of these records that the partner's log to us has and that were accepted.

        What was erased since has none, and is left out.
        """
        ...

    async def note_complete(self, partner: str, *, at: int) -> None:
        """Keep that the partner had nothing more for this side at ``at``, POSIX seconds; an earlier time says nothing.

        It has no audit entry of its own: it changes nothing that anybody has said.
        """
        ...

    async def statuses(self) -> Sequence[LinkStatus]:
        """Every link, in the order of the partners' ids."""
        ...

    async def suspend(
        self, partner: str, *, reason: str, detail: str, actor: str, breach: Breach | None = None
    ) -> None:
        """Suspend (a reason) or resume (an empty reason) a link, with an audit entry.

        With a ``breach`` the incident is kept in the same transaction, its notes and this side's own (``Incidents``).
        """
        ...
