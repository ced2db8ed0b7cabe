"""Requests and alerts over two whole nodes in this process: what one side does is how it stands at the other."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1 import alert_answer_pb2, alert_pb2
from mutualrecognition.records.v1 import request_pb2 as requests
from tests import nodes
from tests.processes.in_hand import (
    ACCEPTED,
    BOX,
    COMPLETED,
    EXPIRED,
    HOUR,
    OVERTAKEN,
    RECEIVED,
    SECURITY,
    SENT,
    LateClock,
    Side,
    answer,
    command,
    control,
    loaded,
    outcome,
    refusal,
    running,
    states,
)


@pytest.fixture
async def clock() -> LateClock:
    return LateClock()


@pytest.fixture
async def sides(tmp_path: Path, clock: LateClock) -> AsyncIterator[tuple[Side, Side]]:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    async with running(cn, clock) as at_cn, running(nl, clock) as at_nl:
        yield at_cn, at_nl


async def test_asked_before_loading_accepted_and_completed(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    asked = await nl.ask()
    name = asked.request_id
    assert asked.respond_by.seconds == pytest.approx(time.time() + 4 * HOUR, abs=60), "the agreement's four hours"
    assert (await cn.until(name, RECEIVED)).asker == "NL"
    await nl.until(name, RECEIVED)
    await cn.answer(name, ACCEPTED, remark="Lane 3.")
    assert "ACCEPTED already" in (await refusal(cn.answer(name, ACCEPTED)))[1]
    await nodes.submit(cn.home, [outcome("C-1", name)])
    await cn.answer(name, COMPLETED, control_id="C-1")
    at_nl = await nl.until(name, COMPLETED)
    told = await nodes.until(lambda: nl.request(name), lambda each: each.HasField("outcome"))
    assert told.outcome.record.inspection_outcome.control_id == at_nl.control_id == "C-1"
    assert states(told) == states(await cn.request(name)) == [SENT, RECEIVED, ACCEPTED, COMPLETED]
    assert [each.step.remark for each in told.steps if each.state == ACCEPTED] == ["Lane 3."]
    assert (await refusal(cn.answer(name, requests.REQUEST_STATE_ABORTED)))[0] == "STEP_NOT_POSSIBLE"


async def test_loading_overtakes_a_request(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    name = (await nl.ask()).request_id
    await cn.until(name, RECEIVED)
    watch = nl.requests.WatchRequests(pb.WatchRequestsRequest(from_now=True), timeout=nodes.SECONDS)
    assert not (await watch.read()).requests
    await nodes.submit(cn.home, [loaded()])
    heard = await watch.read()
    while heard.requests[0].state != OVERTAKEN:
        heard = await watch.read()
    watch.cancel()
    reason, sentence = await refusal(cn.answer(name, ACCEPTED))
    assert reason == "STEP_NOT_POSSIBLE"
    assert "the goods have gone" in sentence
    off = pb.CancelRequestRequest(call_id="off", request_id=name)
    assert (await refusal(nl.requests.CancelRequest(off, timeout=nodes.SECONDS)))[0] == "STEP_NOT_POSSIBLE"


async def test_the_clock_ends_a_request_and_a_watch_is_told_once(sides: tuple[Side, Side], clock: LateClock) -> None:
    cn, nl = sides
    name = (await nl.ask(respond_by=HOUR)).request_id
    await cn.until(name, RECEIVED)
    await nl.until(name, RECEIVED)
    watch = cn.requests.WatchRequests(pb.WatchRequestsRequest(from_now=True), timeout=nodes.SECONDS)
    begun = (await watch.read()).cursor
    clock.ahead = HOUR + 60
    heard = await watch.read()
    watch.cancel()
    assert [each.state for each in heard.requests] == [EXPIRED]
    again = cn.requests.WatchRequests(pb.WatchRequestsRequest(cursor=begun), timeout=nodes.SECONDS)
    assert [each.state for each in (await again.read()).requests] == [EXPIRED], "the same cursor is told the same"
    again.cancel()
    after = cn.requests.WatchRequests(pb.WatchRequestsRequest(cursor=heard.cursor), timeout=nodes.SECONDS)
    other = (await nl.ask(respond_by=2 * HOUR + 120, cutoff=None)).request_id
    following = [each.request_id for each in (await after.read()).requests]
    after.cancel()
    assert following == [other], "what was told is not told again"
    assert "its time ran out" in (await refusal(cn.answer(name, ACCEPTED)))[1]


async def test_a_call_that_is_repeated_does_nothing_more(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    call = pb.CreateRequestRequest(call_id="once", partner="CN", purpose=SECURITY, control=control())
    first = (await nl.requests.CreateRequest(call, timeout=nodes.SECONDS)).request
    again = (await nl.requests.CreateRequest(call, timeout=nodes.SECONDS)).request
    assert again.record.record_bytes == first.record.record_bytes
    await cn.until(first.request_id, RECEIVED)
    step = pb.AnswerRequestRequest(call_id="step", control=answer(first.request_id, ACCEPTED))
    for _ in range(2):
        told = (await cn.requests.AnswerRequest(step, timeout=nodes.SECONDS)).request
        assert states(told) == [SENT, RECEIVED, ACCEPTED]
    step.control.remark = "another word"
    assert (await refusal(cn.requests.AnswerRequest(step, timeout=nodes.SECONDS)))[0] == "ALREADY_EXISTS"
    named = pb.CreateRequestRequest(call_id="twice", partner="CN", purpose=SECURITY, control=control())
    named.control.request_id = first.request_id
    assert (await refusal(nl.requests.CreateRequest(named, timeout=nodes.SECONDS)))[0] == "STEP_NOT_POSSIBLE"
    both = [
        cn.requests.AnswerRequest(
            pb.AnswerRequestRequest(
                call_id=f"race {n}".replace(" ", "-"), control=answer(first.request_id, COMPLETED, control_id="C")
            ),
            timeout=nodes.SECONDS,
        )
        for n in range(2)
    ]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(each, grpc.aio.AioRpcError) for each in outcomes) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"respond_by": -60}, "It is over already"),
        ({"respond_by": 2 * HOUR, "cutoff": HOUR}, "respond_by must be earlier than vessel_cutoff"),
        ({"cutoff": HOUR}, "may take 4 hours by the agreement, and the terminal closes before"),
    ],
)
async def test_a_deadline_that_cannot_be_kept(sides: tuple[Side, Side], said: dict[str, int], sentence: str) -> None:
    _, nl = sides
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await nl.ask(**said)  # type: ignore[arg-type]
    assert reason_in(refused.value)[0] == "RECORD_INVALID"
    assert sentence in str(refused.value.trailing_metadata())


async def test_already_controlled_returns_the_outcome(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    name = (await nl.ask()).request_id
    await cn.until(name, RECEIVED)
    declined = {"decline_reason": requests.DECLINE_REASON_ALREADY_CONTROLLED, "control_id": "C-9"}
    reason, sentence = await refusal(cn.answer(name, requests.REQUEST_STATE_DECLINED, **declined))
    assert (reason, "submit the inspection_outcome first" in sentence) == ("STEP_NOT_POSSIBLE", True)
    await nodes.submit(cn.home, [outcome("C-9")])
    await cn.answer(name, requests.REQUEST_STATE_DECLINED, **declined)
    told = await nodes.until(lambda: nl.request(name), lambda each: each.HasField("outcome"))
    assert told.outcome_record_id == told.outcome.record.header.record_id
    assert told.decline_reason == requests.DECLINE_REASON_ALREADY_CONTROLLED


async def test_lists_are_by_side_and_by_day(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    names = [(await nl.ask()).request_id for _ in range(3)]
    for each in names:
        await cn.until(each, RECEIVED)
    call = pb.CancelRequestRequest(call_id="off", request_id=names[1])
    assert (
        await nl.requests.CancelRequest(call, timeout=nodes.SECONDS)
    ).request.state == requests.REQUEST_STATE_CANCELLED
    await cn.until(names[1], requests.REQUEST_STATE_CANCELLED)

    async def listed(at: Side, **wanted: Any) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            due = {name: wanted[name] for name in ("due_from", "due_until") if name in wanted}
            chosen = pb.RequestFilter(**{name: value for name, value in wanted.items() if name not in due})
            asked = pb.ListRequestsRequest(page_size=2, page_token=token, filter=chosen, **due)
            page = await at.requests.ListRequests(asked, timeout=nodes.SECONDS)
            found += [each.request_id for each in page.requests]
            token = page.next_page_token
            if not token:
                return found

    assert await listed(cn) == names
    assert await listed(cn, open_only=True, side=pb.REQUEST_SIDE_TO_ANSWER) == [names[0], names[2]]
    assert await listed(cn, side=pb.REQUEST_SIDE_ASKED) == []
    assert await listed(nl, side=pb.REQUEST_SIDE_ASKED, partners=["CN"]) == names
    today, later = {"seconds": int(time.time())}, {"seconds": int(time.time()) + 10 * 24 * HOUR}
    assert await listed(nl, due_from=today, due_until=later) == names
    assert await listed(nl, due_from=later, due_until=later) == []
    half = pb.ListRequestsRequest(due_from=today)  # type: ignore[arg-type]
    assert (await refusal(nl.requests.ListRequests(half, timeout=nodes.SECONDS)))[0] == "MALFORMED"


async def test_a_no_load_is_acknowledged_end_to_end_and_lifted(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    watch = cn.alerts.WatchAlerts(alerts.WatchAlertsRequest(), timeout=nodes.SECONDS)
    issued = await nl.issue(BOX, "TGHU7654321")
    name = issued.alert_id
    heard = (await watch.read()).alerts[0]
    watch.cancel()
    assert [each.container_number for each in heard.held] == [BOX, "TGHU7654321"]
    await cn.take_up(name, alert_answer_pb2.ALERT_STATE_ACKNOWLEDGED)
    await nl.alert_until(name, lambda each: each.standing == alerts.ALERT_STANDING_ACKNOWLEDGED)
    assert "ACKNOWLEDGED already" in (await refusal(cn.take_up(name, alert_answer_pb2.ALERT_STATE_ACKNOWLEDGED)))[1]
    await cn.take_up(name, alert_answer_pb2.ALERT_STATE_ACTIONED)
    await nl.alert_until(name, lambda each: each.standing == alerts.ALERT_STANDING_ACTIONED)
    lift = await nl.issue(BOX, type=alert_pb2.ALERT_TYPE_NO_LOAD_LIFTED, lifts=name)
    assert lift.receiver == "CN"
    held = await cn.alert_until(name, lambda each: bool(each.held[0].lifted_by))
    assert (held.standing, held.held[1].lifted_by) == (alerts.ALERT_STANDING_ACTIONED, "")
    strange = nl.issue("CSQU3054383", type=alert_pb2.ALERT_TYPE_NO_LOAD_LIFTED, lifts=name)
    assert "does not hold CSQU3054383" in (await refusal(strange))[1]
    close = alerts.CloseAlertRequest(call_id="close", alert_id=name)
    await nl.alerts.CloseAlert(close, timeout=nodes.SECONDS)
    await cn.alert_until(name, lambda each: each.standing == alerts.ALERT_STANDING_CLOSED)
    assert (await refusal(cn.take_up(name, alert_answer_pb2.ALERT_STATE_ACTIONED)))[0] == "STEP_NOT_POSSIBLE"


async def test_what_nobody_acknowledges_is_escalated(sides: tuple[Side, Side], clock: LateClock) -> None:
    cn, nl = sides
    name = (await nl.issue(BOX)).alert_id
    await nl.alert_until(name, lambda each: each.standing == alerts.ALERT_STANDING_DELIVERED)
    watch = nl.alerts.WatchAlerts(alerts.WatchAlertsRequest(from_now=True), timeout=nodes.SECONDS)
    await watch.read()
    clock.ahead = 16 * 60
    (told,) = (await watch.read()).alerts
    watch.cancel()
    assert (told.standing, told.escalated, told.open) == (alerts.ALERT_STANDING_ESCALATED, True, True)
    await cn.take_up(name, alert_answer_pb2.ALERT_STATE_NOT_POSSIBLE, "It is on board.")
    late = await nl.alert_until(name, lambda each: each.standing == alerts.ALERT_STANDING_NOT_POSSIBLE)
    assert (late.escalated, late.acknowledged, late.steps[-1].step.remark) == (True, True, "It is on board.")


async def test_on_the_command_line(sides: tuple[Side, Side]) -> None:
    cn, nl = sides
    cutoff = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 24 * HOUR))
    goods = ["--container", BOX, "--document", "MAEU1"]
    wanted = ["--method", "NII_XRAY", "--threat", "NARCOTICS", "--cutoff", cutoff, "--name", "R-1"]
    wanted += ["--fallback", "no_load"]
    assert "NL asks CN for a control: SENT" in await command(nl, "request", "new", "CN", *goods, *wanted)
    await cn.until("R-1", RECEIVED)
    await command(nl, "alert", "issue", "no-load", "--container", BOX, "--name", "A-1", "--text", "This one alone")
    await cn.alert_until("A-1", lambda each: each.standing == alerts.ALERT_STANDING_DELIVERED)
    inbox = await command(cn, "inbox")
    assert "To be done here: 2" in inbox
    alert_line, request_line = [line for line in inbox.splitlines() if "from NL" in line]
    assert alert_line.startswith("in 1")
    assert alert_line.split()[3:] == ["NO", "LOAD", "from", "NL", "DELIVERED", BOX, "acknowledge", "A-1"]
    assert request_line.startswith("in ")
    due = [json.loads(line) for line in (await command(cn, "inbox", "--json")).splitlines()]
    assert [(row["name"], row["mine"], row["to_do"]) for row in due] == [
        ("A-1", True, "acknowledge"),
        ("R-1", True, "accept or decline"),
    ]
    rows = [json.loads(line) for line in (await command(nl, "inbox", "--json")).splitlines()]
    assert [(row["name"], row["mine"], row["to_do"]) for row in rows] == [
        ("A-1", False, "CN is to acknowledge"),
        ("R-1", False, "CN is to answer"),
    ]
    await command(cn, "alert", "acknowledge", "A-1")
    assert "ACTIONED by CN" in await command(cn, "alert", "acknowledge", "A-1", "--done")
    assert 'ACCEPTED by CN: "Lane 3"' in await command(cn, "request", "answer", "R-1", "accept", "--remark", "Lane 3")
    story = await command(nl, "request", "show", "R-1")
    assert "asked NII_XRAY for NARCOTICS; otherwise NO_LOAD" in story
    shown = (await command(cn, "consignment", "show", "MAEU1")).split("\n")
    lines = [line.split()[3:] for line in shown if " NL " in line]  # 80 columns: what is long goes on below
    assert [(line[:5], line[-3:]) for line in lines] == [
        (["NL", "control", "request", "R-1:", "NII_XRAY"], ["strong", "CN:", "ACCEPTED"]),
        (["NL", "alert", "NO", "LOAD", "A-1,"], ["weak", "CN:", "ACTIONED"]),
    ]
    assert "R-1" in await command(cn, "request", "list", "--open")
    assert "A-1" in await command(cn, "alert", "list")
    watched = await command(cn, "request", "watch", "--count", "1", "--json")
    assert json.loads(watched)["state"] == "REQUEST_STATE_ACCEPTED"
    assert "CANCELLED by NL" in await command(nl, "request", "cancel", "R-1")
    assert "CLOSED by NL" in await command(nl, "alert", "close", "A-1")
    await cn.until("R-1", requests.REQUEST_STATE_CANCELLED)
    await cn.alert_until("A-1", lambda each: each.standing == alerts.ALERT_STANDING_CLOSED)
    assert "To be done here: nothing" in await command(cn, "inbox")
    await command(nl, "alert", "issue", "no-load", "--container", BOX, "--container", "TEMU2984100", "--name", "A-2")
    await command(nl, "alert", "issue", "lift", "--lifts", "A-2", "--container", BOX)
    await nl.alert_until("A-2", lambda each: each.standing == alerts.ALERT_STANDING_DELIVERED)
    assert "CN: DELIVERED, lifted" in await command(nl, "consignment", "show", "MAEU1")


@asynccontextmanager
async def posted(side: Side, name: str) -> AsyncIterator[RequestsServiceStub]:
    """An officer of another administration at this side's node."""
    credential = side.home.national_authority.issue_client(name)
    root = side.home.national_authority
    async with nodes.channel(side.home.national, root=root, credential=credential) as opened:
        yield RequestsServiceStub(opened)


