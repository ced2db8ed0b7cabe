"""The engine: what it refuses to run with, and what the rules of the domain hold to."""

from __future__ import annotations

import re
import sys

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor

from buf.validate import validate_pb2
from gateway.records import check, check_time
from gateway.records.rules.annotations import AnnotationReader
from gateway.records.rules.constraints import CONTROLS, RuleNotSupported
from gateway.records.rules.kinds import NAMED, SAID
from gateway.records.rules.kinds.inspection_outcome import controls_goods
from gateway.records.rules.kinds.record import SUBJECTS
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import method_pb2 as methods
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.records.making import example_record


def describe(rules: validate_pb2.FieldRules, label: int = 1, kind: int = 9) -> Descriptor:
    """Make a message type with one field that bears ``rules``."""
    file = descriptor_pb2.FileDescriptorProto(name="one.proto", package="one", syntax="proto3")
    message = file.message_type.add(name="One")
    field = message.field.add(name="it", number=1, label=label, type=kind)
    field.options.Extensions[validate_pb2.field].CopyFrom(rules)
    pool = descriptor_pool.DescriptorPool()
    for module in (descriptor_pb2, validate_pb2):
        for needed in (*module.DESCRIPTOR.dependencies, module.DESCRIPTOR):
            pool.AddSerializedFile(needed.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindMessageTypeByName("one.One")


@pytest.mark.parametrize(
    "descriptor",
    [
        pytest.param(describe(validate_pb2.FieldRules(string={"email": True})), id="a rule it does not know"),
        pytest.param(describe(validate_pb2.FieldRules(string={"pattern": "[a-z]"})), id="a pattern without anchors"),
        pytest.param(describe(validate_pb2.FieldRules(), label=3), id="a list without bounds"),
        pytest.param(describe(validate_pb2.FieldRules(ignore="IGNORE_ALWAYS")), id="a field that is ignored"),
    ],
)
def test_an_annotation_that_is_not_honoured_stops_the_program(descriptor: Descriptor) -> None:
    with pytest.raises(RuleNotSupported):
        AnnotationReader(SAID, NAMED).read(descriptor)


def test_a_cel_rule_without_its_function_stops_the_program() -> None:
    with pytest.raises(RuleNotSupported, match="no function stands for the annotations"):
        AnnotationReader({}, NAMED).read(Record.DESCRIPTOR)


def test_every_kind_says_what_it_can_be_about() -> None:
    assert set(SUBJECTS) == {field.name for field in Record.DESCRIPTOR.oneofs_by_name["body"].fields}


@pytest.mark.parametrize("kind", [methods.METHOD_KIND_DOC, methods.METHOD_KIND_NO_PHYSICAL_CONTROL])
def test_documents_alone_are_never_a_control(kind: methods.MethodKind) -> None:
    outcome = outcomes.InspectionOutcome(methods=[methods.Method(kind=kind)])
    assert not controls_goods(outcome)
    outcome.methods.add(kind=methods.METHOD_KIND_WEIGH)
    assert controls_goods(outcome)


@pytest.mark.parametrize("conclusion", [outcomes.CONCLUSION_NO_DISCREPANCY, outcomes.CONCLUSION_MINOR_CORRECTED])
def test_an_unresolved_alarm_is_never_clear(conclusion: outcomes.Conclusion) -> None:
    record = example_record("inspection_outcome")
    outcome = record.inspection_outcome
    outcome.conclusion = conclusion
    outcome.methods[1].radiation.alarm = methods.RADIATION_ALARM_UNRESOLVED
    assert "inspection_outcome.unresolved_alarm" in {found.rule for found in check(record)}
    outcome.conclusion = outcomes.CONCLUSION_INCONCLUSIVE
    assert check(record) == ()


@pytest.mark.parametrize(
    ("code", "kind", "conclusion", "kept"),
    [
        ("A1", methods.METHOD_KIND_PHYS_PARTIAL, outcomes.CONCLUSION_NO_DISCREPANCY, True),
        ("A2", methods.METHOD_KIND_PHYS_PARTIAL, outcomes.CONCLUSION_NO_DISCREPANCY, False),
        ("A2", methods.METHOD_KIND_NO_PHYSICAL_CONTROL, outcomes.CONCLUSION_NO_DISCREPANCY, True),
        ("A3", methods.METHOD_KIND_NO_PHYSICAL_CONTROL, outcomes.CONCLUSION_NO_DISCREPANCY, False),
        ("B1", methods.METHOD_KIND_PHYS_PARTIAL, outcomes.CONCLUSION_NO_DISCREPANCY, False),
        ("ZZ", methods.METHOD_KIND_PHYS_PARTIAL, outcomes.CONCLUSION_NO_DISCREPANCY, False),
    ],
)
def test_considered_satisfactory_never_becomes_a_control(
    code: str,
    kind: methods.MethodKind,
    conclusion: outcomes.Conclusion,
    kept: bool,
) -> None:
    record = example_record("inspection_outcome")
    outcome = record.inspection_outcome
    outcome.ClearField("coverage")
    del outcome.methods[:]
    outcome.methods.add(kind=kind)
    outcome.conclusion = conclusion
    outcome.national_code.scheme, outcome.national_code.code = "EU_TRANSIT", code
    assert (check(record) == ()) is kept


def test_text_that_is_printable_has_no_controls_so_it_needs_no_closer_look() -> None:
    refused = re.findall(f"[{CONTROLS}]", "".join(map(chr, range(sys.maxunicode + 1))))
    assert len(refused) == 71
    assert not any(character.isprintable() for character in refused)


def test_a_record_from_the_future_is_told_by_the_clock() -> None:
    record = example_record("alert")
    issued = record.header.issued_at.seconds
    assert check_time(record, issued - 300) == ()
    assert [found.path for found in check_time(record, issued - 301)] == ["header.issued_at"]


def test_all_faults_are_told_at_once() -> None:
    record = example_record("screening_result")
    record.header.issuer = "nl"
    record.screening_result.ClearField("performed_at")
    del record.screening_result.assessments[:]
    assert {(found.path, found.rule) for found in check(record)} == {
        ("header.issuer", "string.pattern"),
        ("screening_result.performed_at", "required"),
        ("screening_result.assessments", "repeated.min_items"),
    }


def test_a_consent_that_was_withdrawn_leaves_only_the_number() -> None:
    record = example_record("aeo_status")
    record.aeo_status.Clear()
    record.aeo_status.tin = "CN1234567890"
    record.aeo_status.consent.withdrawn_at.seconds = record.header.issued_at.seconds
    assert check(record) == ()
    record.aeo_status.legal_name = "still here"
    assert [found.rule for found in check(record)] == ["aeo_status.tombstone_only"]
