"""One record as it bears on goods: by which keys it names them, and when what it tells of happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.ports.links import Direction
from gateway.ports.records import StoredRecord
from mutualrecognition.records.v1.consignment_ref_pb2 import DOCUMENT_LEVEL_HOUSE, ConsignmentRef, Voyage
from mutualrecognition.records.v1.movement_event_pb2 import MOVEMENT_TYPE_CONTAINER_SWAPPED
from mutualrecognition.records.v1.record_pb2 import Record

_HAPPENED: Final = {
    "inspection_outcome": ("ended_at", "started_at"),
    "screening_result": ("performed_at",),
    "seal_event": ("at",),
    "movement_event": ("at",),
    "arrival_feedback": ("arrived_at",),
    "reliance_notice": ("decided_at",),
}
"""Which field tells when it happened, the best first; without any, it is when it was stated."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record with the keys by which it names goods.

    ``at`` is POSIX seconds. ``documents`` are numbers; ``houses`` those of them, and of ``linked``, that are known to
    be house documents. ``linked`` are documents one level up or down. ``voyages`` are ``IMO/reference``. ``swap`` is
    from which container into which the goods went at ``at``.
    """

    stored: StoredRecord
    record: Record
    at: int
    containers: frozenset[str]
    documents: frozenset[str]
    houses: frozenset[str]
    linked: frozenset[str]
    ucr: str
    mrn: str
    voyages: frozenset[str]
    swap: tuple[str, str] | None

    @property
    def record_id(self) -> str:
        """The record's id; with its direction it is unique."""
        return self.stored.record_id

    @property
    def is_corroborated(self) -> bool:
        """Tell whether it names goods by more than a box that others use too, or a contract of several shipments."""
        return bool(self.documents or self.mrn or (self.containers and self.ucr))


def sighting(stored: StoredRecord) -> Sighting:
    """Read a record. One that names no goods has no keys."""
    record = Record.FromString(stored.record)
    kind = record.WhichOneof("body")
    body = getattr(record, kind) if kind else None
    references = list(_references(record, body))
    documents = [each for reference in references for each in reference.transport_documents]
    documents += list(getattr(body, "house_documents", ()))
    links = list(getattr(body, "links", ()))
    return Sighting(
        stored=stored,
        record=record,
        at=_at(record, kind, body),
        containers=frozenset(_containers(references, body)),
        documents=frozenset(each.number for each in documents),
        houses=frozenset(
            [each.number for each in [*documents, *links] if each.level == DOCUMENT_LEVEL_HOUSE]
            + [each.number for each in getattr(body, "house_documents", ())]
        ),
        linked=frozenset(each.number for each in links),
        ucr=next((each.ucr for each in references if each.ucr), ""),
        mrn=next((each.mrn for each in references if each.mrn), ""),
        voyages=frozenset(_voyages(references, body)),
        swap=_swap(kind, body),
    )


def _references(record: Record, body: Any) -> Iterator[ConsignmentRef]:  # noqa: ANN401  any body
    """Give what the body says first: the header's subject often names less."""
    if body is not None and "consignment" in body.DESCRIPTOR.fields_by_name and body.HasField("consignment"):
        yield body.consignment
    if record.header.subject.WhichOneof("about") == "consignment":
        yield record.header.subject.consignment


def _containers(references: list[ConsignmentRef], body: Any) -> Iterator[str]:  # noqa: ANN401
    for reference in references:
        yield from reference.container_numbers
    yield from getattr(body, "container_numbers", ())
    for equipment in getattr(body, "equipment", ()):
        yield equipment.number
    for item in getattr(body, "goods", ()):
        yield from item.container_numbers
    for name in ("container_number", "from_container", "to_container"):
        if number := getattr(body, name, ""):
            yield number


def _voyages(references: list[ConsignmentRef], body: Any) -> Iterator[str]:  # noqa: ANN401
    voyages = [reference.voyage for reference in references]
    voyages += [getattr(body, name) for name in ("voyage", "new_voyage") if hasattr(body, name)]
    for voyage in voyages:
        if told := voyage_key(voyage):
            yield told


def voyage_key(voyage: Voyage) -> str:
    """Give one text for a voyage; empty unless it names the journey, not the ship alone."""
    return f"{voyage.imo}/{voyage.reference}" if voyage.reference else ""


def _swap(kind: str | None, body: Any) -> tuple[str, str] | None:  # noqa: ANN401
    if kind == "movement_event" and body.type == MOVEMENT_TYPE_CONTAINER_SWAPPED:
        return body.from_container, body.to_container
    return None


def _at(record: Record, kind: str | None, body: Any) -> int:  # noqa: ANN401
    for name in _HAPPENED.get(kind or "", ()):
        if body.HasField(name):
            return int(getattr(body, name).seconds)
    return int(record.header.issued_at.seconds)


def is_received(found: Sighting) -> bool:
    """Tell a partner's record from an own one."""
    return found.stored.direction is Direction.RECEIVED
