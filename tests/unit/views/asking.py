"""Records about requests and alerts, as NL (who asks) and CN (who is asked) say them; times are minutes from START."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.ports.links import Direction
from gateway.ports.records import Delivery, StoredRecord
from mutualrecognition.records.v1 import alert_answer_pb2 as steps
from mutualrecognition.records.v1 import alert_pb2 as alerts
from mutualrecognition.records.v1 import movement_event_pb2 as movements
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.making import DAY, START, base, reference, stored

MINUTE = 60
GOODS = reference("MSKU3841906", document="MAEU1")
SENT = requests.REQUEST_STATE_SENT
CANCELLED = requests.REQUEST_STATE_CANCELLED
LOADED = movements.MOVEMENT_TYPE_LOADED


def minute(at: float) -> int:
    return START + int(at * MINUTE)


def asked(
    number: int,
    at: float,
    *,
    kind: str = "control",
    goods: ConsignmentRef = GOODS,
    respond_by: float = 60,
    cutoff: float | None = 120,
    state: requests.RequestState.ValueType = SENT,
    request_id: str = "R1",
    on_behalf_of: str = "",
    **header: Any,
) -> Record:
    """A request; without other word, NL's."""
    header.setdefault("issuer", "NL")
    record = base(f"{kind}_request", number, at * MINUTE / DAY, **header)
    record.header.subject.request_id = request_id
    body = getattr(record, f"{kind}_request")
    body.request_id, body.state, body.on_behalf_of = request_id, state, on_behalf_of
    body.consignment.CopyFrom(goods)
    body.respond_by.seconds = minute(respond_by)
    if kind == "control":
        for name in ("vessel_cutoff", "etd"):
            body.ClearField(name)
        if cutoff is not None:
            body.vessel_cutoff.seconds = minute(cutoff)
    return record


def answered(
    number: int, at: float, state: str, *, kind: str = "control", request_id: str = "R1", **said: Any
) -> Record:
    """An answer; without other word, CN's."""
    header = {name: said.pop(name) for name in ("issuer", "supersedes") if name in said}
    record = base(f"{kind}_answer", number, at * MINUTE / DAY, **header)
    record.header.subject.request_id = request_id
    body = getattr(record, f"{kind}_answer")
    body.Clear()
    body.request_id, body.state = request_id, requests.RequestState.Value(f"REQUEST_STATE_{state}")
    for name, value in said.items():
        setattr(body, name, value)
    return record


def moved(number: int, at: float, what: int = LOADED, *, goods: ConsignmentRef = GOODS, **header: Any) -> Record:
    record = base("movement_event", number, at * MINUTE / DAY, **header)
    record.movement_event.Clear()
    record.movement_event.type = what  # type: ignore[assignment]
    record.movement_event.consignment.CopyFrom(goods)
    record.movement_event.at.seconds = minute(at)
    record.header.subject.consignment.CopyFrom(goods)
    return record


def alert(
    number: int,
    at: float,
    *boxes: str,
    houses: tuple[str, ...] = (),
    lifts: str = "",
    alert_id: str = "A1",
    ack_by: float = 15,
    closed: bool = False,
    **header: Any,
) -> Record:
    """A no-load of NL, or the lift of one."""
    header.setdefault("issuer", "NL")
    record = base("alert", number, at * MINUTE / DAY, **header)
    record.header.subject.consignment.container_numbers.extend(boxes or ["MSKU3841906"])
    body = record.alert
    body.Clear()
    body.alert_id, body.lifts, body.closed = alert_id, lifts, closed
    body.type = alerts.ALERT_TYPE_NO_LOAD_LIFTED if lifts else alerts.ALERT_TYPE_NO_LOAD
    body.container_numbers.extend(boxes)
    for number_of in houses:
        body.house_documents.add(number=number_of, level=2)
    body.urgency = alerts.URGENCY_IMMEDIATE
    body.ack_required_by.seconds = minute(ack_by)
    return record


def taken_up(number: int, at: float, state: str, *, alert_id: str = "A1", reason: str = "", **header: Any) -> Record:
    """CN's answer to an alert."""
    record = base("alert_answer", number, at * MINUTE / DAY, **header)
    record.header.subject.consignment.container_numbers.append("MSKU3841906")
    body = record.alert_answer
    body.Clear()
    body.alert_id, body.reason = alert_id, reason
    body.state = steps.AlertState.Value(f"ALERT_STATE_{state}")
    body.at.seconds = minute(at)
    return record


def at_node(record: Record, own: str, *, receipt: float | None = None) -> StoredRecord:
    """Store a record as one of the two has it; ``receipt`` is when the other's gateway signed for it."""
    issued = record.header.issuer == own
    other = {"NL": "CN", "CN": "NL"}[own] if issued else record.header.issuer
    known_at = record.header.issued_at.seconds if receipt is None else minute(receipt)
    direction = Direction.ISSUED if issued else Direction.RECEIVED
    delivery = Delivery(other, "log", 0, None if receipt is None else minute(receipt), "")
    return replace(stored(record, known_at=known_at, direction=direction), deliveries=(delivery,))
