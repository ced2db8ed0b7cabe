"""The herald gives way: while officers ask, notices of reliance wait, and not without end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.ports.decisions import Change, DecisionEvent, StoredDecision
from gateway.rpc.herald import PATIENCE_SECONDS, Herald
from gateway.rpc.turns import OFFICERS, WAITING_SECONDS, Turns
from mutualrecognition.national.v1.decision_pb2 import OUTCOME_PENDING, Decision
from tests.contracts.making import NOW


class Decisions:
    """Some decisions made at ``NOW``; of none is anybody told."""

    def __init__(self, number: int) -> None:
        answer = Decision(outcome=OUTCOME_PENDING).SerializeToString()
        made = [StoredDecision(n, f"D-{n}", "desk", f"R-{n}", b"", 1, answer, b"", None, 0, b"") for n in range(number)]
        self._events = [DecisionEvent(n, Change.MADE, NOW, each) for n, each in enumerate(made, 1)]

    async def events(self, after: int, *, limit: int) -> Sequence[DecisionEvent]:
        return self._events[after : after + limit]


class Duties:
    """How far the herald has come."""

    def __init__(self) -> None:
        self.reached = 0

    async def position(self, name: str) -> str:
        return str(self.reached)

    async def keep(self, name: str, position: str) -> None:
        self.reached = int(position)


class World:
    """A herald that has told of nothing, and a clock of its own for who asks when."""

    def __init__(self, decisions: int) -> None:
        self.at = 0.0
        self.turns = Turns(lambda: self.at, self._sleep)
        self.duties = Duties()
        of_no_use: Any = None
        wanted: Any = {"decisions": Decisions(decisions), "duties": self.duties, "book": lambda: None}
        given = wanted | dict.fromkeys(("submissions", "desk", "index"), of_no_use)
        clock: Any = type("Clock", (), {"now": staticmethod(lambda: NOW)})
        self.herald = Herald(**given, clock=clock, turns=self.turns)

    async def _sleep(self, seconds: float) -> None:
        self.at += seconds

    async def told_at(self, now: int) -> int:
        await self.herald.notify(now)
        return self.duties.reached


async def test_partners_are_told_when_nobody_asks() -> None:
    assert await World(120).told_at(NOW) == 120


async def test_while_officers_ask_it_waits_until_they_have_done() -> None:
    world = World(120)
    world.turns.moved(OFFICERS)
    assert await world.told_at(NOW + 1) == 0
    world.at += 2 * WAITING_SECONDS
    assert await world.told_at(NOW + 2) == 120


async def test_it_does_not_wait_without_end() -> None:
    world = World(120)
    world.turns.moved(OFFICERS)
    assert await world.told_at(NOW + PATIENCE_SECONDS - 1) == 0
    assert await world.told_at(NOW + PATIENCE_SECONDS) == 120


async def test_a_link_that_moves_records_does_not_keep_it_waiting() -> None:
    world = World(1)
    world.turns.moved("CN")
    assert await world.told_at(NOW) == 1
