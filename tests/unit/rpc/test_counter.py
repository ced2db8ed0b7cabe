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
    """Answers with the request id; ``free`` holds up who decides, ``written`` what is kept."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.free = asyncio.Event()
        self.free.set()
        self.written = asyncio.Event()
        self.written.set()

    async def work_out(self, asked: Sequence[Asked]) -> Sequence[Asked]:
        self.batches.append(len(asked))
        await self.free.wait()
        return asked

    async def keep(self, worked_out: Sequence[Asked]) -> list[Any]:
        await self.written.wait()
        if any(each.request_id == "full" for each in worked_out):
            raise Pressure("The disk is full.")
        return [Conflict(each.request_id) if each.request_id == "bad" else each.request_id for each in worked_out]


def ask(counter: Counter, name: str) -> asyncio.Task[Any]:
    return asyncio.create_task(counter.decide(Asked("client", name, Question())))


async def test_what_comes_meanwhile_is_answered_together() -> None:
    desk = Desk()
    counter = Counter(desk)  # type: ignore[arg-type]
    assert await ask(counter, "alone") == "alone"
    desk.free.clear()
    calls = await several(counter, range(1 + TOGETHER + 3))
    desk.free.set()
    assert await asyncio.gather(*calls) == [str(number) for number in range(1 + TOGETHER + 3)]
    assert desk.batches == [1, 1, TOGETHER, 3]


async def test_while_a_batch_is_written_the_next_is_decided_and_no_more() -> None:
    desk = Desk()
    counter = Counter(desk)  # type: ignore[arg-type]
    desk.written.clear()
    calls = await several(counter, range(AT_ONCE + 4))
    assert desk.batches == [1] * AT_ONCE
    desk.written.set()
    await asyncio.gather(*calls)
    assert desk.batches == [*[1] * AT_ONCE, 4]


async def several(counter: Counter, numbers: range) -> list[asyncio.Task[Any]]:
    """Ask one after the other; each is seen before the next one comes."""
    calls = []
    for number in numbers:
        calls.append(ask(counter, str(number)))
        for _ in range(4):
            await asyncio.sleep(0)
    return calls


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
    desk.free.clear()
    gone, other = ask(counter, "gone"), ask(counter, "other")
    for _ in range(3):
        await asyncio.sleep(0)
    gone.cancel()
    desk.free.set()
    assert await other == "other"
