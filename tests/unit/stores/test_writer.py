"""In which order the writer takes jobs: those that go ahead first, in a transaction of their own, but never for long."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event
from typing import Any

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
