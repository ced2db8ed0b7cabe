"""May we rely? Two whole nodes in this process: CN states, NL decides, through the national API alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import json_format

from certs.authority import Credential
from gateway.app import open_node
from gateway.config import load
from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import decision_pb2 as decision
from mutualrecognition.national.v1 import recognition_service_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from tests import nodes
from tests.nodes import Home

BOX, UCR, SEAL = "MSKU3841906", "6CN1234567890PO44712", "CN0047821"
RELY, SUBJECT_TO = decision.OUTCOME_RELY, decision.OUTCOME_RELY_SUBJECT_TO


class LateClock:
    """The machine's clock, put on by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = 0

    def now(self) -> int:
        return int(time.time()) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()


@asynccontextmanager
async def deciding(home: Home) -> AsyncIterator[RecognitionServiceStub]:
    credential = Credential.read(home.path / "clients" / "local", "client")
    async with nodes.channel(home.national, root=home.national_authority, credential=credential) as opened:
        yield RecognitionServiceStub(opened)


def control() -> national.Submission:
    given = national.Submission(request_id=str(uuid4()))
    json_format.Parse((nodes.ROOT / "docs" / "examples" / "record.json").read_text("utf-8"), given.record)
    given.record.inspection_outcome.started_at.seconds = int(time.time()) - 7200
    given.record.inspection_outcome.ended_at.seconds = int(time.time()) - 3600
    return given


def question(request_id: str, **more: Any) -> pb.DecideRequest:
    asked = {
        "consignment": {"container_numbers": [BOX], "ucr": UCR},
        "required": [{"threat": "THREAT_EXPLOSIVES_IED", "check": "NII"}],
        **more,
    }
    return pb.DecideRequest(request_id=request_id, question=json_format.ParseDict(asked, decision.Question()))


def at_the_gate(number: str = SEAL) -> dict[str, Any]:
    seen = [{"container_number": BOX, "number": number, "state": "SEAL_STATE_INTACT"}]
    return {"point": "POINT_OF_TIME_AT_ARRIVAL", "arrival": {"at": "2026-12-01T00:00:00Z", "seals": seen}}


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


async def test_what_arrived_is_relied_on_replayed_and_overridden(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with open_node(load(nl.path), nl.path), open_node(load(cn.path), cn.path), deciding(nl) as service:
        assert (await service.Decide(question("0"))).decision.outcome == decision.OUTCOME_DO_NOT_RELY
        (record_id,) = await nodes.submit(cn, [control()])
        await nodes.received(nl, 1)
        before = (await service.Decide(question("1"))).decision
        assert before.outcome in (SUBJECT_TO, decision.OUTCOME_VERIFY)  # the node's key may draw it for the sample
        assert before.conditions[0].expected == SEAL
        assert [(each.record_id, each.relied_on) for each in before.records] == [(record_id, True)]
        assert (await service.Decide(question("1"))).decision == before
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await service.Decide(question("1", **at_the_gate()))
        assert reason_in(caught.value)[0] == "ALREADY_EXISTS"
        gate = (await service.Decide(question("2", **at_the_gate()))).decision
        assert gate.outcome in (RELY, decision.OUTCOME_VERIFY)
        broken = (await service.Decide(question("3", **at_the_gate("CN0000000")))).decision
        assert broken.outcome == decision.OUTCOME_DO_NOT_RELY
        assert broken.remaining[0].reasons == ["SEAL_MISMATCH"]
        replayed = await service.ReplayDecision(pb.ReplayDecisionRequest(decision_id=gate.decision_id))
        assert replayed.verdict == pb.REPLAY_VERDICT_SAME
        why = pb.OverrideDecisionRequest(decision_id=gate.decision_id, outcome=5, reason="Smelt of fuel")
        assert (await service.OverrideDecision(why)).decision.override.client == "local"
        by_record = pb.ListDecisionsRequest(filter=pb.DecisionFilter(relied_on=record_id))
        listed = (await service.ListDecisions(by_record)).decisions
        assert [each.request_id for each in listed] == ["2", "1"]
        counts = (await service.CountDecisions(pb.CountDecisionsRequest())).counts
        assert sum(each.overridden for each in counts) == 1
        many = [pb.DecideManyRequest(requests=[question(f"m{n}") for n in range(120)] + [pb.DecideRequest()])]
        results = [each async for message in service.DecideMany(iter(many)) for each in message.results]
        assert [each.request_id for each in results] == [*(f"m{n}" for n in range(120)), ""]
        assert {each.decision.outcome for each in results[:-1]} <= {SUBJECT_TO, decision.OUTCOME_VERIFY}
        assert results[-1].refusal.reason == "MALFORMED"


async def test_what_is_awaited_resolves_by_itself(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    clock = LateClock()
    asked = national.Submission(request_id="ask")
    in_an_hour = int(time.time()) + 3600
    body = {
        "request_id": "NL-R-1",
        "consignment": {"container_numbers": [BOX], "ucr": UCR},
        "methods_wanted": ["METHOD_KIND_NII_XRAY"],
        "threat_category": "THREAT_EXPLOSIVES_IED",
        "state": "REQUEST_STATE_SENT",
        "respond_by": _iso(in_an_hour),
        "vessel_cutoff": _iso(in_an_hour + 3600),
    }
    json_format.ParseDict(body, asked.record.control_request)
    asked.record.header.purpose = 1
    asked.record.header.subject.request_id = "NL-R-1"
    wait = {"decide_by": _iso(in_an_hour)}
    async with (
        open_node(load(nl.path), nl.path, clock=clock),
        open_node(load(cn.path), cn.path),
        deciding(nl) as service,
    ):
        await nodes.submit(nl, [asked])
        first, second = [(await service.Decide(question(name, **wait))).decision for name in ("1", "2")]
        assert (first.outcome, first.pending.on[0].reference) == (decision.OUTCOME_PENDING, "NL-R-1")
        watch = service.WatchDecisions(pb.WatchDecisionsRequest(from_now=True), timeout=60)
        await watch.read()
        await nodes.submit(cn, [control()])
        changes = await _events(watch, 2)
        assert {each.change for each in changes} == {pb.DECISION_CHANGE_RESOLVED}
        assert {each.decision.decision_id for each in changes} == {first.decision_id, second.decision_id}
        assert {each.decision.outcome for each in changes} <= {SUBJECT_TO, decision.OUTCOME_VERIFY}
        found = await service.GetDecision(pb.GetDecisionRequest(decision_id=first.decision_id))
        assert [each.outcome for each in found.earlier] == [decision.OUTCOME_PENDING]
        assert found.decision.revision == 2
        late = question("3", **wait, consignment={"container_numbers": [BOX], "mrn": "OTHER"})
        assert (await service.Decide(late)).decision.outcome == decision.OUTCOME_PENDING
        clock.ahead = 2 * 3600
        (end,) = [each for each in await _events(watch, 2) if each.change == pb.DECISION_CHANGE_DEFAULTED]
        assert end.decision.outcome == decision.OUTCOME_DO_NOT_RELY
        assert "DEADLINE_PASSED" in end.decision.remaining[0].reasons
        watch.cancel()


async def _events(watch: Any, count: int) -> list[pb.DecisionEvent]:
    found: list[pb.DecisionEvent] = []
    while len(found) < count:
        message = await watch.read()
        assert message is not grpc.aio.EOF
        found += message.events
    return found


def _iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
