"""Records of any kind, valid and not: the engine against the standard's own, and what must never change."""

from __future__ import annotations

import protovalidate
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.records import KINDS, FieldSelection, check, kind_of, parse, subject_key, warnings
from gateway.records.rules import RECORD_RULES
from gateway.records.rules.explain import explain
from gateway.records.rules.kinds import NAMED
from mutualrecognition.records.v1.record_pb2 import Record
from tests.strategies import altered_records, valid_records

OUR_OWN = frozenset(
    {"text.control_characters", "timestamp.plausible", *(rule.name for rules in NAMED.values() for rule in rules)},
)
"""Rules that no annotation says."""


def by_the_standard(record: Record) -> set[tuple[str, str]]:
    """Give what protovalidate finds, as path and rule."""
    found = set()
    for violation in protovalidate.collect_violations(record):
        path = ""
        for element in violation.proto.field.elements if violation.proto.field else ():
            index = element.subscript
            path += f".{element.field_name}" + (f"[{index.value}]" if index is not None else "")
        found.add((path.removeprefix("."), violation.proto.rule_id))
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_standards_own_engine_finds_the_same(kind: str, data: st.DataObject) -> None:
    record = data.draw(altered_records(kind))
    ours = {(violation.path, violation.rule) for violation in check(record) if violation.rule not in OUR_OWN}
    assert ours == by_the_standard(record)


@given(record=altered_records())
@settings(max_examples=300, deadline=None)
def test_the_fast_screen_says_no_exactly_when_there_is_something_to_explain(record: Record) -> None:
    assert check(record) == tuple(explain(RECORD_RULES, record))


@given(record=altered_records())
@settings(max_examples=300, deadline=None)
def test_oddities_are_told_of_broken_records_too(record: Record) -> None:
    warnings(record)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_valid_records_survive_the_wire(kind: str, data: st.DataObject) -> None:
    record = data.draw(valid_records(kind))
    again = parse(record.SerializeToString())
    assert again == record
    assert kind_of(again) == kind
    assert check(again) == ()
    assert subject_key(again) == subject_key(record) != ""
    warnings(again)


@given(record=valid_records(), data=st.data())
@settings(deadline=None)
def test_any_byte_changed_is_another_record_or_none(record: Record, data: st.DataObject) -> None:
    encoded = bytearray(record.SerializeToString(deterministic=True))
    at = data.draw(st.integers(0, len(encoded) - 1))
    before = encoded[at]
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = parse(bytes(encoded))
    except GatewayError:
        return
    # Truth may be written as any number but 0; protobuf does not tell which, and every other byte must count.
    assert changed != record or (before == 1 and 1 < encoded[at] < 0x80)


@given(record=valid_records(), data=st.data())
@settings(deadline=None)
def test_a_selection_lets_nothing_else_through(record: Record, data: st.DataObject) -> None:
    kind = kind_of(record)
    fields = [field.name for field in Record.DESCRIPTOR.fields_by_name[kind].message_type.fields]
    allowed = data.draw(st.sets(st.sampled_from(fields)))
    before = record.SerializeToString(deterministic=True)
    released = FieldSelection(kind, allowed).apply(record)
    # Whose act a request or an answer is belongs to the act: no agreement can leave it out (gateway/records/selection).
    assert {field.name for field, _ in getattr(released, kind).ListFields()} <= allowed | {"on_behalf_of"}
    assert all(getattr(getattr(released, kind), name) == getattr(getattr(record, kind), name) for name in allowed)
    assert released.header == record.header
    assert record.SerializeToString(deterministic=True) == before
