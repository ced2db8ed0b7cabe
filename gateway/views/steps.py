"""What the lives of requests and alerts have in common: steps, each with who took it, when, and in which record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.ports.links import Direction
from gateway.ports.records import StoredRecord
from mutualrecognition.records.v1.record_pb2 import Record


class Ground(StrEnum):
    """What a step rests on."""

    RECORD = "RECORD"
    """A record of who took it."""
    RECEIPT = "RECEIPT"
    """The partner's gateway signed for the record."""
    GOODS = "GOODS"
    """What happened to the goods."""
    CLOCK = "CLOCK"
    """A deadline passed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a life. ``by`` is an administration, empty for the clock. Times are POSIX seconds.

    ``fault`` says why the step does not count: it leads nowhere from where the life stood, or was taken back. Such a
    step is told like any other. ``record_id`` is empty for the clock. ``known_at`` is when this node had the record.
    """

    state: str
    at: int
    by: str
    ground: Ground
    record_id: str
    known_at: int
    fault: str = ""
    remark: str = ""

    @property
    def counts(self) -> bool:
        """Whether the life went this step."""
        return not self.fault


@dataclass(frozen=True, slots=True)
class Saying:
    """A record read once, with what folds ask of it first."""

    stored: StoredRecord
    record: Record

    @property
    def record_id(self) -> str:
        """Its id."""
        return self.stored.record_id

    @property
    def issuer(self) -> str:
        """Who says it."""
        return self.record.header.issuer

    @property
    def at(self) -> int:
        """When it was said."""
        return self.record.header.issued_at.seconds

    @property
    def received(self) -> bool:
        """Whether a partner says it."""
        return self.stored.direction is Direction.RECEIVED

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among others: the ids of one second ascend."""
        return self.at, self.record_id

    def parties(self, own: str) -> frozenset[str]:
        """Give to whom it was said: to this administration, or to partners."""
        return frozenset([own]) if self.received else frozenset(each.partner for each in self.stored.deliveries)


def read(stored: StoredRecord) -> Saying:
    """Read a record."""
    return Saying(stored, Record.FromString(stored.record))


def read_each_once(records: Iterable[StoredRecord]) -> list[Saying]:
    """Read records, each once. An issuer says one thing under an id; under that id another may say something else.

    A record that goes to several partners has one id for all of them, so any of them knows it.
    """
    return [read(each) for each in {(each.whose, each.record_id): each for each in records}.values()]


def receipted_at(saying: Saying, partner: str) -> int | None:
    """Give when the receiver's gateway signed for a record, if it did and the receipt is here."""
    if saying.received:
        receipts = [each.receipted_at for each in saying.stored.deliveries if each.receipted_at is not None]
        return min(receipts, default=saying.stored.stored_at)
    return next((each.receipted_at for each in saying.stored.deliveries if each.partner == partner), None)


def successors(sayings: list[Saying]) -> dict[tuple[str, str], Saying]:
    """Give what replaced or withdrew each record of an issuer: the last that it said of it."""
    found: dict[tuple[str, str], Saying] = {}
    for each in sorted(sayings, key=lambda each: each.place):
        if each.record.header.supersedes:
            found[each.issuer, each.record.header.supersedes] = each
    return found
