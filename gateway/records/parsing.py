"""From bytes to a record, or a refusal.

protobuf is lenient where evidence must not be: it lets a later copy of a field win over an earlier one, cuts numbers
down to their field's width, and sets a field aside when its wire type is wrong. Two readers of the same bytes could
then see different records. So bytes that say anything in a roundabout way are refused here.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from gateway.errors import KindUnknown, Malformed, RecordTooLarge
from mutualrecognition.records.v1.record_pb2 import Record

MAX_RECORD_BYTES = 256 * 1024


def parse(data: bytes) -> Record:
    """Read a record from its bytes.

    Raises :class:`RecordTooLarge` beyond 256 KiB, :class:`Malformed` for bytes that no faithful encoder makes, and
    :class:`KindUnknown` without a body of a known kind. Fields that this version does not know are kept. The rules of
    the kind are not looked at: that is :func:`gateway.records.check`.
    """
    if len(data) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"The record has {len(data)} bytes; {MAX_RECORD_BYTES} are allowed.")
    try:
        record = Record.FromString(data)
    except DecodeError:
        raise Malformed("The bytes are no serialized Record.") from None
    if record.ByteSize() != len(data):
        raise Malformed("The bytes say something twice, or in a longer way than needed; encode the record afresh.")
    if record.WhichOneof("body") is None:
        raise KindUnknown("The record has no body of a kind that this version knows.")
    record.DiscardUnknownFields()
    if record.ByteSize() == len(data):
        return record
    record = Record.FromString(data)  # with what was unknown, which is kept
    if name := _misread_field(record):
        raise Malformed(f"The field {name} has a wire type that is not its own.")
    return record


def _misread_field(message: Message) -> str:
    """Name the first known field that was set aside as unknown, because of its wire type; empty when there is none."""
    known = message.DESCRIPTOR.fields_by_number
    strays: Any = UnknownFieldSet(message)  # a sequence, which its stub does not say
    for stray in strays:
        if stray.field_number in known:
            return str(known[stray.field_number].full_name)
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else (value,):
                if name := _misread_field(inner):
                    return name
    return ""
