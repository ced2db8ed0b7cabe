"""What is known of goods: one timeline, out of records that name them by different keys.

A container is reused, a UCR covers a contract that travels in parts, so a key alone does not join records. Records
belong to one consignment when they share a transport document (their own, or one that links a house to its master) or
an MRN, or a container together with a UCR or a voyage. What names a container alone is put to the consignment in that
box nearest in time, within 30 days, and marked WEAK. STRONG is a document, an MRN, or a container with a UCR. The
result depends on the records alone, not on the order in which they came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.views.sightings import Sighting

WINDOW_SECONDS: Final = 30 * 24 * 3600
"""How far from a consignment's known life a box is still believed to hold it."""


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
    record counts once.
    """
    unique = {(each.record_id, each.stored.direction): each for each in sightings}
    ordered = sorted(unique.values(), key=_place)
    successors = _successors(ordered)
    goods = [
        each for each in ordered if each.record.WhichOneof("body") != "withdrawal" and each.tokens | each.containers
    ]
    views = [_view(group, asked, successors) for group in _groups(goods) if _fits(group, asked)]
    return tuple(sorted(views, key=lambda view: (view.last_at, view.timeline[0].sighting.record_id), reverse=True))


def _groups(sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """Split sightings into consignments."""
    groups = _joined([each for each in sightings if each.tokens])
    loose = []
    for each in sightings:
        if not each.tokens:
            nearest = min(_candidates(each, groups), default=None)
            if nearest is None:
                loose.append(each)
            else:
                groups[nearest[1]].append((each, True))
    found = [sorted((each for each, _ in group), key=_place) for group in groups]
    return found + list(_by_gaps(loose))


def _joined(sightings: Sequence[Sighting]) -> list[list[tuple[Sighting, bool]]]:
    """Join sightings that share a token, over any number of steps."""
    parent = list(range(len(sightings)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[str, int] = {}
    for number, each in enumerate(sightings):
        for token in each.tokens:
            one, other = root(first.setdefault(token, number)), root(number)
            parent[max(one, other)] = min(one, other)
    groups: dict[int, list[tuple[Sighting, bool]]] = defaultdict(list)
    for number, each in enumerate(sightings):
        groups[root(number)].append((each, False))
    return list(groups.values())


def _candidates(each: Sighting, groups: Sequence[Sequence[tuple[Sighting, bool]]]) -> Iterator[tuple[int, int]]:
    """Give how far in time each consignment is that was in one of the record's boxes at that time, and its number."""
    for number, group in enumerate(groups):
        members = [member for member, is_loose in group if not is_loose]
        if not any(_held(members, container, each.at) for container in each.containers):
            continue
        begin, end = min(member.at for member in members), max(member.at for member in members)
        distance = max(begin - each.at, each.at - end, 0)
        if distance <= WINDOW_SECONDS:
            yield distance, number


def _held(members: Sequence[Sighting], container: str, at: int) -> bool:
    """Tell whether these goods were in the container then: not after they left it, not before they came into it."""
    if not any(container in member.containers for member in members):
        return False
    left = [member.at for member in members if member.swap and member.swap[0] == container]
    entered = [member.at for member in members if member.swap and member.swap[1] == container]
    return not (left and at > max(left)) and not (entered and at < min(entered))


def _by_gaps(loose: Sequence[Sighting]) -> Iterator[list[Sighting]]:
    """Split records that name a box alone wherever nothing is heard of that box for longer than the window."""
    by_boxes: dict[frozenset[str], list[Sighting]] = defaultdict(list)
    for each in loose:
        by_boxes[each.containers].append(each)
    for boxes in sorted(by_boxes, key=sorted):
        group: list[Sighting] = []
        for each in sorted(by_boxes[boxes], key=_place):
            if group and each.at - group[-1].at > WINDOW_SECONDS:
                yield group
                group = []
            group.append(each)
        yield group


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


def _place(each: Sighting) -> tuple[int, int, str]:
    return each.at, each.record.header.issued_at.seconds, each.record_id


def _all(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
