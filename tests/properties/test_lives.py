"""Every transition of the lives of requests and alerts, walked over two nodes under one clock that a test moves.

A plain model says where a life stands: a state and what may follow it, written down here once more and by hand. Both
nodes must stand there as soon as everything has arrived, whatever was said in whatever order; a step that the model
forbids must be refused by the clerk, and count for nothing when it is issued past the clerk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.errors import StepNotPossible
from gateway.views.alerts import AlertLife
from gateway.views.requests import RequestLife
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts_api
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as api
from mutualrecognition.records.v1 import alert_answer_pb2, alert_pb2, method_pb2, movement_event_pb2, request_pb2
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from tests.properties.paired import OFFICER, Pair

HOUR = 3600
UNANSWERED = {"SENT", "RECEIVED", "COUNTER_PROPOSED"}
WORKING = {"ACCEPTED", "SCHEDULED", "IN_PROGRESS"}
ANSWERS = {"ACCEPTED", "DECLINED", "COUNTER_PROPOSED"}
FOLLOWS = {
    "SENT": ANSWERS,
    "RECEIVED": ANSWERS,
    "COUNTER_PROPOSED": ANSWERS,
    "ACCEPTED": {"SCHEDULED", "IN_PROGRESS", "COMPLETED", "ABORTED"},
    "SCHEDULED": {"SCHEDULED", "IN_PROGRESS", "COMPLETED", "ABORTED"},
    "IN_PROGRESS": {"COMPLETED", "ABORTED"},
}
"""What who is asked may say next; anything else is refused."""
AT_ONCE = {"SENT", "RECEIVED", "COUNTER_PROPOSED"}
"""A screening, or information, may be given from here without accepting first."""
MATTERS = ["control", "screening", "information"]
A_RESULT = "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0003"
ALL_STEPS = sorted(set().union(*FOLLOWS.values()))
ALERT_FOLLOWS = {
    "DELIVERED": {"ACKNOWLEDGED", "ACTIONED", "NOT_POSSIBLE"},
    "ESCALATED": {"ACKNOWLEDGED", "ACTIONED", "NOT_POSSIBLE"},
    "ACKNOWLEDGED": {"ACTIONED", "NOT_POSSIBLE"},
    "NOT_POSSIBLE": {"ACTIONED"},
}


def answer_to(matter: str, name: str, step: str, now: int) -> Any:
    """Give a step with what it must say besides."""
    given = getattr(api.AnswerRequestRequest(), matter)
    body = type(given)(request_id=name, state=request_pb2.RequestState.Value(f"REQUEST_STATE_{step}"))
    match matter, step:
        case _, "DECLINED":
            body.decline_reason = request_pb2.DECLINE_REASON_NO_CAPACITY
        case "control", "COUNTER_PROPOSED":
            body.methods_offered.append(method_pb2.METHOD_KIND_K9)
        case "control", "SCHEDULED":
            body.scheduled_for.seconds = now + 60
        case "control", "COMPLETED":
            body.control_id = "C-1"
        case "screening", "COMPLETED":
            body.result_record_id = A_RESULT
        case "information", "COMPLETED":
            body.elements.add(element="roles", value="EXPORTER")
    return body


class Lives(RuleBasedStateMachine):
    """NL asks CN, CN answers, boxes are loaded, NL warns CN, and time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.numbers = count(1)
        self.requests: dict[str, str] = {}
        self.matters: dict[str, str] = {}
        self.deadlines: dict[str, int] = {}
        self.cutoffs: dict[str, int] = {}
        self.alerts: dict[str, str] = {}
        self.ack_by: dict[str, int] = {}

    def teardown(self) -> None:
        self.pair.close()

    def number(self) -> int:
        return next(self.numbers)

    @property
    def now(self) -> int:
        return self.pair.clock.now()

    def goods(self, name: str) -> ConsignmentRef:
        return ConsignmentRef(container_numbers=[f"TEST{name[1:]:>07}".replace(" ", "0")], ucr=f"U{name}")

    @initialize()
    def begin(self) -> None:
        self.ask(3)
        self.warn(30)

    @rule(hours=st.integers(1, 6), matter=st.sampled_from(MATTERS))
    def ask(self, hours: int, matter: str = "control") -> None:
        name = f"R{self.number()}"
        call = api.CreateRequestRequest(call_id=name, partner="CN", purpose=1)
        body = getattr(call, matter)
        body.request_id = name
        body.consignment.CopyFrom(self.goods(name))
        body.respond_by.seconds = self.deadlines[name] = self.cutoffs[name] = self.now + hours * HOUR
        match matter:
            case "control":
                body.methods_wanted.append(method_pb2.METHOD_KIND_NII_XRAY)
                body.threat_category = 1
                body.vessel_cutoff.seconds = self.cutoffs[name] = self.now + hours * 2 * HOUR
            case "screening":
                body.threats.append(1)
            case _:
                body.elements.append("roles")
        self.pair.run(self.pair.nl.request_clerk.create(OFFICER, call))
        self.requests[name], self.matters[name] = "SENT", matter
        self.arrive()

    def may(self, name: str, step: str) -> bool:
        """Say whether who is asked may say this next."""
        state = self.requests[name]
        given_at_once = self.matters[name] != "control" and step == "COMPLETED" and state in AT_ONCE
        return given_at_once or step in FOLLOWS.get(state, ())

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), step=st.sampled_from(ALL_STEPS))
    def answer(self, data: st.DataObject, step: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.requests)))
        matter = self.matters[name]
        call = api.AnswerRequestRequest(call_id=f"a{self.number()}")
        getattr(call, matter).CopyFrom(answer_to(matter, name, step, self.now))
        may = self.may(name, step)
        self.must(may, self.pair.cn.request_clerk.answer(OFFICER, call), f"{self.requests[name]} to {step}")
        if may:
            self.requests[name] = step
        self.arrive()

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), step=st.sampled_from(ALL_STEPS))
    def answer_past_the_clerk(self, data: st.DataObject, step: str) -> None:
        """A step that leads nowhere counts for nothing, however it came in."""
        name = data.draw(st.sampled_from(sorted(self.requests)))
        given = national.Submission(request_id=f"a{self.number()}")
        given.record.header.purpose = 1
        given.record.header.subject.request_id = name
        matter = self.matters[name]
        getattr(given.record, f"{matter}_answer").CopyFrom(answer_to(matter, name, step, self.now))
        self.pair.run(self.pair.cn.submit(given))
        if self.may(name, step):
            self.requests[name] = step
        self.arrive()

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.requests)))
        is_open = self.requests[name] in UNANSWERED | WORKING
        call = api.CancelRequestRequest(call_id=f"c{self.number()}", request_id=name)
        self.must(is_open, self.pair.nl.request_clerk.cancel(OFFICER, call), f"{self.requests[name]} to CANCELLED")
        if is_open:
            self.requests[name] = "CANCELLED"
        self.arrive()

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), what=st.sampled_from([1, 2, 3, 6]))
    def move(self, data: st.DataObject, what: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.requests)))
        given = national.Submission(request_id=f"m{self.number()}")
        given.record.header.purpose = 1
        given.record.header.subject.consignment.CopyFrom(self.goods(name))
        body = given.record.movement_event
        body.type = what  # type: ignore[assignment]
        body.consignment.CopyFrom(self.goods(name))
        body.at.seconds = self.now
        if what == movement_event_pb2.MOVEMENT_TYPE_ITINERARY_CHANGED:
            body.itinerary.add(locode="NLRTM")
        self.pair.run(self.pair.cn.submit(given))
        if what in (1, 2) and self.requests[name] in UNANSWERED | WORKING:
            self.requests[name] = "OVERTAKEN"
        self.arrive()

    @rule(minutes=st.integers(5, 60))
    def warn(self, minutes: int) -> None:
        name = f"A{self.number()}"
        call = alerts_api.IssueAlertRequest(call_id=name, purpose=1)
        call.alert.alert_id, call.alert.type = name, alert_pb2.ALERT_TYPE_NO_LOAD
        call.alert.container_numbers.extend(["TEST0000001", "TEST0000002"])
        call.alert.ack_required_by.seconds = self.now + minutes * 60
        self.pair.run(self.pair.nl.alert_clerk.issue(OFFICER, call))
        self.alerts[name], self.ack_by[name] = "DELIVERED", self.now + minutes * 60
        self.arrive()

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), step=st.sampled_from(["ACKNOWLEDGED", "ACTIONED", "NOT_POSSIBLE"]))
    def take_up(self, data: st.DataObject, step: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.alerts)))
        state = alert_answer_pb2.AlertState.Value(f"ALERT_STATE_{step}")
        reason = "on board" if step == "NOT_POSSIBLE" else ""
        call = alerts_api.AnswerAlertRequest(call_id=f"t{self.number()}", alert_id=name, state=state, reason=reason)
        may = step in ALERT_FOLLOWS.get(self.alerts[name], ())
        self.must(may, self.pair.cn.alert_clerk.answer(OFFICER, call), f"{self.alerts[name]} to {step}")
        if may:
            self.alerts[name] = step
        self.arrive()

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), whole=st.booleans())
    def lift(self, data: st.DataObject, *, whole: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.alerts)))
        call = alerts_api.IssueAlertRequest(call_id=f"l{self.number()}", purpose=1)
        call.alert.type, call.alert.lifts = alert_pb2.ALERT_TYPE_NO_LOAD_LIFTED, name
        call.alert.container_numbers.extend(["TEST0000001", "TEST0000002"][: 1 + whole])
        is_open = self.alerts[name] != "CLOSED"
        self.must(is_open, self.pair.nl.alert_clerk.issue(OFFICER, call), f"{self.alerts[name]} to LIFTED")
        if whole:
            self.alerts[name] = "CLOSED"
        self.arrive()

    @precondition(lambda self: self.alerts)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.alerts)))
        call = alerts_api.CloseAlertRequest(call_id=f"k{self.number()}", alert_id=name)
        is_open = self.alerts[name] != "CLOSED"
        self.must(is_open, self.pair.nl.alert_clerk.close(OFFICER, call), f"{self.alerts[name]} to CLOSED")
        self.alerts[name] = "CLOSED"
        self.arrive()

    @rule(seconds=st.sampled_from([1, 60, 20 * 60, HOUR, 3 * HOUR]))
    def wait(self, seconds: int) -> None:
        """Time ends what nobody answered, and escalates what nobody took up; nobody calls."""
        self.pair.clock.move(seconds)
        for name, state in self.requests.items():
            deadline = self.cutoffs[name] if state == "COUNTER_PROPOSED" else self.deadlines[name]
            if state in UNANSWERED and deadline < self.now:
                self.requests[name] = "EXPIRED"
        for name, state in self.alerts.items():
            if state == "DELIVERED" and self.ack_by[name] < self.now:
                self.alerts[name] = "ESCALATED"

    @invariant()
    def both_nodes_stand_where_the_model_does(self) -> None:
        for node in (self.pair.nl, self.pair.cn):
            for name, state in self.requests.items():
                assert self.request_at(node, name).state == state, (node.own, name)
            for name, state in self.alerts.items():
                assert self.alert_at(node, name).state == state, (node.own, name)

    @invariant()
    def both_nodes_tell_one_story(self) -> None:
        for name in self.requests:
            assert len({told(self.request_at(node, name)) for node in (self.pair.nl, self.pair.cn)}) == 1
        for name in self.alerts:
            assert len({told(self.alert_at(node, name)) for node in (self.pair.nl, self.pair.cn)}) == 1

    def arrive(self) -> None:
        """Let everything arrive, and a second go by: what is said next is said later."""
        self.pair.settle()
        self.requests = {name: "RECEIVED" if state == "SENT" else state for name, state in self.requests.items()}
        self.wait(1)

    def request_at(self, node: Any, name: str) -> RequestLife:
        (life,) = self.pair.run(node.requests.lives(name))
        return life  # type: ignore[no-any-return]

    def alert_at(self, node: Any, name: str) -> AlertLife:
        (life,) = self.pair.run(node.alerts.lives(name))
        return life  # type: ignore[no-any-return]

    def must(self, may: bool, work: Any, step: str) -> None:
        """Do what the model allows; what it forbids must be refused with a reason."""
        if may:
            self.pair.run(work)
            return
        with pytest.raises(StepNotPossible) as refused:
            self.pair.run(work)
        assert refused.value.sentence, step


