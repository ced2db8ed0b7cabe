"""What tests of requests and alerts need: two whole nodes in this process, and what each side may do there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest
from click.testing import CliRunner

from certs.authority import Credential
from gateway.app import open_node
from gateway.cli.main import cli
from gateway.config import load
from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1 import alert_pb2, method_pb2, threat_pb2
from mutualrecognition.records.v1 import movement_event_pb2 as movements
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef, TransportDocument
from mutualrecognition.records.v1.control_answer_pb2 import ControlAnswer
from mutualrecognition.records.v1.control_request_pb2 import ControlRequest
from tests import nodes
from tests.nodes import Home

HOUR = 3600
SECURITY = 1
BOX = "MSKU3841906"
GOODS = ConsignmentRef(container_numbers=[BOX], transport_documents=[TransportDocument(number="MAEU1", level=1)])
SENT, RECEIVED = requests.REQUEST_STATE_SENT, requests.REQUEST_STATE_RECEIVED
ACCEPTED, COMPLETED = requests.REQUEST_STATE_ACCEPTED, requests.REQUEST_STATE_COMPLETED
OVERTAKEN, EXPIRED = requests.REQUEST_STATE_OVERTAKEN, requests.REQUEST_STATE_EXPIRED


class LateClock:
    """The machine's clock, put on by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = 0

    def now(self) -> int:
        return int(time.time()) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()


class Side:
    """One node with its services, as a client of it sees them."""

    def __init__(self, home: Home, channel: grpc.aio.Channel) -> None:
        self.home = home
        self.requests = RequestsServiceStub(channel)
        self.alerts = AlertsServiceStub(channel)

    async def request(self, request_id: str) -> pb.Request:
        answer = await self.requests.GetRequest(pb.GetRequestRequest(request_id=request_id), timeout=nodes.SECONDS)
        (only,) = answer.requests
        return only

    async def until(self, request_id: str, state: int) -> pb.Request:
        found: pb.Request = await nodes.until(lambda: self.request(request_id), lambda each: each.state == state)
        return found

    async def alert(self, alert_id: str) -> alerts.Alert:
        answer = await self.alerts.GetAlert(alerts.GetAlertRequest(alert_id=alert_id), timeout=nodes.SECONDS)
        (only,) = answer.alerts
        return only

    async def alert_until(self, alert_id: str, holds: Callable[[alerts.Alert], bool]) -> alerts.Alert:
        found: alerts.Alert = await nodes.until(lambda: self.alert(alert_id), holds)
        return found

    async def ask(self, **said: Any) -> pb.Request:
        call = pb.CreateRequestRequest(call_id=str(uuid4()), partner=said.pop("partner", "CN"), purpose=SECURITY)
        call.control.CopyFrom(control(**said))
        return (await self.requests.CreateRequest(call, timeout=nodes.SECONDS)).request

    async def answer(self, request_id: str, state: int, **said: Any) -> pb.Request:
        call = pb.AnswerRequestRequest(call_id=str(uuid4()), control=answer(request_id, state, **said))
        return (await self.requests.AnswerRequest(call, timeout=nodes.SECONDS)).request

    async def issue(self, *boxes: str, **said: Any) -> alerts.Alert:
        call = alerts.IssueAlertRequest(call_id=str(uuid4()), purpose=SECURITY)
        call.alert.CopyFrom(alert_pb2.Alert(type=alert_pb2.ALERT_TYPE_NO_LOAD, container_numbers=boxes))
        call.alert.MergeFrom(alert_pb2.Alert(**said))
        (only,) = (await self.alerts.IssueAlert(call, timeout=nodes.SECONDS)).alerts
        return only

    async def take_up(self, alert_id: str, state: int, reason: str = "") -> alerts.Alert:
        call = alerts.AnswerAlertRequest(call_id=str(uuid4()), alert_id=alert_id, state=state, reason=reason)  # type: ignore[arg-type]
        return (await self.alerts.AnswerAlert(call, timeout=nodes.SECONDS)).alert


def control(
    *, cutoff: int | None = 24 * HOUR, respond_by: int | None = None, goods: ConsignmentRef = GOODS
) -> ControlRequest:
    """A request; times are seconds from now."""
    now = int(time.time())
    asked = ControlRequest(
        consignment=goods,
        methods_wanted=[method_pb2.METHOD_KIND_NII_XRAY],
        threat_category=threat_pb2.THREAT_RADIOLOGICAL_NUCLEAR,
    )
    if cutoff is not None:
        asked.vessel_cutoff.seconds = now + cutoff
    if respond_by is not None:
        asked.respond_by.seconds = now + respond_by
    return asked


def answer(request_id: str, state: int, **said: Any) -> ControlAnswer:
    return ControlAnswer(request_id=request_id, state=state, **said)  # type: ignore[arg-type]


def loaded(goods: ConsignmentRef = GOODS) -> national.Submission:
    given = national.Submission(request_id=str(uuid4()))
    given.record.header.purpose = SECURITY
    given.record.header.subject.consignment.CopyFrom(goods)
    event = given.record.movement_event
    event.type = movements.MOVEMENT_TYPE_LOADED
    event.consignment.CopyFrom(goods)
    event.at.seconds = int(time.time())
    return given


def outcome(control_id: str, request_id: str = "") -> national.Submission:
    given = next(each for each in nodes.submissions("CN", 40) if each.record.WhichOneof("body") == "inspection_outcome")
    given.request_id = str(uuid4())
    body = given.record.inspection_outcome
    body.control_id = control_id
    body.consignment.CopyFrom(GOODS)
    body.reason, body.request_id = (3, request_id) if request_id else (1, "")
    given.record.header.subject.consignment.CopyFrom(GOODS)
    return given


def states(of: pb.Request) -> list[int]:
    return [each.state for each in of.steps if not each.step.fault]


async def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return reason_in(refused.value)


async def command(side: Side, *words: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--home", str(side.home.path)])
    assert done.exit_code == 0, done.output
    return done.output


@asynccontextmanager
async def running(home: Home, clock: LateClock) -> AsyncIterator[Side]:
    credential = Credential.read(home.path / "clients" / "local", "client")
    async with (
        open_node(load(home.path), home.path, clock=clock),
        nodes.channel(home.national, root=home.national_authority, credential=credential) as opened,
    ):
        yield Side(home, opened)
