"""What requests, alerts and their answers say in a line, and a request's whole story."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format
from rich.console import Console

from gateway.cli.describing import summary
from gateway.cli.hand_stories import alert_lines, request_lines
from gateway.cli.hand_table import Row, hand_table, rows_of_recall
from gateway.records.templates import example
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.records.v1 import alert_pb2, request_pb2
from mutualrecognition.records.v1.record_pb2 import Record


def record(kind: str, **said: Any) -> Record:
    made = Record()
    made.header.issuer = "NL"
    json_format.ParseDict({kind: said}, made)
    return made


GOODS = {"container_numbers": ["MSKU3841906"]}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            record(
                "control_request",
                request_id="R-1",
                consignment=GOODS,
                methods_wanted=["METHOD_KIND_NII_XRAY", "METHOD_KIND_K9"],
                threat_category="THREAT_NARCOTICS",
                observe_requested=True,
                fallback="FALLBACK_NO_LOAD",
                on_behalf_of="US",
                state="REQUEST_STATE_SENT",
            ),
            (
                "control request R-1: NII_XRAY + K9 for NARCOTICS; an officer wishes to be present; otherwise NO_LOAD, "
                "for an officer of US, MSKU3841906"
            ),
        ),
        (
            record("screening_request", request_id="R-2", consignment=GOODS, threats=["THREAT_WASTE"]),
            "screening request R-2: risk of WASTE, MSKU3841906",
        ),
        (
            record("information_request", request_id="R-3", tin="CN1", elements=["roles"], question="Which?"),
            'information request R-3: roles: "Which?", CN1',
        ),
        (
            record(
                "control_answer",
                request_id="R-1",
                state="REQUEST_STATE_COUNTER_PROPOSED",
                methods_offered=["METHOD_KIND_NII_GAMMA"],
            ),
            "control answer R-1: COUNTER_PROPOSED, instead NII_GAMMA",
        ),
        (
            record(
                "information_answer",
                request_id="R-3",
                state="REQUEST_STATE_COMPLETED",
                elements=[{"element": "roles", "value": "EXPORTER"}, {"element": "seal"}],
            ),
            "information answer R-3: COMPLETED, roles = EXPORTER, seal = unknown",
        ),
        (
            record("alert", alert_id="A-1", type="ALERT_TYPE_NO_LOAD", container_numbers=["A", "B"], text="Stop"),
            'alert NO LOAD A-1, "Stop", A B',
        ),
        (
            record("alert_answer", alert_id="A-1", state="ALERT_STATE_NOT_POSSIBLE", reason="On board"),
            'alert answer A-1: NOT_POSSIBLE, "On board"',
        ),
        (record("withdrawal", reason="WITHDRAWAL_REASON_EQUIPMENT_FAULT"), "withdrawal EQUIPMENT_FAULT"),
    ],
    ids=lambda told: told.WhichOneof("body") if isinstance(told, Record) else "",
)
def test_a_line_says_what_is_asked_and_what_is_answered(told: Record, line: str) -> None:
    assert summary(told) == line


def test_a_whole_story_tells_what_was_answered_and_what_is_still_missing() -> None:
    life = requests.Request(
        asker="NL",
        asked="CN",
        request_id="R-1",
        matter=requests.REQUEST_MATTER_INFORMATION,
        state=request_pb2.REQUEST_STATE_COMPLETED,
    )
    asked = record("information_request", request_id="R-1", tin="CN1", elements=["roles"])
    life.record.record.CopyFrom(asked)
    elements = [{"element": "roles", "value": "EXPORTER"}]
    life.answer.record.CopyFrom(record("information_answer", request_id="R-1", elements=elements))
    lines = list(request_lines(life))
    assert lines[:3] == ["R-1: NL asks CN for information: COMPLETED", "  about CN1", "  asked roles"]
    assert "  answered roles = EXPORTER" in lines
    life.ClearField("answer")
    life.control_id = "CN-2026-1"
    lines = list(request_lines(life))
    assert "  answered control CN-2026-1" in lines
    assert "  its outcome is not here yet" in lines
    json_format.Parse(example("inspection_outcome"), life.outcome.record)
    assert any(line.startswith("  outcome") and "NII_XRAY" in line for line in request_lines(life))


def test_a_recall_asks_for_an_answer_of_whoever_has_not_told_all() -> None:
    life = recalls.Recall(recall_id="CN-7", state=recalls.RECALL_STATE_ESCALATED, decisions=1200, records=3)
    life.ack_required_by.seconds = 86_400
    life.parties.add(partner="CN")
    life.origin = recalls.RECALL_ORIGIN_RECEIVED
    (row,) = rows_of_recall(life)
    assert row == Row(86_400, True, True, "recall", "from CN", "ESCALATED", "1,200 decisions", "answer", "CN-7")
    life.origin = recalls.RECALL_ORIGIN_DECLARED
    life.parties.add(partner="US", answered_at={"seconds": 9})
    life.parties.add(partner="BR", complete=True)
    life.parties.add(partner="KE", unreachable=True)
    told = [(each.whom, each.due, each.late, each.mine, each.to_do) for each in rows_of_recall(life)]
    assert told == [
        ("to CN", 86_400, True, False, "CN is to answer"),
        ("to US", None, False, False, "US is to tell the rest"),
    ]


def test_no_number_is_cut_on_a_narrow_screen() -> None:
    box, name = "MSKU3841906", "NL-209e8dbf2e41158f"
    row = Row(0, True, True, "NO LOAD LIFTED", "from NL", "ACKNOWLEDGED", box, "act, or say why not", name)
    console = Console(width=80, color_system=None)
    with console.capture() as shown:
        console.print(hand_table([row], 7 * 86_400))
    text = shown.get()
    assert box in text
    assert "…" not in text


def test_a_lift_lets_go_and_a_no_load_holds() -> None:
    life = alerts.Alert(issuer="NL", receiver="CN", alert_id="A-2", held=[alerts.Held(container_number="BOX")])
    life.record.record.alert.type = alert_pb2.ALERT_TYPE_NO_LOAD
    assert "  BOX: held" in list(alert_lines(life))
    life.record.record.alert.type = alert_pb2.ALERT_TYPE_NO_LOAD_LIFTED
    life.record.record.alert.lifts = "A-1"
    lines = list(alert_lines(life))
    assert "  BOX: let go" in lines
    assert "  lifts A-1" in lines
