"""A record in words: one line that says what matters, or all of it in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.cli.enum_words import short
from gateway.cli.hand_words import said_of_hand
from gateway.cli.screen import printable
from mutualrecognition.records.v1.aeo_status_pb2 import AeoStatus
from mutualrecognition.records.v1.consignment_data_pb2 import ConsignmentData
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.inspection_outcome_pb2 import InspectionOutcome
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.screening_result_pb2 import ScreeningResult

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import records_service_pb2 as pb


_GOODS: Final = 2
"""Descriptions of goods in one line."""


def summary(record: Record) -> str:
    """Say in one line what a record says; fields that were not released are simply not in it."""
    kind = record.WhichOneof("body")
    if (in_hand := said_of_hand(record)) is not None and kind is not None:
        return printable(", ".join(part for part in (_titled(kind, in_hand), _named(record)) if part))
    match kind:
        case None:
            return "a record of a kind that this version cannot read"
        case "inspection_outcome":
            told = _outcome(record.inspection_outcome)
        case "screening_result":
            told = _screening(record.screening_result)
        case "aeo_status":
            told = _standing(record.aeo_status)
        case "seal_event":
            event = record.seal_event
            told = (event.container_number, short(event, "event"), event.seal.number)
        case "movement_event":
            told = _movement(record)
        case "consignment_data":
            told = _goods(record.consignment_data)
        case _:
            told = [_subject(record)]
    return printable(", ".join(part for part in (kind.replace("_", " "), *told) if part))


def what_is_left(stored: pb.StoredRecord) -> str:
    """Say in one line that a record's content is gone, and what it was about."""
    tin = stored.record.header.subject.operator.tin
    return printable(f"erased on {when(stored.erased_at.seconds)}: the operator {tin} withdrew its consent")


def lines(record: Record) -> Iterator[str]:
    """Give everything that a record says, one value a line, indented as it is nested."""
    yield from _lines(readable(record), 0)


def readable(message: Message) -> dict[str, Any]:
    """Turn a message into plain values, field names as in the proto, enums by their full names."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def when(seconds: int) -> str:
    """Write a time for people, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _titled(kind: str, parts: Iterable[str]) -> str:
    return f"{kind.replace('_', ' ')} {', '.join(part for part in parts if part)}"


def _named(record: Record) -> str:
    """Name the goods or the operator that a request or an alert is about; an answer has its request's name."""
    kind = record.WhichOneof("body") or ""
    body = getattr(record, kind)
    if "consignment" in body.DESCRIPTOR.fields_by_name and body.HasField("consignment"):
        return _names(body.consignment)
    if kind == "alert":
        houses = [each.number for each in body.house_documents]
        return " ".join([*body.container_numbers, *houses]) or body.tin or body.programme
    return str(getattr(body, "tin", ""))


def _outcome(outcome: InspectionOutcome) -> Iterable[str]:
    methods = " + ".join(short(method, "kind") for method in outcome.methods)
    place = outcome.location.locode or outcome.location.name
    return (
        f"{_names(outcome.consignment)} at {place}" if place else "",
        f"{methods or 'nothing done'}: {short(outcome, 'conclusion')}",
    )


def _screening(result: ScreeningResult) -> Iterable[str]:
    found = [f"{short(each, 'threat')} {short(each, 'level')}" for each in result.assessments]
    return (_names(result.consignment), "; ".join(found))


def _movement(record: Record) -> Iterable[str]:
    moved = record.movement_event
    swapped = f"{moved.from_container} → {moved.to_container}" if moved.to_container else ""
    onto = f"now voyage {moved.new_voyage.reference}" if moved.new_voyage.reference else ""
    return (swapped or _subject(record), short(moved, "type"), moved.place.locode or moved.place.name, onto)


def _goods(data: ConsignmentData) -> Iterable[str]:
    documents = " ".join(each.number for each in data.consignment.transport_documents)
    weight = f"{data.total_gross_weight_kg} kg" if data.total_gross_weight_kg else ""
    level = short(data, "level").lower()
    return (
        " ".join(filter(None, (level, documents or _names(data.consignment)))),
        "; ".join(each.description for each in data.goods[:_GOODS] if each.description),
        weight,
    )


def _names(reference: ConsignmentRef) -> str:
    """Name goods by the best of their keys that is there: boxes first, as officers do."""
    documents = " ".join(each.number for each in reference.transport_documents)
    return " ".join(reference.container_numbers) or documents or reference.ucr or reference.mrn


def _standing(status: AeoStatus) -> Iterable[str]:
    if status.consent.HasField("withdrawn_at"):
        return (status.tin, "consent withdrawn")
    return (status.tin, status.legal_name, short(status, "status"))


def _subject(record: Record) -> str:
    subject = record.header.subject
    match subject.WhichOneof("about"):
        case "consignment":
            return _names(subject.consignment)
        case "operator":
            return subject.operator.tin
        case None:
            return ""
        case about:
            return str(getattr(subject, about))


def _lines(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401  any JSON
    indent = "  " * depth
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{name}:"
            yield from _lines(inner, depth + 1)
        elif isinstance(inner, list):
            for each in inner:
                if isinstance(each, dict):
                    yield f"{indent}{name}:"
                    yield from _lines(each, depth + 1)
                else:
                    yield f"{indent}{name}: {printable(str(each))}"
        else:
            yield f"{indent}{name}: {printable(str(inner))}"
