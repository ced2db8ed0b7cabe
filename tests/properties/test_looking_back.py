"""Random histories over three real nodes: ledger, recalls and figures against going through everything that happened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mock_partners.behaviours import Trace
from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.clock import StageClock
from mock_partners.staging.dressed import Dressed, honest
from mock_partners.staging.homes import Homes
from mock_partners.staging.nodes import CALL_SECONDS, until
from mock_partners.staging.script import AgreementUse
from mock_partners.staging.stage import Stage
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import reliance_pb2 as reliance
from mutualrecognition.national.v1 import reliances_service_pb2 as reliances
from mutualrecognition.national.v1 import statistics_service_pb2 as statistics
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub
from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from mutualrecognition.records.v1.recall_answer_pb2 import GOODS_STATE_RELEASED
from tests.properties.looking_back import IN_LEDGER, MEMBERS, Decided, History, recalls_at

pytestmark = pytest.mark.long

START = 1_795_000_000
STEPS = 40
SEEDS = [int(each) for each in os.environ.get("LOOKING_BACK_SEEDS", "1 2").split()]
RECOGNITION = [{"from": "*", "to": "*", "weight_tolerance_percent": 5.0, "sample_percent": 20.0}]


@asynccontextmanager
async def open_stage(place: Path) -> AsyncIterator[Stage]:
    with closing(Homes(place / "homes")) as homes:
        clock, trace = StageClock(START), Trace()
        cast = [Dressed(homes.copy(each, place / "nodes"), (), clock, trace, honest, later=False) for each in MEMBERS]
        stage = Stage(cast, clock, trace)
        pairs = [(one, other) for one in MEMBERS for other in MEMBERS if one < other]
        uses = [AgreementUse(base="security", parties=pair, change={"recognition": RECOGNITION}) for pair in pairs]
        await stage.introduce((use.parties, agreement_text(use)) for use in uses)
        try:
            for member in MEMBERS:
                await stage.start(member)
            for member in MEMBERS:
                await stage.wait_for_links(member)
            yield stage
        finally:
            await stage.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_three_nodes_say_what_follows_from_what_happened(seed: int, tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        history = History(stage, Random(seed))
        await history.live(STEPS)
        await history.notices_heard()
        for member in MEMBERS:
            await history.settled(member)
        for member in MEMBERS:
            assert await ledger_of(stage, member) == expected_ledger(history.decided[member])
            assert await recalls_of(stage, member) == expected_recalls(history, member)
            for partner in set(MEMBERS) - {member}:
                ours = [each for each in history.decided[member] if partner in each.partners]
                assert figures(history, partner, ours) == counted((await asked(stage, member, partner)).relying)
                told = [each for each in ours if is_told(each)]
                heard = figures(history, partner, told)
                await until(
                    lambda member=member, partner=partner: asked(stage, partner, member),  # type: ignore[misc]
                    lambda found, heard=heard: counted(found.relied_on) == heard,  # type: ignore[misc]
                    f"at {partner} what {member} counts: {heard}",
                )


def is_told(decided: Decided) -> bool:
    """What did not rely nobody hears of; what was drawn for verification by its feedback alone."""
    drawn = decided.outcome == decisions.OUTCOME_VERIFY
    return decided.relied or (drawn and decided.finding != reliance.FINDING_UNSPECIFIED)


async def ledger_of(stage: Stage, at: str) -> dict[str, Any]:
    stub = ReliancesServiceStub(stage.national(at))
    listed = await stub.ListReliances(reliances.ListReliancesRequest(page_size=1000), timeout=CALL_SECONDS)
    return {
        each.decision_id: (each.outcome, frozenset(each.record_ids), each.goods_state, each.finding)
        for each in listed.reliances
    }


def expected_ledger(decided: Iterable[Decided]) -> dict[str, Any]:
    return {
        each.name: (each.outcome, each.records, each.goods, each.finding)
        for each in decided
        if each.outcome in IN_LEDGER
    }


async def recalls_of(stage: Stage, at: str) -> dict[str, Any]:
    """Give each recall with where it comes from and the decisions that it reaches, in its order."""
    stub, found = RecallsServiceStub(stage.national(at)), {}
    for name in await recalls_at(stage, at):
        answer = await stub.GetRecall(recalls.GetRecallRequest(recall_id=name, page_size=1000), timeout=CALL_SECONDS)
        found[name] = (
            recalls.RecallOrigin.Name(answer.recall.origin).removeprefix("RECALL_ORIGIN_"),
            [each.decision_id for each in answer.decisions],
            answer.recall.not_released,
        )
    return found


def expected_recalls(history: History, member: str) -> dict[str, Any]:
    decided = [each for each in history.decided[member] if each.relied]

    def reaching(origin: str, records: Iterable[str]) -> tuple[str, list[str], int]:
        hit = [each for each in decided if not each.records.isdisjoint(records)]
        released = {each.name for each in hit if each.goods == GOODS_STATE_RELEASED}
        order = sorted((each.name for each in hit), key=lambda name: (name not in released, name), reverse=True)
        return origin, order, len(hit) - len(released)

    def with_earlier(names: Iterable[str]) -> frozenset[str]:
        return frozenset(names).union(*(history.earlier(name) for name in names))

    found = {}
    for each in history.stated.values():
        if each.supersedes and each.issuer != member:
            found[each.name] = reaching("FOUND", history.earlier(each.name))
    if history.compromised is not None and history.compromised[0] != member:
        thief, since, said_at = history.compromised
        mine = (each for each in history.stated.values() if each.issuer == thief and since <= each.at < said_at)
        found[f"key:{thief}:2:{since}"] = reaching("FOUND", [each.name for each in mine])
    found = {name: each for name, each in found.items() if each[1]}
    for name, issuer, to, named in history.told:
        if issuer == member:
            found[name] = ("DECLARED", [], 0)
        elif to == member:
            found[name] = reaching("RECEIVED", with_earlier(named))
    for name, (issuer, named) in history.declared.items():
        found[name] = ("DECLARED", [], 0) if issuer == member else reaching("RECEIVED", with_earlier(named))
    return found


async def asked(stage: Stage, at: str, partner: str) -> statistics.PartnerFigures:
    request = statistics.GetStatisticsRequest()
    getattr(request, "from").seconds, request.until.seconds = START - 1, stage.clock.now() + 1
    answer = await StatisticsServiceStub(stage.national(at)).GetStatistics(request, timeout=CALL_SECONDS)
    return next(each for each in answer.partners if each.partner == partner)


def counted(figures: statistics.RelianceFigures) -> dict[str, Any]:
    shares = {
        name: {each.name: (each.decisions, each.contradictions.cases, each.contradictions.of) for each in sources}
        for name, sources in (("office", figures.offices), ("device", figures.devices), ("method", figures.methods))
    }
    return {
        "outcomes": {each.outcome: each.decisions for each in figures.outcomes},
        "avoided": {each.method: each.checks for each in figures.avoided},
        "findings": (figures.findings.confirmed, figures.findings.contradicted, figures.findings.open),
        "sample": (figures.sample.confirmed, figures.sample.contradicted, figures.sample.open),
        **shares,
    }


def figures(history: History, partner: str, decided: list[Decided]) -> dict[str, Any]:
    """Count decisions that looked at a partner's records, by going through them."""
    relied = [each for each in decided if each.relied]
    drawn = [each for each in decided if each.outcome == decisions.OUTCOME_VERIFY]
    return {
        "outcomes": dict(Counter(each.outcome for each in decided)),
        "avoided": dict(
            Counter(
                method for each in relied for record, method in each.stood if history.stated[record].issuer == partner
            )
        ),
        "findings": findings(relied),
        "sample": findings(drawn),
        "office": shares(history, partner, decided, "office"),
        "device": shares(history, partner, decided, "device"),
        "method": shares(history, partner, decided, "method"),
    }


def findings(decided: list[Decided]) -> tuple[int, int, int]:
    found = Counter(each.finding for each in decided)
    kinds = (reliance.FINDING_CONFIRMED, reliance.FINDING_CONTRADICTED, reliance.FINDING_UNSPECIFIED)
    return tuple(found[each] for each in kinds)  # type: ignore[return-value]


def shares(history: History, partner: str, decided: list[Decided], by: str) -> dict[str, tuple[int, int, int]]:
    found: dict[str, list[int]] = {}
    for each in decided:
        names = {
            {"office": stated.office, "device": stated.devices[method], "method": method}[by]
            for record, method in each.stood
            if (stated := history.stated[record]).issuer == partner
        }
        for name in names:
            count = found.setdefault(name, [0, 0, 0])
            count[0] += 1
            count[1] += each.finding == reliance.FINDING_CONTRADICTED
            count[2] += each.finding in (reliance.FINDING_CONTRADICTED, reliance.FINDING_CONFIRMED)
    return {name: tuple(count) for name, count in found.items()}  # type: ignore[misc]