def told(life: RequestLife | AlertLife) -> Any:
    """Give a story as anybody tells it: without when this node heard of it."""
    return tuple((step.state, step.at, step.by, step.ground, step.record_id, step.fault) for step in life.steps)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)

WAYS: dict[str, list[str]] = {
    "RECEIVED": [],
    "ACCEPTED": ["ACCEPTED"],
    "DECLINED": ["DECLINED"],
    "COUNTER_PROPOSED": ["COUNTER_PROPOSED"],
    "SCHEDULED": ["ACCEPTED", "SCHEDULED"],
    "IN_PROGRESS": ["ACCEPTED", "SCHEDULED", "IN_PROGRESS"],
    "COMPLETED": ["ACCEPTED", "COMPLETED"],
    "ABORTED": ["COUNTER_PROPOSED", "ACCEPTED", "ABORTED"],
    "CANCELLED": ["CANCELLED"],
    "OVERTAKEN": ["OVERTAKEN"],
    "EXPIRED": ["EXPIRED"],
}
ALERT_WAYS: dict[str, list[str]] = {
    "DELIVERED": [],
    "ESCALATED": ["ESCALATED"],
    "ACKNOWLEDGED": ["ACKNOWLEDGED"],
    "ACTIONED": ["ACKNOWLEDGED", "ACTIONED"],
    "NOT_POSSIBLE": ["NOT_POSSIBLE"],
    "CLOSED": ["CLOSED"],
}


