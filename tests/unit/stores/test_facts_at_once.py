"""Where facts are read: in the event loop's own thread while that is quick and they are few, else in another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.stores.sqlite import SqliteStore, facts, open_store
from tests.contracts.making import SeededChance, StillClock, admission
from tests.contracts.test_decisions import outcome

KEY = "container:MSKU3841906"


class Places:
    """Notes where queries run."""

    def __init__(self, store: SqliteStore) -> None:
        self.seen: list[str] = []
        reader = store._reader
        self._run, self._at_once = reader.run, reader.at_once
        reader.run, reader.at_once = self.run, self.at_once  # type: ignore[method-assign]

    async def run(self, query: Any) -> Any:
        self.seen.append("thread")
        return await self._run(query)

    def at_once(self, query: Any) -> Any:
        self.seen.append("at once")
        return self._at_once(query)


class SlowClock(StillClock):
    seconds, step = 0.0, 0.0

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds


async def test_a_slow_read_sends_the_next_ones_to_a_thread_and_many_records_go_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SlowClock()
    store = await open_store(tmp_path / "gateway.db", randomness=SeededChance(), clock=clock)
    try:
        await store.intake.admit([admission(number, statement=outcome(f"C-{number}")) for number in (1, 2)])
        places = Places(store)

        async def read() -> list[int]:
            found = await store.facts.read({KEY}, lambda _: (), limit=10)
            assert not found.truncated
            return [each.sequence for each in found.records]

        assert [await read(), await read()] == [[1, 2], [1, 2]]
        clock.step = 2 * facts.QUICK_SECONDS
        assert [await read(), await read()] == [[1, 2], [1, 2]]
        clock.step = 0.0
        assert [await read(), await read()] == [[1, 2], [1, 2]]
        assert places.seen == ["thread", "at once", "at once", "thread", "thread", "at once"]
        monkeypatch.setattr(facts, "AT_ONCE", 1)
        assert await read() == [1, 2]
        assert places.seen[6:] == ["at once", "thread"]
    finally:
        await store.close()
