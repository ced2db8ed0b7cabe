"""Records for property tests: valid ones of every kind, and ones that are wrong in any way whatever.

A record starts as its kind's example and is then changed field by field. A change that breaks a rule is taken back in
``valid_records`` and stays in ``altered_records``. So both reach every field of every kind, and new fields and kinds
are covered without anybody writing a strategy for them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from buf.validate import validate_pb2
from gateway.records import KINDS, check
from gateway.records.rules.annotations import TIMESTAMP
from gateway.records.templates import example
from mutualrecognition.records.v1.record_pb2 import Record

kinds = st.sampled_from(KINDS)

_NUMBERS = {
    FieldDescriptor.TYPE_UINT32: st.one_of(st.integers(0, 120), st.integers(0, 2**32 - 1)),
    FieldDescriptor.TYPE_UINT64: st.one_of(st.integers(0, 120), st.integers(0, 2**64 - 1)),
    FieldDescriptor.TYPE_DOUBLE: st.one_of(st.floats(0, 30), st.floats()),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_BYTES: st.one_of(st.binary(max_size=40), st.binary(min_size=32, max_size=32)),
}
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@cache
def _example(kind: str) -> bytes:
    return json_format.Parse(example(kind), Record()).SerializeToString(deterministic=True)


@st.composite
def valid_records(draw: st.DrawFn, kind: str | None = None, *, changes: int = 8) -> Record:
    """Draw a record of ``kind``, or of any kind, that keeps every rule."""
    record = Record.FromString(_example(kind or draw(kinds)))
    for _ in range(draw(st.integers(0, changes))):
        before = record.SerializeToString()
        _change(draw, record)
        if check(record):
            record = Record.FromString(before)
    return record


@st.composite
def altered_records(draw: st.DrawFn, kind: str | None = None, *, changes: int = 6) -> Record:
    """Draw a record of ``kind``, or of any kind, that may break any rule."""
    record = Record.FromString(_example(kind or draw(kinds)))
    for _ in range(draw(st.integers(1, changes))):
        _change(draw, record)
    return record


def _change(draw: st.DrawFn, record: Record) -> None:
    """Change one field somewhere in a record, but never its kind."""
    in_header = draw(st.integers(0, 7)) == 7
    message: Message = record.header if in_header else getattr(record, str(record.WhichOneof("body")))
    while True:
        field = draw(st.sampled_from(list(message.DESCRIPTOR.fields)))
        inner = _step_into(draw, message, field)
        if inner is None:
            _change_field(draw, message, field)
            return
        message = inner


def _step_into(draw: st.DrawFn, message: Any, field: FieldDescriptor) -> Message | None:
    """Go into a message that is there, most of the time; None to change the field itself."""
    if field.message_type is None or field.message_type.full_name == TIMESTAMP or draw(st.integers(0, 5)) == 5:
        return None
    value = getattr(message, field.name)
    if field.is_repeated:
        return value[draw(st.integers(0, len(value) - 1))] if len(value) else None
    return value if message.HasField(field.name) else None


def _change_field(draw: st.DrawFn, message: Any, field: FieldDescriptor) -> None:
    if draw(st.integers(0, 4)) == 4:
        message.ClearField(field.name)
    elif field.message_type is not None:
        _change_message(draw, message, field)
    elif field.is_repeated:
        message.ClearField(field.name)
        getattr(message, field.name).extend(draw(st.lists(_values(field), max_size=3)))
    else:
        setattr(message, field.name, draw(_values(field)))


def _change_message(draw: st.DrawFn, message: Any, field: FieldDescriptor) -> None:
    nested = field.message_type
    assert nested is not None
    if nested.full_name == TIMESTAMP:
        time = getattr(message, field.name)
        time.seconds = draw(st.one_of(st.integers(1_700_000_000, 1_900_000_000), st.integers(-(2**40), 2**40)))
        time.nanos = draw(st.sampled_from([0, 1, 999_999_999, 1_000_000_000, -1]))
    elif field.is_repeated:
        values = getattr(message, field.name)
        if len(values) and draw(st.booleans()):
            del values[-1]
        else:
            _fill(draw, values.add(), nested)
    else:
        getattr(message, field.name).SetInParent()
        _fill(draw, getattr(message, field.name), nested)


def _fill(draw: st.DrawFn, message: Any, descriptor: Descriptor) -> None:
    """Fill the plain fields of a new message, mostly in their form."""
    for field in descriptor.fields:
        if field.message_type is None and not field.is_repeated and draw(st.booleans()):
            setattr(message, field.name, draw(_values(field)))


@cache
def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """Draw values for a field: most keep its annotations, some do not."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    said = rules.repeated.items if field.is_repeated else rules
    if field.enum_type is not None:
        known = st.sampled_from([value.number for value in field.enum_type.values])
        return st.one_of(known, known, known, st.just(99))
    if field.type == FieldDescriptor.TYPE_STRING:
        if said.string.pattern:
            good = st.from_regex(said.string.pattern[1:-1], fullmatch=True)
            return st.one_of(good, good, good, _TEXT)
        return st.one_of(_TEXT, st.text("ab 1", max_size=600))
    return _NUMBERS[field.type]
