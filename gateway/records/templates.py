"""A commented JSON template of each kind, and its way back to JSON.

The template is the kind's example with every field explained: lines that begin with ``//`` are comments. Fields that
the example leaves out stand there as comments, ready to be filled in; so do those that the gateway fills in. Without
its comments the template is a record that a gateway can take, so whoever starts from it sees at once what a change
breaks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.errors import KindUnknown
from gateway.records.explanation import meaning_of
from gateway.records.kinds import KINDS
from gateway.records.rules.annotations import TIMESTAMP
from mutualrecognition.records.v1.record_pb2 import Header, Record

_INDENT = "  "
FILLED_IN = frozenset(
    f"{Header.DESCRIPTOR.full_name}.{name}"
    for name in ("record_id", "issuer", "agreement_id", "agreement_version", "issued_at", "release_profile")
)
"""What the gateway fills in when it takes a record."""


def example(kind: str) -> str:
    """Give a made-up but plausible record of ``kind`` as JSON; package data, a part of the program."""
    if kind not in KINDS:
        raise KindUnknown(f"There is no kind {kind!r}; the kinds are {', '.join(KINDS)}.")
    return (files(__package__) / "examples" / f"{kind}.json").read_text(encoding="utf-8")


def template(kind: str) -> str:
    """Give the commented JSON template of ``kind``."""
    content = json.loads(example(kind))
    lines = [f"// {meaning_of(_body(kind).full_name)}", "// Everything here is made up: put your own in its place."]
    lines += _object(Record.DESCRIPTOR, content, 0, "")
    return "\n".join(lines) + "\n"


def without_comments(text: str) -> str:
    """Empty the comment lines of a template, which leaves JSON with the same line numbers."""
    return "\n".join("" if line.lstrip().startswith("//") else line for line in text.split("\n"))


def _body(kind: str) -> Descriptor:
    body = Record.DESCRIPTOR.fields_by_name[kind].message_type
    assert body is not None
    return body


def _object(descriptor: Descriptor, value: dict[str, Any], depth: int, after: str) -> Iterator[str]:
    """Write a message: its fields with their comments, then those that it does not state."""
    inner = _INDENT * (depth + 1)
    yield "{"
    stated = [field.name for field in descriptor.fields if field.name in value and field.full_name not in FILLED_IN]
    last = stated[-1] if stated else None
    for field in descriptor.fields:
        if field.full_name in FILLED_IN:
            yield f'{inner}// "{field.name}": the gateway fills it in - {meaning_of(field.full_name)}'
        elif field.name in value:
            yield from _stated(field, value[field.name], depth + 1, "" if field.name == last else ",")
        elif not _in_choice(field):
            yield f'{inner}// "{field.name}": {_placeholder(field)} - {meaning_of(field.full_name)}'
    yield f"{_INDENT * depth}}}{after}"


def _stated(field: FieldDescriptor, value: Any, depth: int, after: str) -> Iterator[str]:  # noqa: ANN401
    here = _INDENT * depth
    yield f"{here}// {meaning_of(field.full_name)}"
    if field.enum_type is not None:
        names = ", ".join(option.name for option in field.enum_type.values if option.number)
        yield f"{here}// One of: {names}"
    nested = field.message_type
    if nested is None or nested.full_name == TIMESTAMP:
        yield f"{here}{json.dumps(field.name)}: {json.dumps(value, ensure_ascii=False)}{after}"
    elif field.is_repeated:
        yield f"{here}{json.dumps(field.name)}: ["
        for index, one in enumerate(value):
            yield from _shifted(nested, one, depth + 1, "" if index == len(value) - 1 else ",", explained=index == 0)
        yield f"{here}]{after}"
    else:
        opening, *rest = _object(nested, value, depth, after)
        yield f"{here}{json.dumps(field.name)}: {opening}"
        yield from rest


def _shifted(descriptor: Descriptor, value: Any, depth: int, after: str, *, explained: bool) -> Iterator[str]:  # noqa: ANN401
    """Write one element of a list; comments only the first time."""
    here = _INDENT * depth
    if explained:
        opening, *rest = _object(descriptor, value, depth, after)
        yield here + opening
        yield from rest
    else:
        yield f"{here}{json.dumps(value, ensure_ascii=False)}{after}"


def _in_choice(field: FieldDescriptor) -> bool:
    """Tell whether a field is one of several that exclude each other: the template shows the chosen one alone."""
    return field.containing_oneof is not None and len(field.containing_oneof.fields) > 1


def _placeholder(field: FieldDescriptor) -> str:
    text = "..."
    if field.enum_type is not None:
        text = json.dumps(next(value.name for value in field.enum_type.values if value.number))
    elif field.message_type is not None:
        text = '"2026-11-20T10:00:00Z"' if field.message_type.full_name == TIMESTAMP else "{...}"
    elif field.type == FieldDescriptor.TYPE_STRING:
        text = '"..."'
    elif field.type == FieldDescriptor.TYPE_BOOL:
        text = "true"
    return f"[{text}]" if field.is_repeated else text
