"""When it was wrong: two whole nodes. CN's x-ray unit was at fault; NL had relied on it. Scenario 16 of the domain."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from click.testing import CliRunner
from google.protobuf import json_format

from gateway.app import open_node
from gateway.cli.main import cli
from gateway.config import load
from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import decision_pb2 as decision
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import recognition_service_pb2 as recognition
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import reliance_pb2 as reliance
from mutualrecognition.national.v1 import reliances_service_pb2 as reliances
from mutualrecognition.national.v1 import statistics_service_pb2 as statistics
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub
from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, METHOD_KIND_PHYS_FULL_DEVAN, Method
from mutualrecognition.records.v1.recall_answer_pb2 import GOODS_STATE_HELD, GOODS_STATE_RELEASED
from mutualrecognition.records.v1.recall_pb2 import RECALL_CAUSE_EQUIPMENT_FAULT, RECALL_CAUSE_RECORD_WITHDRAWN
from tests import nodes
from tests.nodes import Home

UNIT, OFFICE, OTHER_UNIT = "CN-YTN-XR-07", "CNYTN01", "CN-YTN-XR-01"
BOXES, RELEASED = 12, 8
RELIED = (decision.OUTCOME_RELY, decision.OUTCOME_RELY_SUBJECT_TO)
RELY_OR_SAMPLE = (*RELIED, decision.OUTCOME_VERIFY)


@dataclass(frozen=True)
class Desk:
    """What an officer of one administration works with."""

    home: Home
    recognition: RecognitionServiceStub
    reliances: ReliancesServiceStub
    recalls: RecallsServiceStub
    statistics: StatisticsServiceStub


@asynccontextmanager
async def desk(home: Home) -> AsyncIterator[Desk]:
    credential = nodes.local(home)
    async with nodes.channel(home.national, root=home.national_authority, credential=credential) as opened:
        yield Desk(
            home,
            RecognitionServiceStub(opened),
            ReliancesServiceStub(opened),
            RecallsServiceStub(opened),
            StatisticsServiceStub(opened),
        )


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[tuple[Desk, Desk]]:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    async with (
        open_node(load(nl.path), nl.path),
        open_node(load(cn.path), cn.path),
        desk(cn) as at_cn,
        desk(nl) as at_nl,
    ):
        yield at_cn, at_nl


def ucr(number: int) -> str:
    return f"6CN1234567890PO{number:05}"


def control(number: int, *, unit: str = UNIT) -> national.Submission:
    given = national.Submission(request_id=str(uuid4()))
    json_format.Parse((nodes.ROOT / "docs" / "examples" / "record.json").read_text("utf-8"), given.record)
    given.record.header.issuing_office = OFFICE
    body = given.record.inspection_outcome
    body.control_id = f"C-{number}"
    body.consignment.ucr = ucr(number)
    given.record.header.subject.consignment.ucr = ucr(number)
    for method in body.methods:
        if method.kind == METHOD_KIND_NII_XRAY:
            method.equipment_id = unit
    body.started_at.seconds, body.ended_at.seconds = int(time.time()) - 7200, int(time.time()) - 3600
    return given


async def decide(at: Desk, number: int) -> decision.Decision:
    question = decision.Question()
    asked = {
        "consignment": {"container_numbers": ["MSKU3841906"], "ucr": ucr(number)},
        "required": [{"threat": threat, "check": "NII"} for threat in ("THREAT_EXPLOSIVES_IED", "THREAT_WEAPONS")],
    }
    json_format.ParseDict(asked, question)
    request = recognition.DecideRequest(request_id=str(uuid4()), question=question)
    return (await at.recognition.Decide(request)).decision


async def relied(cn: Desk, nl: Desk, count: int = BOXES) -> list[str]:
    """Have CN state controls and NL decide on each; gives the decisions that relied."""
    await nodes.submit(cn.home, [control(number) for number in range(count)])
    await nodes.received(nl.home, count)
    decided = [await decide(nl, number) for number in range(count)]
    assert {each.outcome for each in decided} <= set(RELY_OR_SAMPLE)
    return [each.decision_id for each in decided if each.outcome in RELIED]


async def recalls_at(at: Desk, count: int) -> list[recalls.Recall]:
    """Wait until so many recalls are there."""

    async def look() -> list[recalls.Recall]:
        return list((await at.recalls.ListRecalls(recalls.ListRecallsRequest())).recalls)

    found: list[recalls.Recall] = await nodes.until(look, lambda seen: len(seen) >= count)
    return found


async def due(at: Desk) -> list[tuple[str, str, bool, str, str, str]]:
    """Read the inbox as a program does."""
    words = ["inbox", "--json", "--home", str(at.home.path)]
    told = await asyncio.to_thread(CliRunner().invoke, cli, words)
    assert told.exit_code == 0, told.output
    rows = [json.loads(line) for line in told.output.splitlines()]
    return [(row["what"], row["whom"], row["mine"], row["goods"], row["to_do"], row["name"]) for row in rows]


async def test_a_unit_at_fault_is_recalled_answered_and_counted(desks: tuple[Desk, Desk]) -> None:
    cn, nl = desks
    decisions = await relied(cn, nl)
    released = decisions[:RELEASED]
    noted = reliances.NoteGoodsRequest(decision_ids=released, state=GOODS_STATE_RELEASED)
    assert not (await nl.reliances.NoteGoods(noted)).unknown
    declare = recalls.DeclareRecallRequest(
        recall_id="CN-2026-7",
        selection=recalls.RecallSelection(equipment_id=UNIT),
        cause=RECALL_CAUSE_EQUIPMENT_FAULT,
        text="Unit 07 was out of calibration.",
        dry_run=True,
    )
    would = (await cn.recalls.DeclareRecall(declare)).recall
    assert (len(would.record_ids), [each.partner for each in would.parties]) == (BOXES, ["NL"])
    assert not (await cn.recalls.ListRecalls(recalls.ListRecallsRequest())).recalls
    declare.dry_run = False
    declared = (await cn.recalls.DeclareRecall(declare)).recall
    assert declared.state == recalls.RECALL_STATE_OPEN
    assert (await cn.recalls.DeclareRecall(declare)).recall.record_ids == declared.record_ids

    (recall,) = await recalls_at(nl, 1)
    assert (recall.recall_id, recall.origin) == ("CN-2026-7", recalls.RECALL_ORIGIN_RECEIVED)
    assert (recall.decisions, recall.not_released) == (len(decisions), len(decisions) - RELEASED)
    shown = await nl.recalls.GetRecall(recalls.GetRecallRequest(recall_id="CN-2026-7"))
    still = [each.decision_id for each in shown.decisions[: len(decisions) - RELEASED]]
    assert set(still) == set(decisions) - set(released)
    assert all(each.goods_state == GOODS_STATE_RELEASED for each in shown.decisions[len(still) :])

    assert await due(nl) == [("recall", "from CN", True, f"{len(decisions)} decisions", "answer", "CN-2026-7")]
    assert await due(cn) == [("recall", "to NL", False, f"{BOXES} records", "NL is to answer", "CN-2026-7")]
    complete = recalls.AnswerRecallRequest(recall_id="CN-2026-7", complete=True)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await nl.recalls.AnswerRecall(complete)
    assert reason_in(caught.value)[0] == "STEP_NOT_POSSIBLE"
    found = reliance.ArrivalReport(
        checks_done=[Method(kind=METHOD_KIND_PHYS_FULL_DEVAN)],
        conclusion=outcomes.CONCLUSION_DISCREPANCY,
        contradiction=True,
    )
    await _change_ones_mind(nl, still[0], found)
    for name in still:
        feedback = reliances.GiveFeedbackRequest(decision_id=name, report=found, goods_state=GOODS_STATE_HELD)
        closed = (await nl.reliances.GiveFeedback(feedback)).reliance
        assert closed.finding == reliance.FINDING_CONTRADICTED
        assert (await nl.reliances.GiveFeedback(feedback)).reliance == closed
    await _verify_what_was_drawn(nl)
    answered = (await nl.recalls.AnswerRecall(complete)).recall
    assert answered.state == recalls.RECALL_STATE_SETTLED

    async def at_home() -> recalls.Recall:
        return (await cn.recalls.GetRecall(recalls.GetRecallRequest(recall_id="CN-2026-7"))).recall

    settled = await nodes.until(at_home, lambda seen: seen.state == recalls.RECALL_STATE_SETTLED)
    assert {each.decision_id for each in settled.parties[0].findings} == set(decisions)
    assert await due(nl) == await due(cn) == []
    await _figures_agree(cn, nl, decisions, len(still))
    after = await decide(nl, 0)
    assert after.outcome == decision.OUTCOME_DO_NOT_RELY


async def _change_ones_mind(nl: Desk, decision_id: str, found: reliance.ArrivalReport) -> None:
    """Say that it contradicts, and then that it does not: what is said once more after that must reach CN too."""
    clear = reliance.ArrivalReport(checks_done=found.checks_done, conclusion=outcomes.CONCLUSION_NO_DISCREPANCY)
    for report in (found, clear):
        feedback = reliances.GiveFeedbackRequest(decision_id=decision_id, report=report, goods_state=GOODS_STATE_HELD)
        await nl.reliances.GiveFeedback(feedback)


async def _verify_what_was_drawn(nl: Desk) -> None:
    """Chance draws some goods for verification; CN hears of them by what was found, and not before."""
    listed = await nl.reliances.ListReliances(reliances.ListReliancesRequest(page_size=100))
    clear = reliance.ArrivalReport(
        checks_done=[Method(kind=METHOD_KIND_PHYS_FULL_DEVAN)], conclusion=outcomes.CONCLUSION_NO_DISCREPANCY
    )
    for each in listed.reliances:
        if each.outcome == decision.OUTCOME_VERIFY:
            feedback = reliances.GiveFeedbackRequest(decision_id=each.decision_id, report=clear)
            await nl.reliances.GiveFeedback(feedback)


async def _figures_agree(cn: Desk, nl: Desk, decisions: list[str], contradicted: int) -> None:
    """NL's figures of its reliance on CN are what CN has heard of it."""
    asked = statistics.GetStatisticsRequest()
    getattr(asked, "from").seconds, asked.until.seconds = int(time.time()) - 86_400, int(time.time()) + 86_400

    async def counted(at: Desk) -> statistics.PartnerFigures:
        return (await at.statistics.GetStatistics(asked)).partners[0]

    def same(heard: statistics.PartnerFigures) -> bool:
        return comparable(heard.relied_on) == comparable(ours)

    ours = (await counted(nl)).relying
    assert ours.findings.contradictions.cases == contradicted
    await nodes.until(lambda: counted(cn), same)
    (office,), (device,) = ours.offices, ours.devices
    assert (office.name, device.name) == (OFFICE, UNIT)
    assert device.contradictions.cases == contradicted
    assert {each.method: each.checks for each in ours.avoided} == {"NII_XRAY": 2 * len(decisions)}
    assert office.decisions == len(decisions) + drawn(ours)


