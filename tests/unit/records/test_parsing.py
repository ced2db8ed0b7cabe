"""What bytes are refused, and with which reason: the tricks of the wire on every kind."""

from __future__ import annotations

import pytest

from gateway.errors import KindUnknown, Malformed, RecordTooLarge
from gateway.records import KINDS, MAX_RECORD_BYTES, check, parse
from tests.unit.records.making import example_record
from tests.wire_tricks import BREAKING, UNREADABLE, empties, field, parts, tag, varint, whole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trick", UNREADABLE)
def test_tricks_of_the_wire_are_refused(kind: str, trick: str) -> None:
    good = parts(example_record(kind))
    parse(whole(*good))
    with pytest.raises(Malformed):
        parse(UNREADABLE[trick](*good))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trick", BREAKING)
def test_what_no_record_may_say_breaks_a_rule(kind: str, trick: str) -> None:
    good = parts(example_record(kind))
    assert check(parse(whole(*good))) == ()
    assert check(parse(BREAKING[trick](*good)))


@pytest.mark.parametrize("kind", KINDS)
def test_4_mib_of_empty_messages_are_refused_by_their_size(kind: str) -> None:
    with pytest.raises(RecordTooLarge):
        parse(empties(*parts(example_record(kind)), size=4 * 1024 * 1024))


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_fields_survive(kind: str) -> None:
    _, header, body = parts(example_record(kind))
    stranger = field(1999, b"from a newer version")
    data = whole(kind, header + stranger, body + stranger) + stranger
    record = parse(data)
    assert check(record) == ()
    assert record.SerializeToString().count(b"from a newer version") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_enum_value_is_told_and_never_clear(kind: str) -> None:
    _, header, body = parts(example_record(kind))
    record = parse(whole(kind, header + tag(13, 0) + varint(77), body))
    assert ("header.handling", "enum.defined_only") in {(found.path, found.rule) for found in check(record)}


def test_a_kind_of_a_newer_version_is_told_apart_from_garbage() -> None:
    _, header, _ = parts(example_record("alert"))
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
    _, header, body = parts(example_record("inspection_outcome"))
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
    _, header, body = parts(example_record("alert"))
    parse(whole("alert", header, body) + field(1999, deep))
    groups = b"\xa3\x7d" * 200 + b"\xa4\x7d" * 200
    with pytest.raises(Malformed):
        parse(whole("alert", header, body) + groups)