class Chosen:
    """A draw that is no draw: the life that a test means."""

    def __init__(self, name: str) -> None:
        self.name = name

    def draw(self, _: Any) -> str:
        return self.name


def step_request(lives: Lives, name: str, step: str) -> None:
    chosen: Any = Chosen(name)
    match step:
        case "CANCELLED":
            lives.call_off(chosen)
        case "OVERTAKEN":
            lives.move(chosen, 1)
        case "EXPIRED":
            lives.wait(max(lives.deadlines[name], lives.cutoffs[name]) + 1 - lives.now)
        case _:
            lives.answer(chosen, step)


def step_alert(lives: Lives, name: str, step: str) -> None:
    chosen: Any = Chosen(name)
    match step:
        case "CLOSED":
            lives.close(chosen)
        case "LIFTED":
            lives.lift(chosen, whole=True)
        case "ESCALATED":
            lives.wait(max(1, lives.ack_by[name] + 1 - lives.now))
        case _:
            lives.take_up(chosen, step)


@pytest.fixture
def lives() -> Iterator[Lives]:
    walked = Lives()
    yield walked
    walked.teardown()


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("matter", ["control", *(pytest.param(each, marks=pytest.mark.long) for each in MATTERS[1:])])
def test_every_step_from_every_state_of_a_request(lives: Lives, matter: str, state: str) -> None:
    """What may follow does, what may not is refused, at both nodes; the model says which."""
    for step in [*ALL_STEPS, "CANCELLED", "OVERTAKEN", "EXPIRED"]:
        lives.ask(3, matter)
        name = max(lives.requests, key=lambda each: int(each[1:]))
        for each in WAYS[state]:
            step_request(lives, name, each)
        assert lives.requests[name] == state
        step_request(lives, name, step)
        lives.requests = {name: lives.requests[name]}
        lives.both_nodes_stand_where_the_model_does()
        lives.both_nodes_tell_one_story()