def comparable(figures: statistics.RelianceFigures) -> statistics.RelianceFigures:
    """What both sides of an agreement must count alike: all but what nobody is told of."""
    told = statistics.RelianceFigures()
    told.CopyFrom(figures)
    del told.outcomes[:]
    told.outcomes.extend(each for each in figures.outcomes if each.outcome in (*RELIED, decision.OUTCOME_VERIFY))
    return told


def drawn(figures: statistics.RelianceFigures) -> int:
    return sum(each.decisions for each in figures.outcomes if each.outcome == decision.OUTCOME_VERIFY)


async def test_a_withdrawal_is_found_and_told_without_anybody_asking(desks: tuple[Desk, Desk]) -> None:
    cn, nl = desks
    decisions = await relied(cn, nl, 4)
    decision_id = decisions[0]
    entry = (await nl.reliances.GetReliance(reliances.GetRelianceRequest(decision_id=decision_id))).reliance
    (record_id,) = entry.record_ids
    await nodes.received(cn.home, len(decisions))  # NL's notices, from which CN knows whom to tell
    taken_back = national.Submission(request_id="back")
    taken_back.record.header.purpose = 1
    taken_back.record.header.subject.record_id = taken_back.record.header.supersedes = record_id
    taken_back.record.withdrawal.reason = 1
    await nodes.submit(cn.home, [taken_back])
    found = {each.origin: each for each in await recalls_at(nl, 2)}
    assert found[recalls.RECALL_ORIGIN_FOUND].cause == RECALL_CAUSE_RECORD_WITHDRAWN
    assert found[recalls.RECALL_ORIGIN_RECEIVED].record_ids == [record_id]
    assert {each.decisions for each in found.values()} == {1}
    shown = await nl.recalls.GetRecall(recalls.GetRecallRequest(recall_id=found[recalls.RECALL_ORIGIN_FOUND].recall_id))
    assert [each.decision_id for each in shown.decisions] == [decision_id]


async def test_reliance_on_one_unit_is_suspended_and_the_others_go_on(desks: tuple[Desk, Desk]) -> None:
    cn, nl = desks
    await nodes.submit(cn.home, [control(1), control(2, unit=OTHER_UNIT)])
    await nodes.received(nl.home, 2)
    suspend = reliances.SuspendRelianceRequest(
        request_id="s-1", scope=reliance.SuspensionScope(partner="CN", equipment_id=UNIT), reason="out of calibration"
    )
    suspension = (await nl.reliances.SuspendReliance(suspend)).suspension
    assert (await nl.reliances.SuspendReliance(suspend)).suspension == suspension
    refused = await decide(nl, 1)
    assert refused.outcome == decision.OUTCOME_DO_NOT_RELY
    assert "RELIANCE_SUSPENDED" in refused.remaining[0].reasons
    assert (await decide(nl, 2)).outcome in RELY_OR_SAMPLE
    lift = reliances.LiftSuspensionRequest(suspension_id=suspension.suspension_id, reason="calibrated")
    await nl.reliances.LiftSuspension(lift)
    assert (await decide(nl, 1)).outcome in RELY_OR_SAMPLE
