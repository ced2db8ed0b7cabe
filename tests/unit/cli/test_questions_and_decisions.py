"""Questions as people write them, and decisions in a list."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from gateway.cli.decision_table import decisions_table
from gateway.cli.questions import read_question
from gateway.errors import Malformed
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.threat_pb2 import THREAT_NARCOTICS, THREAT_RADIOLOGICAL_NUCLEAR


def test_names_may_be_short_or_whole() -> None:
    for name in ("NARCOTICS", "THREAT_NARCOTICS"):
        asked = read_question({"required": [{"threat": name, "check": "NII"}]})
        assert asked.required[0].threat == THREAT_NARCOTICS


def test_a_word_that_names_nothing_is_told_with_those_that_do() -> None:
    with pytest.raises(Malformed, match=r"^threat has 'FOO', which is none of EXPLOSIVES_IED, .*STOWAWAY\.") as told:
        read_question({"required": [{"threat": "FOO", "check": "NII"}]})
    assert "UNSPECIFIED" not in str(told.value)
    with pytest.raises(Malformed, match="role has 'PILOT'"):
        read_question({"declared": {"operators": [{"role": "PILOT", "tin": "CN1"}]}})


def test_on_a_narrow_screen_nothing_that_one_asks_by_is_cut_off() -> None:
    found = pb.Decision(decision_id="01a21b5b-40cb-7b34-ab7c-09c8712a5a89", outcome=pb.OUTCOME_RELY_SUBJECT_TO)
    found.question.consignment.container_numbers.append("MSKU3841906")
    found.decided_at.seconds = 1_795_000_000
    found.remaining.add(threat=THREAT_RADIOLOGICAL_NUCLEAR)
    found.override.outcome = pb.OUTCOME_DO_NOT_RELY
    page = StringIO()
    Console(file=page, width=80).print(decisions_table([found]))
    told = page.getvalue()
    for whole in (found.decision_id, "MSKU3841906", "2026-11-18 11:06"):
        assert whole in told
    assert "overridden" in "".join(told.split())
    assert all(each in told for each in ("RELY SUBJECT TO", "RADIOLOGICAL_NUCLEAR"))
