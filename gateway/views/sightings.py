"""One record as it bears on goods: by which keys it names them, and when what it tells of happened."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
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

_NOTICES: Final = frozenset({"alert", "alert_answer"})

_FIELDS: Final = {
    kind.name: frozenset(kind.message_type.fields_by_name) if kind.message_type else frozenset[str]()
    for kind in Record.DESCRIPTOR.oneofs_by_name["body"].fields
}
"""What each kind can say. To ask a message itself for a field that it has not is slow."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record with the keys by which it names goods.

    ``at`` is POSIX seconds. ``documents`` are numbers; ``houses`` those of them, and of ``linked``, that are known to
    be house documents. ``linked`` are documents one level up or down. ``voyages`` are ``IMO/reference``. ``swap`` is
    from which container into which the goods went at ``at``. ``tokens`` are what joins: texts that only records about
    the same goods, or the same use of a box, have in common.
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
    tokens: frozenset[str]

    @property
    def record_id(self) -> str:
        """The record's id; with whose it is, it is unique."""
        return self.stored.record_id

    @property
    def is_notice(self) -> bool:
        """Tell whether it speaks of goods that need not be one consignment: an alert, or the answer to one."""
        return self.stored.kind in _NOTICES

    def about(self, names: Collection[str], *, ucrs: Collection[str]) -> Sighting:
        """Give a notice as it stands in one consignment's story: with the names and the UCR of these goods alone."""
        return replace(
            self,
            containers=self.containers & set(names),
            documents=self.documents & set(names),
            houses=self.houses & set(names),
            ucr=self.ucr if self.ucr in ucrs else "",
        )

    @property
    def is_corroborated(self) -> bool:
        """Tell whether it names goods by more than a box that others use too, or a contract of several shipments."""
        return bool(self.documents or self.mrn or (self.containers and self.ucr))


def sighting(stored: StoredRecord) -> Sighting:
    """Read a record. One that names no goods has no keys."""
    record = Record.FromString(stored.record)
    kind = record.WhichOneof("body")
    body = _Body(getattr(record, kind), _FIELDS[kind]) if kind else _NO_BODY
    references = list(_references(record, body))
    documents = [each for reference in references for each in reference.transport_documents[:]]
    houses = body.listed("house_documents")
    links = body.listed("links")
    documents += houses
    containers = frozenset(_containers(references, body))
    numbers = frozenset(each.number for each in documents)
    linked = frozenset(each.number for each in links)
    ucr = next((each.ucr for each in references if each.ucr), "")
    mrn = next((each.mrn for each in references if each.mrn), "")
    voyages = frozenset(_voyages(references, body))
    return Sighting(
        stored=stored,
        record=record,
        at=_at(record, kind, body),
        containers=containers,
        documents=numbers,
        houses=frozenset(
            [each.number for each in [*documents, *links] if each.level == DOCUMENT_LEVEL_HOUSE]
            + [each.number for each in houses]
        ),
        linked=linked,
        ucr=ucr,
        mrn=mrn,
        voyages=voyages,
        swap=_swap(kind, body),
        tokens=frozenset(_tokens(numbers | linked, mrn, containers, ucr, voyages)),
    )


def _tokens(
    documents: frozenset[str], mrn: str, containers: frozenset[str], ucr: str, voyages: frozenset[str]
) -> Iterator[str]:
    for number in documents:
        yield f"document {number}"
    if mrn:
        yield f"mrn {mrn}"
    for container in containers:
        for voyage in voyages:
            yield f"voyage {container} {voyage}"
        if ucr:
            yield f"ucr {container} {ucr}"
    if ucr and not containers:
        yield f"ucr {ucr}"


@dataclass(frozen=True, slots=True)
class _Body:
    """A record's body, asked for fields that its kind may not have."""

    message: Any
    fields: frozenset[str]

    def listed(self, name: str) -> list[Any]:
        """Give a list, copied, which is quicker to walk; empty where the kind has none."""
        return getattr(self.message, name)[:] if name in self.fields else []

    def value(self, name: str) -> Any:  # noqa: ANN401  text or a message
        """Give a field, None where the kind has none."""
        return getattr(self.message, name) if name in self.fields else None


_NO_BODY: Final = _Body(None, frozenset())


def _references(record: Record, body: _Body) -> Iterator[ConsignmentRef]:
    """Give what the body says first: the header's subject often names less."""
    if "consignment" in body.fields and body.message.HasField("consignment"):
        yield body.message.consignment
    subject = record.header.subject
    if subject.HasField("consignment"):
        yield subject.consignment


def _containers(references: list[ConsignmentRef], body: _Body) -> Iterator[str]:
    for reference in references:
        yield from reference.container_numbers[:]
    yield from body.listed("container_numbers")
    for equipment in body.listed("equipment"):
        yield equipment.number
    for item in body.listed("goods"):
        yield from item.container_numbers[:]
    for name in ("container_number", "from_container", "to_container"):
        if number := body.value(name):
            yield number


def _voyages(references: list[ConsignmentRef], body: _Body) -> Iterator[str]:
    voyages = [reference.voyage for reference in references]
    voyages += [body.value(name) for name in ("voyage", "new_voyage") if name in body.fields]
    for voyage in voyages:
        if told := voyage_key(voyage):
            yield told


def voyage_key(voyage: Voyage) -> str:
    """Give one text for a voyage; empty unless it names the journey, not the ship alone."""
    return f"{voyage.imo}/{voyage.reference}" if voyage.reference else ""


def _swap(kind: str | None, body: _Body) -> tuple[str, str] | None:
    if kind == "movement_event" and body.message.type == MOVEMENT_TYPE_CONTAINER_SWAPPED:
        return body.message.from_container, body.message.to_container
    return None


def _at(record: Record, kind: str | None, body: _Body) -> int:
    for name in _HAPPENED.get(kind or "", ()):
        if body.message.HasField(name):
            return int(getattr(body.message, name).seconds)
    return int(record.header.issued_at.seconds)


def is_received(found: Sighting) -> bool:
    """Tell a partner's record from an own one."""
    return found.stored.direction is Direction.RECEIVED
