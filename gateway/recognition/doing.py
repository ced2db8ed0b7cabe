"""When a partner did what its record says, with what, and by which method: for the ledger and for recalls."""

from __future__ import annotations

from typing import Final

from mutualrecognition.records.v1.method_pb2 import MethodKind
from mutualrecognition.records.v1.record_pb2 import Record

SCREENING: Final = "SCREENING"
AEO: Final = "AEO"
_DONE: Final = {
    "inspection_outcome": "ended_at",
    "screening_result": "performed_at",
    "aeo_status": "effective_at",
    "seal_event": "at",
}
"""Which field tells when it was done."""
_METHODS: Final[dict[int, str]] = {number: name.removeprefix("METHOD_KIND_") for name, number in MethodKind.items()}


def done_at(record: Record) -> int:
    """Give when it was done, POSIX seconds; of what has no such time, when it was stated."""
    kind = record.WhichOneof("body") or ""
    if field := _DONE.get(kind):
        body = getattr(record, kind)
        if body.HasField(field):
            return int(getattr(body, field).seconds)
    return record.header.issued_at.seconds


def devices_of(record: Record) -> frozenset[str]:
    """Give the equipment that a control used, by its entries in the issuer's register."""
    return frozenset(each.equipment_id for each in record.inspection_outcome.methods if each.equipment_id)


def devices_by_method(record: Record) -> dict[str, str]:
    """Give the methods of a control, in their order, each with the equipment that it used first; empty is unknown."""
    found: dict[str, str] = {}
    for each in record.inspection_outcome.methods:
        if name := method_name(each.kind):
            found.setdefault(name, each.equipment_id)
    return found


def device_of(record: Record, method: str) -> str:
    """Give the equipment with which one method was carried out; empty is unknown."""
    return devices_by_method(record).get(method, "")


def method_name(kind: MethodKind.ValueType) -> str:
    """Name a method as agreements do, such as NII_XRAY; a number that this version does not know has no name."""
    return _METHODS.get(kind, "")
