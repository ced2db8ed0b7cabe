"""What a link session asks of the world around it, and how the pump that serves it must do it.

The pump is whoever owns the stream and the store. It hands in events and carries out the effects that come back:

1. One event at a time; the effects of an event are begun in their order before the next event is handed in.
   Before any other event, ``started``.
2. ``Send`` is written to the stream in order. While it waits because the stream takes no more, frames are read on
   and kept, at least ``2 * window_batches + 4`` of them: all that a peer within its window may have on the way.
   With less, two busy ends wait for each other for ever; who sends more than that waits alone.
3. ``ReadPositions`` and ``ReadTrees`` are carried out at once; no frame is handed in before they are answered.
4. ``FormBatch`` and ``ResendBatch`` (at most one of both at a time), ``CommitReceipt`` (at most one) and
   ``TakeBatch`` (several, carried out one by one in their order) may run beside each other and beside frames. Each
   is answered by its event when its transaction is durable; after a failure, by ``failed`` instead.
5. ``failed`` is for errors of those five and of the stream. What ``TakeBatch`` still had before it is dropped.
6. ``Close`` is the last effect. What is under way in the store then may end there; its outcome goes nowhere.
   The sending half of the stream is closed after the last ``Send``; an acceptor adds the status.
7. ``tick`` is called by ``LinkSession.wake_at`` at the latest, in monotonic seconds; earlier does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gateway.exchange.batches import VerifiedBatch
from gateway.exchange.session_trust import AgreementRef
from gateway.ports.intake import AgreementVersion
from mutualrecognition.federation.v1.link_pb2 import LinkFrame


@dataclass(frozen=True, slots=True)
class Send:
    """Write this frame to the stream."""

    frame: LinkFrame


@dataclass(frozen=True, slots=True)
class ReadPositions:
    """Read where both logs stand (``LinkLogs.positions``); answer with ``positions_read``.

    With ``take_over`` earlier sessions of the link end first with ``superseded``, what they have under way included:
    positions that they still change would be out of date at once. At the higher id those that are open end, and no
    other: which of several greetings stays, the lower decides.
    """

    take_over: bool


@dataclass(frozen=True, slots=True)
class ReadTrees:
    """Read the two logs as they were at these sizes (``LinkLogs.tree_at``), None: not needed.

    Answer with ``trees_read``.
    """

    issued: int | None
    held: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The session is open: any earlier one of this link ends with ``superseded``, the back-off is reset.

    ``correlation_id`` is the same on both sides. ``agreements`` are those that both hold; ``differing`` says where they
    hold others, empty when they do not: records under those wait. ``peer_lost_below`` and
    ``own_lost_below`` are not 0 where a side has lost entries that it had receipted: an alarm, on both sides. This
    side sends from ``resume_from`` on; whoever owns the link counts how often it did so again (``resends``).
    """

    correlation_id: str
    agreements: tuple[AgreementRef, ...]
    peer_lost_below: int
    own_lost_below: int
    resume_from: int
    differing: str = ""


@dataclass(frozen=True, slots=True)
class FormBatch:
    """Give waiting records their indexes (``LinkLogs.form_batch``); answer with ``batch_formed``.

    ``held_back`` are the agreements in force that only this side holds; mostly none.
    """

    expected_size: int
    records: int
    size_bytes: int
    held_back: frozenset[AgreementVersion]


@dataclass(frozen=True, slots=True)
class ResendBatch:
    """Read entries that have their indexes already (``LinkLogs.formed_batch``); answer with ``batch_formed``."""

    first: int
    records: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CommitReceipt:
    """Keep the partner's receipt (``LinkLogs.commit_receipt``); answer with ``receipt_committed``."""

    size: int
    note: bytes
    receipt_time: int


@dataclass(frozen=True, slots=True)
class TakeBatch:
    """Judge and commit (``arrival.Arrival.take``); answer with ``batch_committed``."""

    batch: VerifiedBatch


@dataclass(frozen=True, slots=True)
class NoteComplete:
    """Nothing that the partner has for this side was missing here at ``at``, POSIX seconds: ``LinkLogs.note_complete``.

    Nothing waits for it, and nothing is lost where it is not carried out: it comes again.
    """

    at: int


@dataclass(frozen=True, slots=True)
class Close:
    """The session is over: end the stream; ``reasons.afterwards`` says what then.

    ``by_peer`` tells whose word the reason is. ``retry_after`` is the peer's wish in seconds, 0: none. ``evidence``
    are signed notes to be kept with the reason.
    """

    reason: str
    detail: str
    by_peer: bool
    retry_after: int = 0
    evidence: tuple[bytes, ...] = ()


Effect: TypeAlias = (
    Send
    | ReadPositions
    | ReadTrees
    | Opened
    | FormBatch
    | ResendBatch
    | CommitReceipt
    | TakeBatch
    | NoteComplete
    | Close
)
