"""The timekeeper calls duties again and again; none keeps another waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from gateway.rpc.timekeeper import Timekeeper


class _Clock:
    """A clock that is a second on whenever somebody looks."""

    def __init__(self) -> None:
        self._time = 1_000

    def now(self) -> int:
        self._time += 1
        return self._time

    def monotonic(self) -> float:
        return float(self._time)


async def _at_once() -> None:
    await asyncio.sleep(0)


async def _kept(duties: dict[str, Callable[[int], Awaitable[None]]], until: asyncio.Event) -> None:
    """Keep duties until ``until``, then stop."""
    keeper = Timekeeper(_Clock(), pause=_at_once)
    for name, duty in duties.items():
        keeper.add(name, duty)
    keeper.start()
    await asyncio.wait_for(until.wait(), 30)
    await keeper.stop()


async def test_calls_with_the_time_again_and_again() -> None:
    heard: list[int] = []
    enough = asyncio.Event()

    async def duty(now: int) -> None:
        heard.append(now)
        if len(heard) == 3:
            enough.set()

    await _kept({"duty": duty}, enough)
    assert heard[:3] == [1_001, 1_002, 1_003]


async def test_one_that_fails_or_hangs_keeps_no_other_waiting() -> None:
    heard: list[int] = []
    enough = asyncio.Event()

    async def failing(now: int) -> None:
        raise RuntimeError(f"broken, also at {now // 1_000_000}")

    async def hanging(now: int) -> None:
        await asyncio.Event().wait()

    async def duty(now: int) -> None:
        heard.append(now)
        if len(heard) == 5:
            enough.set()

    with capture_logs() as logs:
        await _kept({"failing": failing, "hanging": hanging, "duty": duty}, enough)
    assert len(heard) >= 5
    assert [(each["event"], each["duty"]) for each in logs] == [("a timed duty fails", "failing")]


async def test_tells_when_a_duty_works_again() -> None:
    outcomes = iter([RuntimeError("first"), RuntimeError("first"), RuntimeError("second"), None])
    enough = asyncio.Event()

    async def duty(now: int) -> None:
        outcome = next(outcomes, None)
        if outcome is not None:
            raise outcome
        enough.set()

    with capture_logs() as logs:
        await _kept({"duty": duty}, enough)
    assert [each["event"] for each in logs] == [
        "a timed duty fails",
        "a timed duty fails",
        "a timed duty works again",
    ]


async def test_calls_nothing_once_stopped() -> None:
    heard: list[int] = []
    enough = asyncio.Event()

    async def duty(now: int) -> None:
        heard.append(now)
        enough.set()

    await _kept({"duty": duty}, enough)
    count = len(heard)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(heard) == count


async def test_refuses_two_duties_of_one_name() -> None:
    async def duty(now: int) -> None: ...

    keeper = Timekeeper(_Clock())
    keeper.add("duty", duty)
    with pytest.raises(ValueError, match="different names"):
        keeper.add("duty", duty)