async def test_a_posted_officer_files_at_the_host_and_sees_nothing_else(tmp_path: Path, clock: LateClock) -> None:
    cn_home, nl_home = await asyncio.to_thread(nodes.pair, tmp_path)
    with (cn_home.path / "clients.toml").open("a", encoding="utf-8") as file:
        for name, administration in (("of-nl", "NL"), ("of-us", "US")):
            file.write(f'\n[[client]]\nname = "{name}"\nroles = ["posted"]\nadministration = "{administration}"\n')
    async with (
        running(cn_home, clock) as cn,
        running(nl_home, clock) as nl,
        posted(cn, "of-nl") as officer,
        posted(cn, "of-us") as other,
    ):
        by_link = (await nl.ask()).request_id
        await cn.until(by_link, RECEIVED)
        call = pb.CreateRequestRequest(call_id="1", purpose=SECURITY, control=control())
        filed = (await officer.CreateRequest(call, timeout=nodes.SECONDS)).request
        name = filed.request_id
        assert (filed.asker, filed.asked, filed.posted, states(filed)) == ("NL", "CN", True, [SENT, RECEIVED])
        at_nl = await nl.until(name, RECEIVED)
        assert (at_nl.asker, at_nl.posted, at_nl.record.record.header.issuer) == ("NL", True, "CN")
        await nodes.submit(cn.home, [outcome("C-1", name)])
        await cn.answer(name, ACCEPTED, remark="for our own eyes")
        await cn.answer(name, COMPLETED, control_id="C-1")
        assert (await nl.until(name, COMPLETED)).HasField("outcome")

        seen = await officer.ListRequests(pb.ListRequestsRequest(), timeout=nodes.SECONDS)
        (only,) = seen.requests
        assert (only.request_id, only.state, only.HasField("outcome")) == (name, COMPLETED, False)
        assert [each.step.remark for each in only.steps] == [""] * 4
        watch = officer.WatchRequests(pb.WatchRequestsRequest(), timeout=nodes.SECONDS)
        assert [each.request_id for each in (await watch.read()).requests] == [name]
        watch.cancel()
        asked = pb.GetRequestRequest(request_id=by_link)
        assert (await refusal(officer.GetRequest(asked, timeout=nodes.SECONDS)))[0] == "NOT_FOUND"
        asked = pb.GetRequestRequest(request_id=name)
        assert (await refusal(other.GetRequest(asked, timeout=nodes.SECONDS)))[0] == "NOT_FOUND"
        assert not (await other.ListRequests(pb.ListRequestsRequest(), timeout=nodes.SECONDS)).requests
        for stub in (officer, other):
            off = pb.CancelRequestRequest(call_id="off", request_id=by_link)
            assert (await refusal(stub.CancelRequest(off, timeout=nodes.SECONDS)))[0] == "NOT_FOUND"
        elsewhere = pb.CreateRequestRequest(call_id="2", partner="US", purpose=SECURITY, control=control())
        assert (await refusal(officer.CreateRequest(elsewhere, timeout=nodes.SECONDS)))[0] == "MALFORMED"
        no_agreement = pb.CreateRequestRequest(call_id="3", purpose=SECURITY, control=control(respond_by=HOUR))
        assert (await refusal(other.CreateRequest(no_agreement, timeout=nodes.SECONDS)))[0] == "NO_AGREEMENT"
        call = pb.CreateRequestRequest(call_id="4", purpose=SECURITY, control=control())
        second = (await officer.CreateRequest(call, timeout=nodes.SECONDS)).request.request_id
        assert (await nl.until(second, RECEIVED)).posted
        off = pb.CancelRequestRequest(call_id="off-2", request_id=second)
        assert (await refusal(nl.requests.CancelRequest(off, timeout=nodes.SECONDS)))[0] == "STEP_NOT_POSSIBLE"
        await officer.CancelRequest(off, timeout=nodes.SECONDS)
        await nl.until(second, requests.REQUEST_STATE_CANCELLED)
