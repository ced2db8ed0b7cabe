"""How what the store holds looks in the national API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from gateway import records
from gateway.errors import Violation
from gateway.ports.links import Direction, Standing
from gateway.ports.records import Delivery, StoredRecord
from gateway.records.codes import CodeList
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

DIRECTIONS: Final[dict[int, Direction | None]] = {
    pb.DIRECTION_UNSPECIFIED: None,
    pb.DIRECTION_ISSUED: Direction.ISSUED,
    pb.DIRECTION_RECEIVED: Direction.RECEIVED,
}
_DIRECTION_VALUES: Final = {Direction.ISSUED: pb.DIRECTION_ISSUED, Direction.RECEIVED: pb.DIRECTION_RECEIVED}
_STANDING_VALUES: Final = {
    Standing.ACCEPTED: pb.STANDING_ACCEPTED,
    Standing.QUARANTINED: pb.STANDING_QUARANTINED,
}


def stored_record(stored: StoredRecord) -> pb.StoredRecord:
    """Show one record; a quarantined one that cannot be parsed shows its bytes alone, an erased one what is left."""
    received = stored.direction is Direction.RECEIVED
    return pb.StoredRecord(
        sequence=stored.sequence,
        direction=_DIRECTION_VALUES[stored.direction],
        record_bytes=stored.record,
        record=_remains(stored) if stored.erased else _parsed(stored.record),
        stored_at=Timestamp(seconds=stored.stored_at),
        deliveries=map(_delivery, stored.deliveries),
        standing=_STANDING_VALUES[stored.standing] if received else pb.STANDING_UNSPECIFIED,
        violations=map(_violation, stored.violations),
        superseded_by=stored.superseded_by,
        erased_at=Timestamp(seconds=stored.erased.at) if stored.erased else None,
    )


def with_warnings(stored: StoredRecord, lists: Mapping[str, CodeList]) -> pb.StoredRecord:
    """Show one record and what is odd about it by these code lists: too slow for more than one."""
    shown = stored_record(stored)
    if shown.HasField("record") and not stored.erased:
        shown.warnings.extend(map(_violation, records.warnings(shown.record, lists)))
    return shown


def _delivery(delivery: Delivery) -> pb.Delivery:
    receipted = None if delivery.receipted_at is None else Timestamp(seconds=delivery.receipted_at)
    return pb.Delivery(
        partner=delivery.partner,
        origin=delivery.origin,
        index=max(delivery.index, 0),
        receipted_at=receipted,
        judgement=delivery.judgement,
    )


def _violation(found: Violation) -> pb.FieldViolation:
    return pb.FieldViolation(path=found.path, rule=found.rule, message=found.message)


def _remains(stored: StoredRecord) -> Record:
    """Name a record whose content is gone: its id, its issuer, and the operator's number."""
    record = Record()
    record.header.record_id = stored.record_id
    record.header.issuer = stored.deliveries[0].partner  # nothing but what was received is ever erased
    if stored.erased:
        record.header.subject.operator.tin = stored.erased.tin
    return record


def _parsed(data: bytes) -> Record | None:
    try:
        return Record.FromString(data)
    except DecodeError:
        return None
