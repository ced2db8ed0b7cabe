"""Calls that are cut off, and what each partner may have."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from gateway.errors import ClientUnknown, Pressure, ShareSpent
from gateway.rpc.open_calls import (
    CALLS_AT_ONCE,
    CALLS_UNDER_WAY,
    CONNECTIONS,
    LONGEST_WAIT,
    REFUSALS_A_SECOND,
    REFUSALS_AT_ONCE,
    OpenCalls,
    Shares,
)


class Caller:
    def __init__(self) -> None:
        self.gone = False

    def look(self) -> None:
        if self.gone:
            raise ClientUnknown("It is struck out.")


async def call(calls: OpenCalls, caller: Caller | None, begun: asyncio.Event) -> str:
    try:
        with calls.under_way(caller.look if caller else None):
            begun.set()
            await asyncio.Event().wait()
    except ClientUnknown:
        await asyncio.sleep(0)  # it goes on as any task does: there is a status to send
        return "told"
    return "never"


async def test_a_caller_that_is_struck_out_is_cut_off_and_told() -> None:
    calls, gone, stays = OpenCalls(), Caller(), Caller()
    begun = [asyncio.Event() for _ in range(3)]
    callers = zip((gone, stays, None), begun, strict=True)
    tasks = [asyncio.create_task(call(calls, caller, event)) for caller, event in callers]
    for each in begun:
        await each.wait()
    await calls.look_again()
    gone.gone = True
    await calls.look_again()
    assert await tasks[0] == "told"
    await calls.look_again()
    assert not tasks[1].done()
    assert not tasks[2].done()
    for task in tasks[1:]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks[1:], return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in outcomes), "others are cancelled as ever"


def test_a_partner_has_so_many_connections_and_several_calls_on_each() -> None:
    shares = Shares(lambda: 0.0)
    with ExitStack() as stack:
        for number in range(CONNECTIONS):
            for _ in range(2):
                stack.enter_context(shares.taken("CN", f"ipv4:10.0.0.1:{number}"))
        with pytest.raises(Pressure, match="CN has calls on 4 connections"):
            stack.enter_context(shares.taken("CN", "ipv4:10.0.0.1:99"))
        stack.enter_context(shares.taken("US", "ipv4:10.0.0.1:99"))
    with shares.taken("CN", "ipv4:10.0.0.1:99"):
        pass


def test_a_partner_has_so_many_calls_under_way_and_others_theirs() -> None:
    shares = Shares(lambda: 0.0)
    with ExitStack() as stack:
        for _ in range(CALLS_UNDER_WAY):
            stack.enter_context(shares.taken("CN", "ipv4:10.0.0.1:1"))
        with pytest.raises(ShareSpent, match="CN has 8 calls under way"):
            stack.enter_context(shares.taken("CN", "ipv4:10.0.0.1:1"))
        for _ in range(CALLS_UNDER_WAY):
            stack.enter_context(shares.taken("US", "ipv4:10.0.0.2:1"))
    with shares.taken("CN", "ipv4:10.0.0.1:1"):
        pass


def test_a_partner_makes_so_many_calls_a_second() -> None:
    now = [0.0]
    shares = Shares(lambda: now[0])

    def made(count: int) -> int:
        done = 0
        for _ in range(count):
            try:
                with shares.taken("CN", "ipv4:10.0.0.1:1"):
                    done += 1
            except Pressure:
                pass
        return done

    assert made(100) == CALLS_AT_ONCE
    now[0] += 1.0
    assert made(100) == 10
    now[0] += 3600.0
    assert made(100) == CALLS_AT_ONCE
    with shares.taken("US", "ipv4:10.0.0.1:1"):
        pass


def test_who_is_refused_again_and_again_is_answered_slowly_and_others_are_not() -> None:
    now = [100.0]
    shares = Shares(lambda: now[0])
    assert [shares.seconds_until_refusal("CN") for _ in range(int(REFUSALS_AT_ONCE))] == [0.0] * int(REFUSALS_AT_ONCE)
    waits = [shares.seconds_until_refusal("CN") for _ in range(1000)]
    assert waits == sorted(waits)
    assert [round(each * REFUSALS_A_SECOND) for each in waits[:3]] == [1, 2, 3]
    assert waits[-1] == LONGEST_WAIT
    assert shares.seconds_until_refusal("") == 0.0
    now[0] += LONGEST_WAIT
    assert round(shares.seconds_until_refusal("CN") * REFUSALS_A_SECOND) == 1
    now[0] += 3600.0
    assert shares.seconds_until_refusal("CN") == 0.0
