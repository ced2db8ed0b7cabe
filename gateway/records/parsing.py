"""From bytes to a record, or a refusal.

protobuf is lenient where evidence must not be: it lets a later copy of a field win over an earlier one, cuts numbers
down to their field's width, and sets a field aside when its wire type is wrong. Two readers of the same bytes could
then see different records. So bytes that say anything in a roundabout way are refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from gateway.errors import KindUnknown, Malformed, RecordTooLarge
from mutualrecognition.records.v1.record_pb2 import Record

MAX_RECORD_BYTES = 256 * 1024

MAX_MESSAGES = 10_100
"""In a record with unknown fields: each is looked at by itself, and an alert may name 9,999 documents."""


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
    if name := _misread_field(record, count()):
        raise Malformed(f"The field {name} has a wire type that is not its own.")
    return record


def _misread_field(message: Message, looked_at: Iterator[int]) -> str:
    """Name the first known field that was set aside as unknown, because of its wire type; empty when there is none."""
    if next(looked_at) == MAX_MESSAGES:
        raise Malformed(
            f"The record has fields that are not known, and more than {MAX_MESSAGES} parts to look for them."
        )
    known = message.DESCRIPTOR.fields_by_number
    strays: Any = UnknownFieldSet(message)  # a sequence, which its stub does not say
    for stray in strays:
        if stray.field_number in known:
            return str(known[stray.field_number].full_name)
    for field, is_repeated in _message_fields(message.DESCRIPTOR):
        if is_repeated:
            inside = getattr(message, field)
        else:
            inside = (getattr(message, field),) if message.HasField(field) else ()
        for inner in inside:
            if name := _misread_field(inner, looked_at):
                return name
    return ""


@cache
def _message_fields(descriptor: Descriptor) -> tuple[tuple[str, bool], ...]:
    """Name the fields that are messages themselves, and say whether each is a list."""
    return tuple((field.name, field.is_repeated) for field in descriptor.fields if field.message_type is not None)
