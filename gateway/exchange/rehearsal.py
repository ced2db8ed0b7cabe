"""A rehearsal: what a new version of an agreement would have done to records of the last days.

Each record is held against the trust book as it is and against one in which the new version counts, as if it were
submitted, or arrived, under each of them. Nobody need have signed the new version, and nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway import records
from gateway.exchange.release import purpose_name
from gateway.trust.agreements import Agreement, newest_in_force
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.record_pb2 import Record


class Outcome(StrEnum):
    """What becomes of a record under the new version."""

    SAME = "SAME"
    NEW = "NEW"
    MORE = "MORE"
    REDUCED = "REDUCED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Row:
    """So many records of one kind and purpose on one way; ``fields`` are those that go more, or no more."""

    sender: str
    receiver: str
    kind: str
    purpose: str
    outcome: Outcome
    fields: tuple[str, ...]
    count: int


def with_version(book: TrustBook, new: Agreement) -> TrustBook:
    """Give a book in which ``new`` alone counts of its id, whoever has signed it."""
    others = tuple(each for each in book.agreements if each.terms.id != new.terms.id)
    return replace(book, agreements=(*others, new))


def rehearse(found: Iterable[Record], old: TrustBook, new: TrustBook, *, now: int, at: int) -> tuple[Row, ...]:
    """Hold records against two books: ``old`` at ``now``, ``new`` at ``at``, when its version counts.

    A record of this administration is held against every partner; a received one, which holds only what its issuer
    has released already, against its issuer's way to here.
    """
    counted: Counter[tuple[str, str, str, str, Outcome, tuple[str, ...]]] = Counter()
    for record in found:
        for sender, receiver in _ways(record, old.own, old.partners):
            outcome, fields = _compare(record, sender, receiver, (old, now), (new, at))
            if outcome is not None:
                purpose = purpose_name(record.header.purpose)
                counted[sender, receiver, records.kind_of(record), purpose, outcome, fields] += 1
    return tuple(Row(*key, count) for key, count in sorted(counted.items()))


def _ways(record: Record, own: str, partners: Iterable[str]) -> Iterator[tuple[str, str]]:
    issuer = record.header.issuer
    if issuer == own:
        yield from ((own, partner) for partner in partners)
    else:
        yield issuer, own


def _compare(
    record: Record, sender: str, receiver: str, before: tuple[TrustBook, int], after: tuple[TrustBook, int]
) -> tuple[Outcome | None, tuple[str, ...]]:
    was = _withheld(record, sender, receiver, *before)
    becomes = _withheld(record, sender, receiver, *after)
    if was is None and becomes is None:
        return None, ()
    if was is None or becomes is None:
        return (Outcome.NEW, ()) if was is None else (Outcome.REFUSED, ())
    fewer, more = sorted(becomes - was), sorted(was - becomes)
    if fewer:
        return Outcome.REDUCED, tuple(fewer)
    return (Outcome.MORE, tuple(more)) if more else (Outcome.SAME, ())


def _withheld(record: Record, sender: str, receiver: str, book: TrustBook, at: int) -> frozenset[str] | None:
    """Give the fields that stay behind, None when the record does not go at all."""
    kind, purpose = records.kind_of(record), purpose_name(record.header.purpose)
    for agreement in newest_in_force(book.agreements, sender, receiver, at):
        selection = agreement.releases(sender, receiver, kind, purpose, at)
        if selection is None:
            continue
        fields = records.FieldSelection(kind, selection.paths or {records.EVERYTHING})
        if fields.withheld and records.check(fields.apply(record)):
            return None  # it would be refused: without these fields it breaks a rule
        return frozenset(fields.withheld_from(record))
    return None
