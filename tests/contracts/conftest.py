"""The stores that must keep the contract. Another store adds a factory to ``FACTORIES``, and no test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gateway.stores.sqlite import open_store
from tests.contracts.making import SeededChance, StillClock, Store

Factory = Callable[[Path, int], Awaitable[Store]]


async def sqlite(directory: Path, reserve: int) -> Store:
    return await open_store(directory / "gateway.db", randomness=SeededChance(), clock=StillClock(), reserve=reserve)


FACTORIES: dict[str, Factory] = {"sqlite": sqlite}


class Backend:
    """One place where a store keeps its state: what is opened there a second time goes on from the first."""

    def __init__(self, factory: Factory, directory: Path) -> None:
        self._factory = factory
        self._directory = directory
        self._opened: list[Store] = []

    async def open(self, *, reserve: int = 0) -> Store:
        store = await self._factory(self._directory, reserve)
        self._opened.append(store)
        return store

    async def reopen(self) -> Store:
        await self.close()
        return await self.open()

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()


@pytest.fixture(params=FACTORIES)
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    backend = Backend(FACTORIES[request.param], tmp_path)
    yield backend
    await backend.close()


@pytest.fixture
async def store(backend: Backend) -> Store:
    return await backend.open()
