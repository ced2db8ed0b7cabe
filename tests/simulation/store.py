"""The product's store on a simulated disk: its own SQL, its own group commit, and a writer without a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import apsw

from gateway.errors import StoreFailed
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock, Randomness
from gateway.stores.sqlite.checkpoints import Checkpointer
from gateway.stores.sqlite.group_commit import GroupCommit, Outcome
from gateway.stores.sqlite.store import Machine, SqliteStore, open_store
from tests.simulation.disk import VFS, Disk
from tests.simulation.loop import Process

FILE = "gateway.db"


class SimulatedWriter:
    """Takes what waits into one transaction, and answers when the disk's time for it has gone by."""

    def __init__(
        self, connection: apsw.Connection, on_commit: Callable[[int], None], process: Process, chance: Random
    ) -> None:
        self._commits = GroupCommit(connection)
        self._checkpointer = Checkpointer(connection, self._commits.shut)
        self._on_commit = on_commit
        self._process = process
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._under_way: list[tuple[Any, asyncio.Future[Any]]] = []
        self._closing = False

    async def run(self, job: Any, *, weight: int = 1, ahead: bool = False) -> Any:
        if not self._process.alive:
            raise asyncio.CancelledError
        if self._closing:
            raise StoreFailed("The store is closed.")
        future = self._loop.create_future()
        self._waiting.append((job, future))
        if not self._under_way:
            self._begin()
        return await future

    async def empty_wal(self) -> bool:
        await self.run(lambda _: None)
        return self._process.alive and self._checkpointer.empty_wal()

    async def close(self) -> None:
        self._closing = True
        while self._under_way or self._waiting:  # noqa: ASYNC110  simulated time costs nothing
            await asyncio.sleep(0.001)

    def die(self) -> None:
        """The process is killed: what it was about to write may have come as far as the disk."""
        if self._under_way and self._chance.random() < 0.8:
            self._commits.transact([job for job, _ in self._under_way])

    def _begin(self) -> None:
        self._under_way, self._waiting = self._waiting, []
        slow = self._chance.random() < 0.02
        self._loop.call_later(
            self._chance.uniform(0.1, 2.0) if slow else self._chance.uniform(0.0005, 0.008), self._end
        )

    def _transact(self) -> tuple[list[Outcome], int]:
        return self._commits.transact([job for job, _ in self._under_way])

    def _end(self) -> None:
        if not self._process.alive:
            return
        done = self._under_way
        outcomes, newest = self._transact()
        self._on_commit(newest)
        for (_, future), outcome in zip(done, outcomes, strict=True):
            if future.done():
                continue
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.value)
        self._under_way = []
        self._checkpointer.after_commit(idle=not self._waiting)
        if self._waiting:
            self._begin()


class WatchedLogs:
    """The store's link logs; tells when indexes are asked for."""

    def __init__(self, logs: LinkLogs, forming: Callable[[str, int], None]) -> None:
        self._logs = logs
        self._forming = forming

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logs, name)

    async def form_batch(self, partner: str, *, expected_size: int, **limits: Any) -> Any:
        self._forming(partner, expected_size)
        return await self._logs.form_batch(partner, expected_size=expected_size, **limits)


async def open_simulated(
    disk: Disk, *, process: Process, clock: Clock, randomness: Randomness, chance: Random
) -> SqliteStore:
    """Open the store on this disk for this process."""

    def writer(connection: apsw.Connection, on_commit: Callable[[int], None]) -> Any:
        return SimulatedWriter(connection, on_commit, process, chance)

    return await open_store(
        disk.directory / FILE, randomness=randomness, clock=clock, reserve=0, machine=Machine(VFS, writer, readers=1)
    )


def abandon(store: SqliteStore, disk: Disk) -> None:
    """The process that had this store open is gone: the disk keeps what a power cut leaves, and its files are let go."""
    disk.record()
    store._writer.die()  # type: ignore[attr-defined]
    disk.crash()
    disk.full = disk.broken = False
    disk.record()  # closing is only for this test's own files: the dead write nothing
    readers = store._reader._connections
    while not readers.empty():
        readers.get().close()
    store._connection.close()
    store._file.release()
    disk.forget()
