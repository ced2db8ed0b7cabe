"""Records about operators and goods, as a store gives them; every id follows from a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from google.protobuf import json_format

from gateway.ports.links import Direction, Standing
from gateway.ports.records import Delivery, StoredRecord
from gateway.records.templates import example
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef, TransportDocument
from mutualrecognition.records.v1.record_pb2 import Record

DAY = 86_400
START = 1_767_225_600  # 2026-01-01T00:00:00Z
TIN = "CN1234567890"


def record_id(number: int) -> str:
    return f"019a5c1e-0000-7000-8000-{number:012x}"


def stored(record: Record, *, known_at: int | None = None, direction: Direction = Direction.RECEIVED) -> StoredRecord:
    number = int(record.header.record_id[-12:], 16)
    return StoredRecord(
        sequence=number,
        direction=direction,
        record_id=record.header.record_id,
        kind=str(record.WhichOneof("body")),
        record=record.SerializeToString(),
        stored_at=record.header.issued_at.seconds if known_at is None else known_at,
        deliveries=(Delivery(record.header.issuer if direction is Direction.RECEIVED else "CN", "", -1, None, ""),),
        standing=Standing.ACCEPTED,
        violations=(),
        superseded_by="",
    )


def linked(records: Iterable[StoredRecord]) -> list[StoredRecord]:
    """Fill in what a store tells of successors."""
    given = list(records)
    successors = {Record.FromString(each.record).header.supersedes: each.record_id for each in given}
    return [replace(each, superseded_by=successors.get(each.record_id, "")) for each in given]


def base(kind: str, number: int, day: float, *, issuer: str = "CN", supersedes: int | None = None) -> Record:
    record = json_format.Parse(example(kind), Record())
    record.header.record_id = record_id(number)
    record.header.issuer = issuer
    record.header.issued_at.seconds = START + int(day * DAY)
    for field in ("supersedes", "effective_from", "effective_to", "subject"):
        record.header.ClearField(field)
    if supersedes is not None:
        record.header.supersedes = record_id(supersedes)
    return record


def standing(
    number: int,
    status: int = aeo.AEO_STATE_CERTIFIED,
    *,
    effective: float = 0,
    issued: float | None = None,
    tin: str = TIN,
    **header: Any,
) -> Record:
    record = base("aeo_status", number, effective if issued is None else issued, **header)
    body = record.aeo_status
    record.header.subject.operator.tin = body.tin = tin
    body.status = status
    body.scope = aeo.AEO_SCOPE_SECURITY
    body.certificate_number = "CERT-1"
    body.valid_until = "2027-12-31"
    body.effective_at.seconds = START + int(effective * DAY)
    body.ClearField("consent")
    return record


def tombstone(number: int, *, day: float, tin: str = TIN, **header: Any) -> Record:
    record = base("aeo_status", number, day, **header)
    record.aeo_status.Clear()
    record.header.subject.operator.tin = record.aeo_status.tin = tin
    record.aeo_status.consent.withdrawn_at.seconds = START + int(day * DAY)
    return record


def withdrawal(number: int, *, day: float, supersedes: int, issuer: str = "CN") -> Record:
    record = base("withdrawal", number, day, issuer=issuer, supersedes=supersedes)
    record.header.subject.record_id = record_id(supersedes)
    return record


def reference(
    *containers: str, document: str = "", house: str = "", ucr: str = "", mrn: str = "", voyage: str = ""
) -> ConsignmentRef:
    given = ConsignmentRef(container_numbers=containers, ucr=ucr, mrn=mrn)
    if document:
        given.transport_documents.append(TransportDocument(number=document, level=1))
    if house:
        given.transport_documents.append(TransportDocument(number=house, level=2))
    if voyage:
        given.voyage.imo, given.voyage.reference = "9000000", voyage
    return given


def outcome(number: int, day: float, goods: ConsignmentRef, **header: Any) -> Record:
    record = base("inspection_outcome", number, day, **header)
    record.inspection_outcome.consignment.CopyFrom(goods)
    record.inspection_outcome.control_id = f"C-{number}"
    record.inspection_outcome.started_at.seconds = START + int(day * DAY) - 600
    record.inspection_outcome.ended_at.seconds = START + int(day * DAY)
    record.header.subject.consignment.CopyFrom(goods)
    return record


def goods_data(
    number: int, day: float, goods: ConsignmentRef, *, links: Iterable[tuple[str, int]] = (), **header: Any
) -> Record:
    record = base("consignment_data", number, day, **header)
    body = record.consignment_data
    body.consignment.CopyFrom(goods)
    for field in ("equipment", "links", "supply_chain_actors"):
        body.ClearField(field)
    for item in body.goods:
        item.ClearField("container_numbers")
    for document, level in links:
        body.links.add(number=document, level=level)
    record.header.subject.consignment.CopyFrom(goods)
    return record


def seal(number: int, day: float, container: str, **header: Any) -> Record:
    record = base("seal_event", number, day, **header)
    record.seal_event.container_number = container
    record.seal_event.at.seconds = START + int(day * DAY)
    record.header.subject.consignment.container_numbers.append(container)
    return record


def swap(number: int, day: float, left: str, entered: str, goods: ConsignmentRef, **header: Any) -> Record:
    record = base("movement_event", number, day, **header)
    record.movement_event.Clear()
    record.movement_event.type = 5
    record.movement_event.consignment.CopyFrom(goods)
    record.movement_event.at.seconds = START + int(day * DAY)
    record.movement_event.from_container = left
    record.movement_event.to_container = entered
    record.header.subject.consignment.CopyFrom(goods)
    return record


def no_load(number: int, day: float, *containers: str, houses: Iterable[str] = (), **header: Any) -> Record:
    record = base("alert", number, day, **header)
    body = record.alert
    for field in ("container_numbers", "house_documents", "tin", "programme", "record_ids", "lifts"):
        body.ClearField(field)
    body.type = 1
    body.alert_id = f"A-{number}"
    body.container_numbers.extend(containers)
    record.header.subject.consignment.container_numbers.extend(containers)
    for house in houses:
        body.house_documents.add(number=house, level=2)
        record.header.subject.consignment.transport_documents.add(number=house, level=2)
    return record


def rolled(number: int, day: float, goods: ConsignmentRef, voyage: str) -> Record:
    record = base("movement_event", number, day)
    record.movement_event.Clear()
    record.movement_event.type = 4
    record.movement_event.consignment.CopyFrom(goods)
    record.movement_event.at.seconds = START + int(day * DAY)
    record.movement_event.new_voyage.imo = "9000000"
    record.movement_event.new_voyage.reference = voyage
    record.header.subject.consignment.CopyFrom(goods)
    return record
