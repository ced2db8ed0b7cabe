"""Answers on many boxes: each has its line, with what is to be done, and none is lost for another's sake."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from click.testing import CliRunner, Result
from google.protobuf import json_format

from gateway.cli import deciding
from gateway.cli.main import cli
from mutualrecognition.national.v1.decision_pb2 import Question
from mutualrecognition.national.v1.recognition_service_pb2 import DecideResult

BOXES = ("MSKU3841906", "TCLU7719057", "ABCU0000000", "BICU1234565", "CSQU3054383")
SEAL = {"code": "VERIFY_SEAL", "text": "See that it bears the seal S-1, intact."}
NII = {"required": {"threat": "THREAT_NARCOTICS", "check": "NII"}}
ANSWERS: tuple[dict[str, Any], ...] = (
    {"decision": {"outcome": "OUTCOME_RELY_SUBJECT_TO", "summary": "If the gate shows it.", "conditions": [SEAL]}},
    {
        "decision": {
            "outcome": "OUTCOME_DO_NOT_RELY",
            "summary": "None may be left out.",
            "general": {"objections": [{"reason": "ALERT_OPEN", "text": "An alert.\x1b[2J"}]},
            "remaining": [{"threat": "THREAT_NARCOTICS", "checks": ["NII"], "reasons": ["NO_BASIS", "STALE"]}],
        }
    },
    {
        "refusal": {
            "reason": "MALFORMED",
            "message": "The question has a mistake.",
            "violations": [{"path": "required", "message": "At least 1."}],
        }
    },
    {"decision": {"outcome": "OUTCOME_VERIFY", "summary": "Check them all the same.", "checks": [NII]}},
    {
        "decision": {
            "outcome": "OUTCOME_PENDING",
            "summary": "Wait.",
            "pending": {"until": "2026-12-01T06:00:00Z", "on": [{"reference": "NL-R-1", "partner": "CN"}]},
        }
    },
)


@pytest.fixture
def file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A vessel of five boxes, whose questions a node answers with ``ANSWERS``."""

    def decided(home: object, questions: Sequence[Question], request_id: str | None) -> Iterator[DecideResult]:
        assert [each.consignment.container_numbers[0] for each in questions] == list(BOXES)
        for question, answer in zip(questions, ANSWERS, strict=True):
            result = json_format.ParseDict(answer, DecideResult(request_id=request_id or ""))
            if result.HasField("decision"):
                result.decision.question.CopyFrom(question)
            yield result

    monkeypatch.setattr(deciding, "decided", decided)
    path = tmp_path / "vessel.json"
    path.write_text(json.dumps([{"consignment": {"container_numbers": [each]}} for each in BOXES]), "utf-8")
    return path


def decide(*words: object) -> Result:
    return CliRunner().invoke(cli, ["decide", *map(str, words)])


def test_each_box_has_its_line_and_each_answer_is_counted(file: Any) -> None:
    told = decide(file)
    assert told.stdout.splitlines() == [
        "○ RELY SUBJECT TO  MSKU3841906  See that it bears the seal S-1, intact.",
        "✗ DO NOT RELY      TCLU7719057  An alert.�[2J (ALERT_OPEN) · Left to check: NARCOTICS by NII (NO_BASIS, STALE)",
        "✗ refused          ABCU0000000  MALFORMED: The question has a mistake. · required: At least 1.",
        "✗ VERIFY           BICU1234565  Check all the same: NARCOTICS by NII",
        "… PENDING          CSQU3054383  Until 2026-12-01 06:00, on NL-R-1 of CN",
        "",
        "5 questions",
        "        1  RELY SUBJECT TO  If the gate shows it.",
        "        1  DO NOT RELY      None may be left out.",
        "        1  refused          Not decided: its line says why.",
        "        1  VERIFY           Check them all the same.",
        "        1  PENDING          Wait.",
    ]
    assert told.exit_code == 1  # one was refused


def test_programs_get_an_object_for_each_question(file: Any) -> None:
    told = decide(file, "--json", "--request-id", "r")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [each.get("outcome") for each in rows[:2]] == ["OUTCOME_RELY_SUBJECT_TO", "OUTCOME_DO_NOT_RELY"]
    assert rows[2]["refusal"]["violations"] == [{"path": "required", "message": "At least 1."}]
    assert (len(rows), told.exit_code) == (5, 1)


def test_explained_each_is_told_whole_and_what_is_refused_stops_none(file: Any) -> None:
    told = decide(file, "--explain").stdout
    places = [told.index(each) for each in BOXES]
    assert places == sorted(places)
    assert told.count("Every basis against every rule") == 4
    assert "✗ refused          ABCU0000000  MALFORMED" in told
