"""Nothing goes without explanation: every field and value, every kind's page, template and example."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from buf.validate import validate_pb2
from gateway.errors import KindUnknown
from gateway.records import KINDS, check, kind_of, subject_key, warnings
from gateway.records.explanation import explain, explain_header
from gateway.records.succession import moves_of
from gateway.records.templates import FILLED_IN, example, template, without_comments
from mutualrecognition.records.v1.comments import COMMENTS
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.records.making import example_record

ROOT = Path(__file__).parents[3]
OURS = "mutualrecognition.records.v1."


def messages(descriptor: Descriptor, seen: set[str]) -> Iterator[Descriptor]:
    """Walk all message types of ours that a record can contain."""
    if descriptor.full_name in seen or not descriptor.full_name.startswith(OURS):
        return
    seen.add(descriptor.full_name)
    yield descriptor
    for field in descriptor.fields:
        if field.message_type is not None:
            yield from messages(field.message_type, seen)


MESSAGES = list(messages(Record.DESCRIPTOR, set()))
FIELDS = [field for message in MESSAGES for field in message.fields]
ENUMS = {field.enum_type.full_name: field.enum_type for field in FIELDS if field.enum_type is not None}


def test_every_message_field_and_value_is_documented() -> None:
    names = [message.full_name for message in MESSAGES] + [field.full_name for field in FIELDS] + list(ENUMS)
    names += [f"{enum.full_name}.{value.name}" for enum in ENUMS.values() for value in enum.values]
    assert [name for name in names if not COMMENTS.get(name)] == []


@pytest.mark.parametrize("field", [pytest.param(field, id=field.full_name.removeprefix(OURS)) for field in FIELDS])
def test_every_text_and_list_has_a_bound(field: FieldDescriptor) -> None:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    said = rules.repeated.items if field.is_repeated else rules
    if field.type == FieldDescriptor.TYPE_STRING:
        assert said.string.pattern or said.string.max_len
        outside_classes = re.sub(r"\[[^\]]*\]", "", said.string.pattern)
        assert not any(loose in outside_classes for loose in ("*", "+", ",}"))
    if field.is_repeated:
        assert rules.repeated.max_items


def test_zero_says_nothing_in_every_enum() -> None:
    assert [
        enum.full_name for enum in ENUMS.values() if not enum.values_by_number[0].name.endswith("_UNSPECIFIED")
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_keeps_all_rules_and_raises_no_warning(kind: str) -> None:
    record = example_record(kind)
    assert kind_of(record) == kind
    assert check(record) == ()
    assert warnings(record) == ()
    assert subject_key(record)


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_without_its_comments_is_the_example_but_for_what_the_gateway_fills_in(kind: str) -> None:
    text = template(kind)
    content = json.loads(without_comments(text))
    due = example_record(kind)
    for name in FILLED_IN:
        due.header.ClearField(name.rpartition(".")[2])
    assert json_format.ParseDict(content, Record()) == due
    body = Record.DESCRIPTOR.fields_by_name[kind].message_type
    assert body is not None
    assert [field.name for field in body.fields if f'"{field.name}":' not in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_explanation_has_every_field_of_the_body(kind: str) -> None:
    body = Record.DESCRIPTOR.fields_by_name[kind].message_type
    assert body is not None
    rows = {row.path.removesuffix("[]") for row in explain(kind).fields}
    assert {f"{kind}.{field.name}" for field in body.fields} <= rows
    assert all(row.meaning for row in explain(kind).fields)


def test_sources_are_told_where_the_proto_names_them() -> None:
    rows = {row.path: row for row in explain("consignment_data").fields}
    assert rows["consignment_data.goods[].un_number"].source == "WCO data element 506"
    assert rows["consignment_data.level"].source == ""
    assert {rule.name for rule in explain_header().rules if not rule.annotated} >= {"record.agreement"}


def test_a_name_that_is_no_kind() -> None:
    for ask in (explain, template, example):
        with pytest.raises(KindUnknown, match="gossip"):
            ask("gossip")


def test_the_pages_are_what_the_protos_give() -> None:
    spec = importlib.util.spec_from_file_location("make", ROOT / "docs" / "records" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    on_disk = {path.name: path.read_text("utf-8") for path in (ROOT / "docs" / "records").glob("*.md")}
    assert on_disk == script.pages()


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_supersede_a_record_stands_on_its_page(kind: str) -> None:
    text = (ROOT / "docs" / "records" / f"{kind}.md").read_text("utf-8")
    assert "## What may supersede it" in text
    for state, after in moves_of(kind).items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{state}` |"))
        assert all(f"`{each}`" in row for each in after)


@pytest.mark.parametrize("name", [*KINDS, "header"])
def test_rules_that_no_annotation_says_stand_on_every_page(name: str) -> None:
    text = (ROOT / "docs" / "records" / f"{name}.md").read_text("utf-8")
    assert "- `text.control_characters`, of every text" in text
    assert "- `timestamp.plausible`, of every time" in text
