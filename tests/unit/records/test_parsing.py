"""What bytes are refused, and with which reason: the tricks of the wire on every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.errors import KindUnknown, Malformed, RecordTooLarge
from gateway.records import KINDS, MAX_RECORD_BYTES, check, parse
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.records.making import example_record

NUMBERS = {field.name: field.number for field in Record.DESCRIPTOR.fields}


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes) -> bytes:
    return tag(number, 2) + varint(len(content)) + content


def parts(kind: str) -> tuple[bytes, bytes]:
    """Give the serialized header and body of the example."""
    record = example_record(kind)
    return record.header.SerializeToString(), getattr(record, kind).SerializeToString()


def whole(kind: str, header: bytes, body: bytes) -> bytes:
    return field(NUMBERS["header"], header) + field(NUMBERS[kind], body)


TRICKS: dict[str, Callable[[str, bytes, bytes], bytes]] = {
    "header twice": lambda kind, header, body: field(1, header) + whole(kind, header, body),
    "issuer twice": lambda kind, header, body: whole(kind, field(2, b"XA") + header, body),
    "enum of 2^32 + 1": lambda kind, header, body: whole(kind, header + tag(13, 0) + varint(2**32 + 1), body),
    "varint padded": lambda kind, header, body: whole(kind, header + tag(13, 0) + b"\x81\x00", body),
    "zero stated": lambda kind, header, body: whole(kind, header + tag(13, 0) + b"\x00", body),
    "issued_at as a number": lambda kind, header, body: whole(kind, header + tag(11, 0) + b"\x01", body),
    "supersedes as a number": lambda kind, header, body: whole(kind, header + tag(8, 0) + b"\x01", body),
    "body as a number": lambda kind, header, body: whole(kind, header, body) + tag(NUMBERS[kind], 0) + b"\x01",
    "invalid UTF-8": lambda kind, header, body: whole(kind, header + field(14, b"\xff\xfe"), body),
    "truncated": lambda kind, header, body: whole(kind, header, body)[:-1],
    "another kind behind": lambda kind, header, body: (
        whole(kind, header, body) + field(NUMBERS["judgement" if kind != "judgement" else "recall"], b"")
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_of_the_wire_are_refused(kind: str, trick: str) -> None:
    header, body = parts(kind)
    parse(whole(kind, header, body))
    with pytest.raises(Malformed):
        parse(TRICKS[trick](kind, header, body))


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_fields_survive(kind: str) -> None:
    header, body = parts(kind)
    stranger = field(1999, b"from a newer version")
    data = whole(kind, header + stranger, body + stranger) + stranger
    record = parse(data)
    assert check(record) == ()
    assert record.SerializeToString().count(b"from a newer version") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_enum_value_is_told_and_never_clear(kind: str) -> None:
    header, body = parts(kind)
    record = parse(whole(kind, header + tag(13, 0) + varint(77), body))
    assert ("header.handling", "enum.defined_only") in {(found.path, found.rule) for found in check(record)}


def test_a_kind_of_a_newer_version_is_told_apart_from_garbage() -> None:
    header, _ = parts("alert")
    with pytest.raises(KindUnknown):
        parse(field(1, header) + field(900, b"\x0a\x01a"))
    with pytest.raises(KindUnknown):
        parse(b"")
    with pytest.raises(Malformed):
        parse(b"\xff" * 40)


def test_size_is_looked_at_before_anything_else() -> None:
    with pytest.raises(RecordTooLarge):
        parse(b"\xff" * (MAX_RECORD_BYTES + 1))


def test_many_empty_messages_are_refused_by_the_rules() -> None:
    header, body = parts("inspection_outcome")
    record = parse(whole("inspection_outcome", header, body + b"\x42\x00" * 100_000))
    found = check(record)
    assert [violation.path for violation in found if violation.rule == "repeated.max_items"] == [
        "inspection_outcome.methods",
    ]
    assert len(found) < 5


def test_deep_nesting_is_refused() -> None:
    deep = b""
    for _ in range(200):
        deep = field(1, deep)
    header, body = parts("alert")
    parse(whole("alert", header, body) + field(1999, deep))
    groups = b"\xa3\x7d" * 200 + b"\xa4\x7d" * 200
    with pytest.raises(Malformed):
        parse(whole("alert", header, body) + groups)
