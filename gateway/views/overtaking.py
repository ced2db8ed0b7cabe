"""Which movements overtake a request: goods that were loaded or left can no longer be dealt with where they were.

The consignment of the request is found as everywhere (``gateway.views.consignments``): by documents, MRN, container
with UCR or voyage, over swaps and new voyages. A box that is named alone may be another use of it, so a movement that
is bound to the request by a box alone counts only after the request was made. Of a master's many boxes only those count
in which the goods are. A screening and an answer in words may be asked for after loading, so for them too only later
movements count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.views.consignments import Asked, ConsignmentView, Fate, Strength, TimelineEntry
from gateway.views.requests import Gone
from gateway.views.sightings import Sighting
from gateway.views.steps import Saying
from mutualrecognition.records.v1 import movement_event_pb2 as movement
from mutualrecognition.records.v1.screening_result_pb2 import SCREENING_STAGE_PRE_ARRIVAL, SCREENING_STAGE_TRANSIT

_GONE: Final = frozenset({movement.MOVEMENT_TYPE_LOADED, movement.MOVEMENT_TYPE_DEPARTED})
_LATER_STAGES: Final = frozenset({SCREENING_STAGE_PRE_ARRIVAL, SCREENING_STAGE_TRANSIT})


def goods_of(request: Saying) -> Asked | None:
    """Give by which keys to look for the goods of a request; None when it is not about goods that may leave."""
    kind = request.stored.kind
    body = getattr(request.record, kind)
    if not body.HasField("consignment"):
        return None
    if kind == "screening_request" and body.stage in _LATER_STAGES:
        return None
    reference = body.consignment
    return Asked(
        containers=frozenset(reference.container_numbers),
        documents=frozenset(each.number for each in reference.transport_documents),
        ucr=reference.ucr,
        mrn=reference.mrn,
    )


def gone_since(request: Saying, views: Iterable[ConsignmentView]) -> tuple[Gone, ...]:
    """Give the movements that overtake a request, out of the consignments that are known under one of its keys."""
    found = [gone for view in views for gone in _in_view(request, view)]
    return tuple(sorted(found, key=lambda gone: (gone.at, gone.saying.record_id)))


def _in_view(request: Saying, view: ConsignmentView) -> Iterator[Gone]:
    asked = request.stored.whose, request.record_id
    own = next((each for each in view.timeline if _name(each.sighting) == asked), None)
    if own is None:
        return
    boxes = _boxes(own.sighting, view.timeline)
    for entry in view.timeline:
        if not _moves(entry) or not _same_goods(entry.sighting, own.sighting, boxes):
            continue
        loosely = Strength.WEAK in (own.strength, entry.strength)
        asked_in_vain = request.stored.kind == "control_request" and not loosely
        if entry.sighting.at >= request.at or asked_in_vain:
            yield Gone(Saying(entry.sighting.stored, entry.sighting.record), entry.sighting.at)


def _name(each: Sighting) -> tuple[str, str]:
    return each.stored.whose, each.record_id


def _moves(entry: TimelineEntry) -> bool:
    record = entry.sighting.record
    moved = record.WhichOneof("body") == "movement_event" and record.movement_event.type in _GONE
    return moved and entry.fate is Fate.STANDS


def _boxes(own: Sighting, timeline: Sequence[TimelineEntry]) -> frozenset[str]:
    """Give the boxes in which the goods are or were: those named, or else those that their documents name."""
    boxes = own.containers or frozenset(
        number for entry in timeline if entry.sighting.documents & own.documents for number in entry.sighting.containers
    )
    for entry in timeline:
        swap = entry.sighting.swap
        if swap is not None and swap[0] in boxes:
            boxes |= {swap[1]}
    return boxes


def _same_goods(moved: Sighting, own: Sighting, boxes: frozenset[str]) -> bool:
    if moved.containers and boxes:
        return not moved.containers.isdisjoint(boxes)
    return bool(moved.documents & (own.documents | own.linked)) or not moved.containers
