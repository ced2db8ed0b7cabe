"""In which order the writer takes jobs, and what one that fails leaves.

Those that go ahead come first, in a transaction of their own, but never for long.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event
from typing import Any

import apsw
import pytest

from gateway.stores.sqlite import open_store
from tests.contracts.making import SeededChance, StillClock


async def test_who_goes_ahead_waits_for_one_transaction_and_holds_the_others_up_for_one(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "gateway.db", randomness=SeededChance(), clock=StillClock())
    held = {"first": Event(), "c": Event()}
    begun = {name: asyncio.Event() for name in held}
    order: list[str] = []
    transactions: list[str] = []
    loop = asyncio.get_running_loop()

    def committed() -> bool:
        transactions.append("".join(order))
        order.clear()
        return False

    def ask(name: str, *, ahead: bool = False) -> asyncio.Task[Any]:
        def job(_connection: object) -> None:
            order.append(name)
            if name in held:
                loop.call_soon_threadsafe(begun[name].set)
                held[name].wait()

        return asyncio.create_task(store._writer.run(job, ahead=ahead))

    try:
        await store._writer.run(lambda connection: connection.set_commit_hook(committed))
        transactions.clear()
        jobs = [ask("first")]
        await begun["first"].wait()
        jobs += [ask("a"), ask("b"), ask("c", ahead=True), ask("d"), ask("e", ahead=True)]
        await asyncio.sleep(0)
        held["first"].set()
        await begun["c"].wait()
        jobs.append(ask("f", ahead=True))
        await asyncio.sleep(0)
        held["c"].set()
        await asyncio.gather(*jobs)
        assert transactions == ["first", "ce", "abdf"]
    finally:
        for each in held.values():
            each.set()
        await store.close()


@pytest.mark.parametrize("others", [0, 2])
async def test_a_job_that_fails_leaves_no_trace_and_touches_no_other(tmp_path: Path, others: int) -> None:
    store = await open_store(tmp_path / "gateway.db", randomness=SeededChance(), clock=StillClock())
    held, begun = Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_connection: apsw.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        held.wait()

    def write(connection: apsw.Connection, name: str) -> None:
        connection.execute("INSERT INTO duty (name, position) VALUES (?, '')", (name,))

    def fail(connection: apsw.Connection) -> None:
        write(connection, "failed")
        raise KeyError("failed")

    try:
        first = asyncio.create_task(store._writer.run(hold))
        await begun.wait()
        jobs = [fail, *[lambda connection, name=name: write(connection, f"other {name}") for name in range(others)]]
        asked = [asyncio.create_task(store._writer.run(job)) for job in jobs]
        await asyncio.sleep(0)
        held.set()
        await first
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in outcomes] == [KeyError, *[type(None)] * others]
        await store._writer.run(lambda connection: write(connection, "next"))
        names = await store._reader.run(
            lambda connection: [name for (name,) in connection.execute("SELECT name FROM duty")]
        )
        assert set(names) == {"next", *(f"other {name}" for name in range(others))}
    finally:
        held.set()
        await store.close()
