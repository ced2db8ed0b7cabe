"""An expectation bites: whatever a scenario expects of a decision, another answer is a fault, told with what came."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mock_partners.staging.deciding import expected, faults, question_of, told
from mock_partners.staging.junit import write_junit
from mock_partners.staging.report import Line, Report
from mock_partners.staging.script import ScenarioInvalid
from mock_partners.staging.steps import Answer
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1 import threat_pb2 as threat

GOOD = {
    "outcome": "RELY_IN_PART",
    "why": "the x-ray counts, the rest was not done",
    "general": [],
    "conditions": ["VERIFY_SEAL CN0047821"],
    "remaining": ["NARCOTICS:PHYSICAL"],
    "relied_on": ["control"],
    "against": {"CONTROL": ["METHOD_NOT_EQUIVALENT", "SEAL_TO_VERIFY"], "NOTHING": []},
    "checks": {
        "EXPLOSIVES_IED:NII": {
            "standing": "MET_ON_CONDITION",
            "by": "CONTROL",
            "against": {"CONTROL": ["SEAL_TO_VERIFY"]},
        },
        "NARCOTICS:PHYSICAL": {"standing": "REMAINS", "against": {"CONTROL": ["METHOD_NOT_EQUIVALENT"]}},
    },
}


def decision() -> pb.Decision:
    """Give a decision that is just as expected."""
    made = pb.Decision(outcome=pb.OUTCOME_RELY_IN_PART)
    made.conditions.add(code="VERIFY_SEAL", expected="CN0047821")
    made.remaining.add(threat=threat.THREAT_NARCOTICS, checks=["PHYSICAL"])
    made.records.add(record_id="one", relied_on=True)
    made.records.add(record_id="two")
    for check, about, standing, reason in (
        ("NII", threat.THREAT_EXPLOSIVES_IED, pb.CHECK_STANDING_MET_ON_CONDITION, "SEAL_TO_VERIFY"),
        ("PHYSICAL", threat.THREAT_NARCOTICS, pb.CHECK_STANDING_REMAINS, "METHOD_NOT_EQUIVALENT"),
    ):
        result = made.checks.add(standing=standing)
        result.required.check, result.required.threat = check, about
        basis = result.bases.add(kind=pb.BASIS_KIND_CONTROL)
        basis.rules.objections.add(reason=reason)
    return made


def compared(changes: dict[str, object]) -> tuple[str, ...]:
    return faults(Answer.model_validate({**GOOD, **changes}), decision(), {"control": "one", "other": "two"})


def test_what_is_as_expected_has_no_faults() -> None:
    assert compared({}) == ()
    answer = Answer.model_validate(GOOD)
    assert expected(answer) == told(decision(), answer)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"outcome": "RELY"}, "outcome: expected RELY, came RELY_IN_PART"),
        ({"general": ["NO_LOAD"]}, "reasons that refuse everything: expected NO_LOAD, came none"),
        ({"conditions": []}, "conditions: expected none, came VERIFY_SEAL CN0047821"),
        ({"conditions": ["VERIFY_SEAL CN1"]}, "conditions: expected VERIFY_SEAL CN1, came VERIFY_SEAL CN0047821"),
        ({"remaining": []}, "left to check: expected none, came NARCOTICS:PHYSICAL"),
        ({"relied_on": ["other"]}, "stands on: expected other, came control"),
        ({"against": {"CONTROL": []}}, "expected none, came METHOD_NOT_EQUIVALENT, SEAL_TO_VERIFY"),
        ({"against": {"AEO": ["AEO_SCOPE"]}}, "against the bases of kind AEO: expected AEO_SCOPE, came none"),
        ({"against": {"NOTHING": ["NO_BASIS"]}}, "of kind NOTHING: expected NO_BASIS, came none"),
        ({"checks": {"CASH:DOCUMENTS": {"standing": "MET"}}}, "CASH:DOCUMENTS was not asked"),
        ({"checks": {"EXPLOSIVES_IED:NII": {"standing": "MET"}}}, "EXPLOSIVES_IED:NII: expected MET, came MET_ON"),
        (
            {"checks": {"EXPLOSIVES_IED:NII": {"standing": "MET_ON_CONDITION", "by": "AEO"}}},
            "EXPLOSIVES_IED:NII is met by: expected AEO, came CONTROL",
        ),
        (
            {"checks": {"NARCOTICS:PHYSICAL": {"standing": "REMAINS", "against": {"CONTROL": []}}}},
            "against the bases of NARCOTICS:PHYSICAL of kind CONTROL: expected none, came METHOD_NOT_EQUIVALENT",
        ),
    ],
)
def test_another_expectation_is_a_fault(changes: dict[str, object], fault: str) -> None:
    assert any(fault in each for each in compared(changes)), compared(changes)


def test_a_question_that_is_none_is_told() -> None:
    with pytest.raises(ScenarioInvalid, match="'at-the-gate' is none"):
        question_of({"when": "now"}, None, "at-the-gate")
    with pytest.raises(ScenarioInvalid, match="THREAT_BOREDOM"):
        question_of({}, ["BOREDOM:NII"], "at-the-gate")


def test_junit_has_every_step_and_what_failed(tmp_path: Path) -> None:
    lines = [Line("CN submits", "at NL", "at NL"), Line("NL decides", "RELY", "VERIFY", ("it is \x00not",), "why not")]
    write_junit(tmp_path / "j.xml", [Report("a/b", "A", "because", lines=lines)])
    (suite,) = ET.parse(tmp_path / "j.xml").getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("a/b", "2", "1")
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "it is �not"
    assert "why not" in (failure.text or "")
