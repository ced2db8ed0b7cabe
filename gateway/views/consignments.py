"""What is known of goods: one timeline, out of records that name them by different keys.

A container is reused, a UCR covers a contract that travels in parts, so a key alone does not join records. Records
belong to one consignment when they share a transport document (their own, or one that links a house to its master) or
an MRN, or a container together with a UCR or a voyage. What names a container alone is put to the consignment in that
box nearest in time, within 30 days, and marked WEAK. STRONG is a document, an MRN, or a container with a UCR. An alert
joins nothing: it stands in the story of every consignment that it names. The result depends on the records alone, not
on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.views.grouping import WINDOW_SECONDS, consignments_among, place
from gateway.views.sightings import Sighting


class Strength(StrEnum):
    """How surely a record is about this consignment."""

    STRONG = "STRONG"
    WEAK = "WEAK"


class Fate(StrEnum):
    """Whether a record still stands."""

    STANDS = "STANDS"
    CORRECTED = "CORRECTED"
    WITHDRAWN = "WITHDRAWN"


class Relation(StrEnum):
    """How a record's goods stand to those that were asked for."""

    SAME = "SAME"
    MASTER = "MASTER"
    HOUSE = "HOUSE"
    BESIDE = "BESIDE"
    """Another house's goods in the same box."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: one key or several, and optionally when."""

    containers: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    ucr: str = ""
    mrn: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One record in the story of a consignment. ``by`` is the record_id that corrected or withdrew it."""

    sighting: Sighting
    strength: Strength
    relation: Relation
    fate: Fate
    by: str


@dataclass(frozen=True, slots=True)
class ConsignmentView:
    """One consignment: the keys that its records name, when it was first and last seen, and its timeline.

    ``swaps`` are containers left and entered, in order. ``voyages`` has several when the goods were rolled.
    """

    containers: tuple[str, ...]
    documents: tuple[str, ...]
    ucrs: tuple[str, ...]
    mrns: tuple[str, ...]
    voyages: tuple[str, ...]
    swaps: tuple[tuple[str, str], ...]
    first_at: int
    last_at: int
    timeline: tuple[TimelineEntry, ...]


def consignment_views(sightings: Iterable[Sighting], asked: Asked) -> tuple[ConsignmentView, ...]:
    """Give the consignments that fit, the latest first; several where a box was used again.

    ``sightings`` may hold more than what was asked for: other uses of the same boxes, successors of records. Each
    record counts once; an alert and its answers once in each consignment that they name.
    """
    unique = {(each.stored.whose, each.record_id): each for each in sightings}
    ordered = sorted(unique.values(), key=place)
    successors = _successors(ordered)
    goods = [
        each for each in ordered if each.record.WhichOneof("body") != "withdrawal" and each.tokens | each.containers
    ]
    views = [_view(group, asked, successors) for group in consignments_among(goods) if _fits(group, asked)]
    return tuple(sorted(views, key=lambda view: (view.last_at, view.timeline[0].sighting.record_id), reverse=True))


def _fits(group: Sequence[Sighting], asked: Asked) -> bool:
    """Tell whether a consignment has every key that was asked for, some under each, and was there at that time."""
    containers = {number for each in group for number in each.containers}
    documents = {number for each in group for number in each.documents | each.linked}
    wanted = (
        (asked.containers, containers),
        (asked.documents, documents),
        (frozenset(filter(None, [asked.ucr])), {each.ucr for each in group}),
        (frozenset(filter(None, [asked.mrn])), {each.mrn for each in group}),
    )
    if any(keys and keys.isdisjoint(there) for keys, there in wanted):
        return False
    if asked.at is None:
        return True
    return (
        min(each.at for each in group) - WINDOW_SECONDS <= asked.at <= max(each.at for each in group) + WINDOW_SECONDS
    )


def _view(group: Sequence[Sighting], asked: Asked, successors: dict[tuple[str, str], Sighting]) -> ConsignmentView:
    houses = frozenset(number for each in group for number in each.houses)
    return ConsignmentView(
        containers=_all(number for each in group for number in each.containers),
        documents=_all(number for each in group for number in each.documents),
        ucrs=_all(each.ucr for each in group if each.ucr),
        mrns=_all(each.mrn for each in group if each.mrn),
        voyages=_all(voyage for each in group for voyage in each.voyages),
        swaps=tuple(each.swap for each in group if each.swap),
        first_at=min(each.at for each in group),
        last_at=max(each.at for each in group),
        timeline=tuple(_entry(each, asked, houses, successors) for each in group),
    )


def _entry(
    each: Sighting, asked: Asked, houses: frozenset[str], successors: dict[tuple[str, str], Sighting]
) -> TimelineEntry:
    strength = Strength.STRONG if each.is_corroborated else Strength.WEAK
    successor = successors.get((each.record.header.issuer, each.record_id))
    if successor is None:
        fate = Fate.STANDS
    else:
        withdrawn = successor.record.WhichOneof("body") == "withdrawal"
        fate = Fate.WITHDRAWN if withdrawn else Fate.CORRECTED
    return TimelineEntry(each, strength, _relation(each, asked, houses), fate, successor.record_id if successor else "")


def _relation(each: Sighting, asked: Asked, houses: frozenset[str]) -> Relation:
    """Tell how a record's documents stand to those asked for; without a document, nothing sets goods in a box apart."""
    if not asked.documents or not each.documents or each.documents & asked.documents:
        return Relation.SAME
    if asked.documents & houses:
        return Relation.BESIDE if each.documents & houses else Relation.MASTER
    return Relation.HOUSE if each.documents & houses else Relation.BESIDE


def _successors(sightings: Iterable[Sighting]) -> dict[tuple[str, str], Sighting]:
    """Give what replaced or withdrew each record: the last that the same issuer said."""
    found: dict[tuple[str, str], Sighting] = {}
    for each in sorted(sightings, key=lambda each: (each.record.header.issued_at.seconds, each.record_id)):
        header = each.record.header
        if header.supersedes:
            found[header.issuer, header.supersedes] = each
    return found


def _all(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
