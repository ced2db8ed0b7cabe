"""Which records are one consignment's, out of all that name the same boxes and papers.

Records of goods join by what they have in common (``Sighting.tokens``). What names a box alone goes to the consignment
in that box nearest in time. A *notice*, an alert or its answer, may name goods of many consignments: a no-load of forty
boxes does not make them one. It stands in the story of each of them, with what it names of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.views.sightings import Sighting

WINDOW_SECONDS: Final = 30 * 24 * 3600
"""How far from a consignment's known life a box is still believed to hold it."""


def place(each: Sighting) -> tuple[int, int, str]:
    """Give where a record stands in a story: by when what it tells of happened."""
    return each.at, each.record.header.issued_at.seconds, each.record_id


def consignments_among(sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """Split sightings into consignments, each in the order in which what it tells of happened.

    A notice joins nothing. It is put to each consignment that it names, with what it names of it.
    """
    goods = [each for each in sightings if not each.is_notice]
    groups = _joined([each for each in goods if each.tokens])
    loose = []
    for each in goods:
        if not each.tokens:
            nearest = min(_candidates(each, groups), default=None)
            if nearest is None:
                loose.append(each)
            else:
                groups[nearest[1]].append((each, True))
    found = [[each for each, _ in group] for group in groups] + list(_by_gaps(loose))
    _put_notices([each for each in sightings if each.is_notice], found)
    return [sorted(group, key=place) for group in found]


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
        yield from _split(by_boxes[boxes])


def _split(about_one_box: Iterable[Sighting]) -> Iterator[list[Sighting]]:
    group: list[Sighting] = []
    for each in sorted(about_one_box, key=place):
        if group and each.at - group[-1].at > WINDOW_SECONDS:
            yield group
            group = []
        group.append(each)
    yield group


def _put_notices(notices: Sequence[Sighting], groups: list[list[Sighting]]) -> None:
    """Put each notice to the consignments that it names; what it names and nobody knows is a consignment of its own."""
    known = [tuple(group) for group in groups]
    alone: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for notice in notices:
        there: dict[int, set[str]] = defaultdict(set)
        for document in sorted(notice.documents):
            about = [number for number, group in enumerate(known) if _names_document(group, document)]
            for number in about:
                there[number].add(document)
            if not about:
                alone["document", document].append(notice)
        for container in sorted(notice.containers):
            nearest = min(_in_box(notice, container, known), default=None)
            if nearest is None:
                alone["container", container].append(notice)
            else:
                there[nearest[1]].add(container)
        for number, names in there.items():
            groups[number].append(notice.about(names, ucrs=[each.ucr for each in known[number]]))
    for (_, name), about_it in sorted(alone.items()):
        groups += _split(each.about({name}, ucrs=()) for each in about_it)


def _names_document(group: Sequence[Sighting], document: str) -> bool:
    return any(document in each.documents or document in each.linked for each in group)


def _in_box(notice: Sighting, container: str, groups: Sequence[Sequence[Sighting]]) -> Iterator[tuple[int, int]]:
    """Give how far in time each consignment is that was in a box, and its number."""
    for number, group in enumerate(groups):
        if _held(group, container, notice.at):
            distance = max(min(each.at for each in group) - notice.at, notice.at - max(each.at for each in group), 0)
            if distance <= WINDOW_SECONDS:
                yield distance, number
