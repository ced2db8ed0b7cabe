"""The intake: what the national system submits, made durable together with whom it goes to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from gateway.values import value
from mutualrecognition.records.v1.record_pb2 import Record


class Priority(IntEnum):
    """How soon a record leaves among those that wait for the same partner; lower goes first."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


@value
class AgreementVersion:
    """An agreement, named as a record's header names it."""

    id: str
    version: int


@value
class Outgoing:
    """The released form of a record for one partner: only fields that the agreement lets through.

    Partners with the same release profile share one ``record`` (the same bytes object), and a store keeps it once.
    ``agreement`` is what releases it; None for a judgement, which needs none.
    """

    partner: str
    record: bytes
    agreement: AgreementVersion | None = None


@value
class Judged:
    """What a record of kind ``judgement`` says: its receiver's verdict on entries of the log ``origin``.

    ``ranges`` are leaf indexes from first to last, both included. ``verdict`` is QUARANTINED, REFUSED or ACCEPTED.
    """

    origin: str
    ranges: tuple[tuple[int, int], ...]
    verdict: str


@value
class Admission:
    """One submission that passed every check, ready to be stored.

    ``client`` and ``request_id`` name the submission; ``digest`` (SHA-256) is of what the client sent, so that a
    repeat is told from a reused id. ``statement`` is the completed record before release. ``subject`` is the text
    key of what it is about. ``supersedes`` is a record_id or empty. ``answer`` is the serialized result that the
    client gets, now and on every repeat. ``stored_at`` is in POSIX seconds. ``judges`` is what a judgement record
    says about the log of the partner that it goes to; a store keeps nothing of it when that partner has no such log.
    ``parsed`` is the statement again, for a store that would have to parse it; nobody changes it any more.
    """

    client: str
    request_id: str
    digest: bytes
    record_id: str
    kind: str
    subject: str
    supersedes: str
    statement: bytes
    outgoing: tuple[Outgoing, ...]
    priority: Priority
    answer: bytes
    stored_at: int
    judges: Judged | None = None
    parsed: Record | None = None


@value
class Admitted:
    """Stored, or stored before: ``answer`` is what the client gets either way, ``repeat`` tells them apart."""

    answer: bytes
    repeat: bool


@value
class Reused:
    """The request id was used before with other bytes; nothing was stored."""

    request_id: str


@value
class Earlier:
    """What a request id was used for before: the digest of what the client sent, and the answer that it got."""

    digest: bytes
    answer: bytes


@value
class Issued:
    """A record that this node issued: ``statement`` is its bytes before release, ``recipients`` are partners."""

    statement: bytes
    recipients: frozenset[str]


class Intake(Protocol):
    """Takes submissions."""

    async def admit(self, admissions: Sequence[Admission]) -> Sequence[Admitted | Reused]:
        """Store submissions and put their released forms into the outboxes; one outcome each, in order.

        One that may leave sooner than what waits for the same partner about the same subject takes that along, in
        order, so that it never overtakes its own history. Within one call the same request id may occur twice.
        """
        ...

    async def issued(self, record_ids: Collection[str]) -> Mapping[str, Issued]:
        """For each of these records that this node issued: what it said, and to whom it was released."""
        ...

    async def answered(self, client: str, request_ids: Collection[str]) -> Mapping[str, Earlier]:
        """For each of this client's request ids that was used before: what for."""
        ...

    async def refuse_when_full(self) -> None:
        """Raise StoreFull while the disk has less room than the configured reserve; intake asks before it works."""
        ...
