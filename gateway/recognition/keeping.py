"""What is kept of a record with a decision: what the rules read. Names, addresses, descriptions, free text are not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from google.protobuf.descriptor import Descriptor

from mutualrecognition.records.v1.consignment_data_pb2 import ConsignmentData
from mutualrecognition.records.v1.record_pb2 import Record

_KEPT: Final[dict[str, frozenset[str]]] = {
    "inspection_outcome": frozenset(
        {
            "control_id",
            "consignment",
            "location",
            "started_at",
            "ended_at",
            "reason",
            "request_id",
            "methods",
            "conclusion",
            "not_performed_reason",
            "seals_before",
            "seals_after",
            "coverage",
        }
    ),
    "aeo_status": frozenset(
        {
            "tin",
            "certificate_number",
            "roles",
            "programme",
            "scope",
            "validation_mode",
            "valid_until",
            "status",
            "status_reason",
            "effective_at",
            "consent",
        }
    ),
    "consignment_data": frozenset(
        {"level", "consignment", "goods", "hs_edition", "total_gross_weight_kg", "equipment", "links"}
    ),
    "alert": frozenset(
        {
            "alert_id",
            "type",
            "container_numbers",
            "house_documents",
            "tin",
            "programme",
            "record_ids",
            "lifts",
            "closed",
        }
    ),
    "control_request": frozenset({"request_id", "consignment", "respond_by", "state"}),
    "screening_request": frozenset({"request_id", "consignment", "respond_by", "state"}),
    "control_answer": frozenset({"request_id", "state", "decline_reason", "control_id"}),
    "screening_answer": frozenset({"request_id", "state", "decline_reason", "result_record_id"}),
    "recall": frozenset({"recall_id", "record_ids", "cause"}),
    "withdrawal": frozenset({"reason"}),
    "information_request": frozenset(),
    "information_answer": frozenset(),
    "reliance_notice": frozenset(),
    "recall_answer": frozenset(),
    "alert_answer": frozenset(),
}
"""Of kinds that are not here, all is kept: they have nothing else."""

NAMING: Final = frozenset({"recall", "alert"})
"""Kinds that name records, a thousand of them at most, of which rules look for those that they have."""

_OF_GOODS: Final = frozenset({"sequence", "hs_code", "gross_weight_kg", "container_numbers"})


def _dropped(message: Descriptor | None, kept: frozenset[str]) -> tuple[str, ...]:
    """Give the other fields of a message."""
    assert message is not None
    return tuple([field.name for field in message.fields if field.name not in kept])


_DROPPED: Final = {
    kind.name: _dropped(kind.message_type, _KEPT[kind.name])
    for kind in Record.DESCRIPTOR.oneofs_by_name["body"].fields
    if kind.name in _KEPT
}
_DROPPED_OF_GOODS: Final = _dropped(
    ConsignmentData.DESCRIPTOR.fields_by_name["goods"].message_type,
    _OF_GOODS,
)


def keep_what_rules_read(record: Record) -> None:
    """Take everything else out of a record."""
    kind = record.WhichOneof("body")
    dropped = _DROPPED.get(kind or "")
    if kind is None or dropped is None:
        return
    body = getattr(record, kind)
    _drop(body, dropped)
    if kind == "consignment_data":
        for item in body.goods:
            _drop(item, _DROPPED_OF_GOODS)


def keep_names_of(record: Record, names: Collection[str]) -> None:
    """Of the records that a recall or an alert names, keep those that are among the facts.

    A recall because of one x-ray names thousands, and comes in parts of which every one is about that x-ray: with all
    names each decision on goods that it scanned would keep a third of a MiB.
    """
    if kind := record.WhichOneof("body"):
        body = getattr(record, kind)
        body.ClearField("record_ids")
        body.record_ids.extend(sorted(names))


def _drop(message: Any, fields: tuple[str, ...]) -> None:  # noqa: ANN401  any message
    for field in fields:
        message.ClearField(field)
    message.DiscardUnknownFields()
