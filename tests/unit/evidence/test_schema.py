"""The descriptor set that travels with a record: it may be older or newer, it may not lie."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from gateway.errors import EvidenceInvalid
from gateway.evidence.schema import MAX_SCHEMA_BYTES, own_schema, render_record

OUTCOME = "mutualrecognition/records/v1/inspection_outcome.proto"
METHOD = "mutualrecognition/records/v1/method.proto"


def changed(name: str, change: Any) -> bytes:
    described = FileDescriptorSet.FromString(own_schema())
    change(next(file for file in described.file if file.name == name))
    return described.SerializeToString(deterministic=True)


def message(file: FileDescriptorProto, name: str) -> Any:
    return next(each for each in file.message_type if each.name == name)


def field(file: FileDescriptorProto, of: str, name: str) -> FieldDescriptorProto:
    found: FieldDescriptorProto = next(each for each in message(file, of).field if each.name == name)
    return found


def test_the_own_schema_reads_a_record(make_outcome: Any) -> None:
    text = render_record(make_outcome().SerializeToString(), own_schema()).decode()
    assert '"conclusion": "CONCLUSION_NO_DISCREPANCY"' in text
    assert text.endswith("}\n")
    assert own_schema() == own_schema()


def rename(file: FileDescriptorProto) -> None:
    field(file, "InspectionOutcome", "conclusion").name = "intention"


def swap(file: FileDescriptorProto) -> None:
    one, two = field(file, "InspectionOutcome", "started_at"), field(file, "InspectionOutcome", "ended_at")
    one.number, two.number = two.number, one.number


def retype(file: FileDescriptorProto) -> None:
    field(file, "InspectionOutcome", "officer_ref").type = FieldDescriptorProto.TYPE_BYTES


def repeat(file: FileDescriptorProto) -> None:
    field(file, "InspectionOutcome", "officer_ref").label = FieldDescriptorProto.LABEL_REPEATED


def relabel_values(file: FileDescriptorProto) -> None:
    values = next(each for each in file.enum_type if each.name == "Conclusion").value
    values[1].name, values[3].name = values[3].name, values[1].name


def hide(file: FileDescriptorProto) -> None:
    outcome = message(file, "InspectionOutcome")
    outcome.field.remove(field(file, "InspectionOutcome", "conclusion"))


@pytest.mark.parametrize("change", [rename, swap, retype, repeat, relabel_values])
def test_a_schema_that_lies_is_refused(make_outcome: Any, change: Any) -> None:
    with pytest.raises(EvidenceInvalid, match="otherwise than it is"):
        render_record(make_outcome().SerializeToString(), changed(OUTCOME, change))


def test_a_schema_that_hides_what_stands_in_the_record_is_refused(make_outcome: Any) -> None:
    record, schema = make_outcome(), changed(OUTCOME, hide)
    with pytest.raises(EvidenceInvalid, match="leaves out"):
        render_record(record.SerializeToString(), schema)
    record.inspection_outcome.ClearField("conclusion")
    assert b"conclusion" not in render_record(record.SerializeToString(), schema)


def test_a_newer_schema_shows_fields_that_this_program_does_not_know(make_outcome: Any) -> None:
    def extend(file: FileDescriptorProto) -> None:
        message(file, "Method").field.add(
            name="novelty", number=500, type=FieldDescriptorProto.TYPE_STRING, label=FieldDescriptorProto.LABEL_OPTIONAL
        )
        kinds = next(each for each in file.enum_type if each.name == "MethodKind")
        kinds.value.add(name="METHOD_KIND_NOVEL", number=99)

    record = make_outcome()
    method = b"\x08\x63" + b"\xa2\x1f\x03new"  # kind = 99, field 500 = "new"
    body = record.inspection_outcome.SerializeToString() + b"\x42" + bytes([len(method)]) + method
    record.ClearField("inspection_outcome")
    assert len(body) < 128
    data = record.SerializeToString() + b"\x62" + bytes([len(body)]) + body
    text = render_record(data, changed(METHOD, extend)).decode()
    assert '"novelty": "new"' in text
    assert "METHOD_KIND_NOVEL" in text
    assert "novelty" not in render_record(data, own_schema()).decode()


@pytest.mark.parametrize(
    "schema",
    [b"", b"\xff", b"\x0a\x02\x0a\x00", own_schema()[:-1], own_schema() + b"\x50\x01", b"\0" * (MAX_SCHEMA_BYTES + 1)],
    ids=["empty", "no protobuf", "no record", "cut", "more", "large"],
)
def test_what_is_no_schema_is_refused(make_outcome: Any, schema: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        render_record(make_outcome().SerializeToString(), schema)


@pytest.mark.parametrize("record", [b"\xff\xff", b"\x0a\x05\x0a\x03\xff\xfe\xfd", b"\x0a\x00\x0a"])
def test_bytes_that_are_no_record_are_refused(record: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        render_record(record, own_schema())


def test_a_time_that_no_calendar_has_is_refused(make_outcome: Any) -> None:
    record = make_outcome()
    record.header.issued_at.seconds = 2**62
    with pytest.raises(EvidenceInvalid):
        render_record(record.SerializeToString(), own_schema())
