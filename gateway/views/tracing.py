"""Finding all records that may be about a consignment: from the keys asked for, over the keys that these lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed
from gateway.ports.views import ViewIndex
from gateway.views.consignments import Asked, ConsignmentView, consignment_views
from gateway.views.gathering import gather
from gateway.views.keys import aside
from gateway.views.sightings import Sighting, sighting

FURTHER_KEYS: Final = 200
"""Keys followed from the records found first; a master with thousands of houses is not followed into each."""


@dataclass(frozen=True, slots=True)
class Traced:
    """The consignments, latest first; ``truncated`` when there was more than is ever followed."""

    views: tuple[ConsignmentView, ...]
    truncated: bool


class ConsignmentTracer:
    """Answers about consignments out of the view index."""

    def __init__(self, index: ViewIndex) -> None:
        self._index = index

    async def trace(self, asked: Asked) -> Traced:
        """Give what is known under the keys asked for.

        Raises:
            Malformed: no key is named.
        """
        keys = _keys(asked.containers, asked.documents, [asked.ucr], [asked.mrn])
        if not keys:
            raise Malformed("Name the consignment by a container, a transport document, a UCR or an MRN.")
        first = await gather(self._index, keys)
        sightings = {each.sequence: sighting(each) for each in first.records}
        further = _keys_of(each for each in sightings.values() if not each.is_notice) - keys
        followed = frozenset(sorted(further)[:FURTHER_KEYS])
        second = await gather(self._index, followed, without=sightings.keys()) if followed else None
        for each in second.records if second else ():
            sightings[each.sequence] = sighting(each)
        truncated = first.truncated or bool(second and second.truncated) or len(further) > FURTHER_KEYS
        return Traced(consignment_views(sightings.values(), asked), truncated)

    async def next_under(self, keys: frozenset[str], after: int) -> int:
        """Give the sequence of the first record under one of the keys after a place; 0 when there is none yet."""
        page = await self._index.records_under(keys | aside(keys), after=after, limit=1)
        return page[0].sequence if page else 0


def keys_followed(asked: Asked, traced: Traced) -> frozenset[str]:
    """Give every key under which a new record would change the answer: those asked for and those of its records."""
    entries = [entry.sighting for view in traced.views for entry in view.timeline]
    own = frozenset(f"record:{each.record_id}" for each in entries)
    return _keys(asked.containers, asked.documents, [asked.ucr], [asked.mrn]) | _keys_of(entries) | own


def _keys_of(sightings: Iterable[Sighting]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for each in sightings:
        found |= _keys(each.containers, each.documents | each.linked, [each.ucr], [each.mrn])
    return found


def _keys(
    containers: Iterable[str], documents: Iterable[str], ucrs: Iterable[str], mrns: Iterable[str]
) -> frozenset[str]:
    named = (("container", containers), ("document", documents), ("ucr", ucrs), ("mrn", mrns))
    return frozenset(f"{name}:{value}" for name, values in named for value in values if value)