@pytest.mark.parametrize("state", ALERT_WAYS)
def test_every_step_from_every_state_of_an_alert(lives: Lives, state: str) -> None:
    for step in ["ACKNOWLEDGED", "ACTIONED", "NOT_POSSIBLE", "LIFTED", "CLOSED", "ESCALATED"]:
        lives.warn(30)
        name = max(lives.alerts, key=lambda each: int(each[1:]))
        for each in ALERT_WAYS[state]:
            step_alert(lives, name, each)
        assert lives.alerts[name] == state
        step_alert(lives, name, step)
        lives.alerts = {name: lives.alerts[name]}
        lives.both_nodes_stand_where_the_model_does()
        lives.both_nodes_tell_one_story()


def test_what_is_still_on_its_way(lives: Lives) -> None:
    """SENT and ISSUED, before anything has arrived; the clock does not wait for the line."""
    call = api.CreateRequestRequest(call_id="r", partner="CN", purpose=1)
    call.information.CopyFrom(type(call.information)(request_id="R", tin="CN1234567890", elements=["roles"]))
    call.information.respond_by.seconds = lives.now + HOUR
    lives.pair.run(lives.pair.nl.request_clerk.create(OFFICER, call))
    warning = alerts_api.IssueAlertRequest(call_id="a", purpose=1)
    warning.alert.CopyFrom(alert_pb2.Alert(alert_id="A", type=5, programme="AEO"))
    lives.pair.run(lives.pair.nl.alert_clerk.issue(OFFICER, warning))
    assert lives.request_at(lives.pair.nl, "R").state == "SENT"
    assert lives.alert_at(lives.pair.nl, "A").state == "ISSUED"
    lives.pair.clock.move(2 * HOUR)
    assert lives.request_at(lives.pair.nl, "R").state == "EXPIRED"
    assert lives.alert_at(lives.pair.nl, "A").state == "ESCALATED"
    lives.pair.settle()
    assert lives.request_at(lives.pair.cn, "R").state == "EXPIRED"
    assert lives.alert_at(lives.pair.cn, "A").state == "ESCALATED"
