"""Calls at the desk: alone at once, together when the desk is busy, each with its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.errors import Conflict, Pressure
from gateway.recognition.desk import Asked
from gateway.rpc.counter import AT_ONCE, TOGETHER, Counter
from mutualrecognition.national.v1.decision_pb2 import Question


class Desk:
    """Answers with the request id; ``busy`` holds it up."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.busy = asyncio.Event()
        self.busy.set()

    async def decide(self, asked: Sequence[Asked]) -> list[Any]:
        self.batches.append(len(asked))
        await self.busy.wait()
        if any(each.request_id == "full" for each in asked):
            raise Pressure("The disk is full.")
        return [Conflict(each.request_id) if each.request_id == "bad" else each.request_id for each in asked]


def ask(counter: Counter, name: str) -> asyncio.Task[Any]:
    return asyncio.create_task(counter.decide(Asked("client", name, Question())))


async def test_what_comes_meanwhile_is_answered_together() -> None:
    desk = Desk()
    counter = Counter(desk)  # type: ignore[arg-type]
    assert await ask(counter, "alone") == "alone"
    desk.busy.clear()
    calls = []
    for number in range(AT_ONCE + TOGETHER + 3):
        calls.append(ask(counter, str(number)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    desk.busy.set()
    assert await asyncio.gather(*calls) == [str(number) for number in range(AT_ONCE + TOGETHER + 3)]
    assert desk.batches == [1, *[1] * AT_ONCE, TOGETHER, 3]


async def test_each_hears_of_its_own_refusal() -> None:
    counter = Counter(Desk())  # type: ignore[arg-type]
    good, bad = ask(counter, "good"), ask(counter, "bad")
    with pytest.raises(Conflict):
        await bad
    assert await good == "good"
    with pytest.raises(Pressure):
        await ask(counter, "full")
    assert await ask(counter, "after") == "after"


async def test_a_caller_that_has_gone_keeps_nobody_waiting() -> None:
    desk = Desk()
    counter = Counter(desk)  # type: ignore[arg-type]
    desk.busy.clear()
    gone, other = ask(counter, "gone"), ask(counter, "other")
    for _ in range(3):
        await asyncio.sleep(0)
    gone.cancel()
    desk.busy.set()
    assert await other == "other"
