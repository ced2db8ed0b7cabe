"""Rules of what happens to goods on their way."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1 import movement_event_pb2 as movements
from mutualrecognition.records.v1.movement_event_pb2 import MovementEvent


def new_voyage_named(event: MovementEvent) -> bool:
    """Goods that are rolled travel with another voyage."""
    return (event.type == movements.MOVEMENT_TYPE_ROLLED) == event.HasField("new_voyage")


def containers_named(event: MovementEvent) -> bool:
    """Goods that are swapped leave one container for another."""
    if event.type == movements.MOVEMENT_TYPE_CONTAINER_SWAPPED:
        return bool(event.from_container and event.to_container) and event.from_container != event.to_container
    return not (event.from_container or event.to_container)


def itinerary_given(event: MovementEvent) -> bool:
    """A changed itinerary is given."""
    return (event.type == movements.MOVEMENT_TYPE_ITINERARY_CHANGED) == bool(event.itinerary)


SAID: Mapping[str, Holds] = {
    "movement_event.new_voyage": new_voyage_named,
    "movement_event.containers": containers_named,
    "movement_event.itinerary": itinerary_given,
}
