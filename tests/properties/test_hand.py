"""The lives of requests and alerts depend on what was said, not on the order in which it came."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.stores.sqlite import open_store
from gateway.views import request_moves as moves
from gateway.views.alert_desk import ALL_ALERTS, AlertDesk
from gateway.views.alerts import AlertLife, alert_lives
from gateway.views.request_desk import ALL_REQUESTS, RequestDesk
from gateway.views.requests import RequestLife, request_lives
from gateway.views.steps import Ground
from gateway.views.tracing import ConsignmentTracer
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import SeededChance, StillClock
from tests.properties.test_views import fill
from tests.unit.views.asking import CANCELLED, SENT, alert, answered, asked, at_node, minute, moved
from tests.unit.views.making import reference, withdrawal
from tests.unit.views.test_requests import lives

MANY = 10
BOXES = ("MSKU3841906", "TGHU7654321")
minutes = st.integers(0, 180)
names = st.sampled_from(["R1", "R2"])
SAID = st.sampled_from(sorted(moves.STATES - {moves.SENT, moves.CANCELLED}))


@st.composite
def sayings(draw: st.DrawFn) -> list[Record]:
    """What CN says of two requests that were filed there for NL, and of two alerts; sensible or not."""
    said = []
    for number in range(1, draw(st.integers(1, MANY)) + 1):
        at = draw(minutes)
        earlier = draw(st.one_of(st.none(), st.integers(1, MANY).filter(lambda other, own=number: other != own)))  # type: ignore[misc]
        goods = reference(draw(st.sampled_from(BOXES)), document=draw(st.sampled_from(["", "BL1"])))
        match draw(st.integers(0, 6)):
            case 0 | 1:
                state = draw(st.sampled_from([SENT, SENT, CANCELLED]))
                name, due = draw(names), draw(minutes)
                said.append(
                    asked(number, at, goods=goods, respond_by=due, cutoff=due + 30, state=state, request_id=name,
                          on_behalf_of="NL", issuer="CN", supersedes=earlier)
                )  # fmt: skip
            case 2 | 3:
                said.append(answered(number, at, draw(SAID), request_id=draw(names), supersedes=earlier))
            case 4:
                said.append(moved(number, at, draw(st.integers(1, 4)), goods=goods))
            case 5:
                name, lifts = draw(st.sampled_from([("A1", ""), ("A2", ""), ("A2", "A1")]))
                boxes = draw(st.lists(st.sampled_from(BOXES), min_size=1, unique=True))
                said.append(
                    alert(number, at, *boxes, alert_id=name, lifts=lifts, ack_by=draw(minutes), issuer="CN",
                          closed=draw(st.booleans()), supersedes=earlier)
                )  # fmt: skip
            case _:
                said.append(withdrawal(number, day=at / 1440, supersedes=earlier or 1))
    return said


def story(life: RequestLife | AlertLife) -> Any:
    """Everything but what is each node's own."""
    steps = [replace(step, known_at=0) for step in life.steps]
    what = life.request if isinstance(life, RequestLife) else life.alert
    return life.key, life.state, what.record_id, steps


@settings(max_examples=40, deadline=None)
@given(sayings(), minutes, st.randoms(use_true_random=False))
def test_lives_are_the_same_in_any_order(said: list[Record], now: int, chance: Random) -> None:
    again = [*said, *said[:3]]
    chance.shuffle(again)
    assert [story(each) for each in lives(*again, now=now)] == [story(each) for each in lives(*said, now=now)]
    here, there = ([at_node(each, "NL") for each in some] for some in (said, again))
    assert [story(each) for each in alert_lives(there, "NL", minute(now))] == [
        story(each) for each in alert_lives(here, "NL", minute(now))
    ]


@settings(max_examples=40, deadline=None)
@given(sayings(), minutes, minutes)
def test_time_and_news_change_no_step_that_was_taken_before(said: list[Record], now: int, later: int) -> None:
    """What is said from a moment on, and the clock, add to a life; nothing before that moment is told otherwise."""
    cut = min(now, later)
    earlier = [each for each in said if each.header.issued_at.seconds <= minute(cut)]
    known = {record.header.record_id for record in earlier}
    if any(each.header.supersedes in known for each in said if each not in earlier):
        return  # what is taken back later never counted
    before = request_lives([at_node(each, "NL") for each in earlier], "NL", minute(cut), {})
    after = request_lives([at_node(each, "NL") for each in said], "NL", minute(max(now, later)), {})
    told = {life.key: [replace(step, known_at=0) for step in life.steps] for life in after}
    for life in before:
        steps = [replace(step, known_at=0) for step in life.steps]
        assert told[life.key][: len(steps)] == steps


@settings(max_examples=40, deadline=None)
@given(sayings(), minutes)
def test_a_life_goes_only_where_it_may(said: list[Record], now: int) -> None:
    for life in lives(*said, now=now):
        stands = moves.SENT
        for step in life.steps:
            late_receipt = step.ground is Ground.RECEIPT and stands != moves.SENT
            if step.counts and step.state not in (stands, moves.SENT) and not late_receipt:
                assert moves.may_go(stands, step.state, at_once=False), (stands, step.state)
                stands = step.state
        assert life.state == stands


async def answers(said: list[Record], seed: int) -> list[Any]:
    """Tell what a store answers when it got these records in some order, before and after a rebuild."""
    chance = Random(seed)
    shuffled = list(said)
    chance.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as directory:
        store = await open_store(Path(directory) / "g.db", randomness=SeededChance(), clock=StillClock(), reserve=0)
        try:
            await fill(store, shuffled, chance)
            parts: dict[str, Any] = {"administration": "NL", "index": store.views, "records": store.records}
            requests = RequestDesk(**parts, tracer=ConsignmentTracer(store.views), clock=StillClock())
            alerts = AlertDesk(**parts, clock=StillClock())
            told: list[Any] = []
            for _ in range(2):
                found = [life for name in ("R1", "R2") for life in await requests.lives(name)]
                warned = [life for name in ("A1", "A2") for life in await alerts.lives(name)]
                listed = (await requests.listed(ALL_REQUESTS, after=0, limit=100)).lives
                assert {life.key for life in listed} == {life.key for life in found}
                noted = (await alerts.listed(ALL_ALERTS, after=0, limit=100)).lives
                assert {life.key for life in noted} == {life.key for life in warned}
                told.append([story(life) for life in (*found, *warned)])
                await store.views.rebuild(lambda _: None)
            assert told[0] == told[1]
            return list(told[0])
        finally:
            await store.close()


@settings(max_examples=12, deadline=None)
@given(sayings(), st.integers(0, 2**32))
def test_two_stores_answer_the_same_after_any_interleaving(said: list[Record], seed: int) -> None:
    assert asyncio.run(answers(said, seed)) == asyncio.run(answers(said, seed + 1))
