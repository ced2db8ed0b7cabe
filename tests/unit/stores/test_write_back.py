"""The write-ahead log is written back beside the writer: nobody waits for it, and the log begins anew all the same."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from threading import Event, current_thread

import apsw
import pytest

from gateway.errors import StoreFailed
from gateway.stores.sqlite import SqliteStore, checkpoints, open_store, write_back
from gateway.stores.sqlite.store import Machine
from tests.contracts.making import SeededChance, StillClock, admission
from tests.faults.failing_disk import DISKS, VFS, FailingDisk, Fault

FEW, MANY, MOST = 4, 60, 400
"""Pages, in place of thousands; one submission writes about a dozen."""


async def opened(path: Path, vfs: str | None = None) -> SqliteStore:
    return await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0, machine=Machine(vfs))


class Gate:
    """Keeps the thread that writes back from ending its pass, while it is shut."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.came, self._open = Event(), Event()
        monkeypatch.setattr(write_back, "reach", self._reach)

    def _reach(self, _point: str) -> None:
        if current_thread().name.startswith("store-write-back"):
            self.came.set()
            self._open.wait(60)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@pytest.fixture
async def store(tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
    monkeypatch.setattr(checkpoints, "FEW_PAGES", FEW)
    monkeypatch.setattr(checkpoints, "PASSIVE_PAGES", MANY)
    monkeypatch.setattr(checkpoints, "RESTART_PAGES", MOST)
    store = await opened(tmp_path / "gateway.db")
    yield store
    gate.open()
    await store.close()


def pages(store: SqliteStore) -> int:
    """Give how many pages are in the log."""
    return store._writer._checkpointer._pages


async def test_commits_go_on_while_the_log_is_written_back_and_then_it_begins_anew(
    store: SqliteStore, gate: Gate
) -> None:
    numbers = count()
    while not gate.came.is_set():
        await store.intake.admit([admission(next(numbers))])
    grown = pages(store)
    while pages(store) < grown + MANY:
        await store.intake.admit([admission(next(numbers))])
    gate.open()
    while pages(store) > FEW + MANY // 2:
        await store.intake.admit([admission(next(numbers))])
    assert await store.records.newest() == next(numbers)


async def test_a_log_that_grows_faster_than_it_is_written_back_is_waited_for(store: SqliteStore, gate: Gate) -> None:
    numbers = count()
    while pages(store) < MOST:
        await store.intake.admit([admission(next(numbers))])
    assert gate.came.is_set()
    gate.open()  # the writer waits for it by now, or does before it takes the next job
    await store.intake.admit([admission(next(numbers))])
    assert pages(store) < MOST


async def test_it_is_emptied_only_when_nobody_writes_it_back(store: SqliteStore, gate: Gate, tmp_path: Path) -> None:
    numbers = count()
    while not gate.came.is_set():
        await store.intake.admit([admission(next(numbers))])
    await store._writer.run(lambda _: gate.open())
    assert await store._writer.empty_wal()
    assert not (tmp_path / "gateway.db-wal").stat().st_size


async def until_refused(store: SqliteStore) -> tuple[int, str]:
    """Submit until that is refused; gives how often it was not, and what was told then."""
    for number in count():
        try:
            await store.intake.admit([admission(number)])
        except StoreFailed as error:
            return number, str(error)
    raise AssertionError


@pytest.mark.parametrize("call", ["write", "sync"])
async def test_a_disk_that_does_not_take_it_ends_writing_until_a_restart(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FEW_PAGES", FEW)
    place = tmp_path / "disk"
    place.mkdir()
    await (await opened(place / "gateway.db")).close()
    disk = DISKS[place] = FailingDisk()
    try:
        store = await opened(place / "gateway.db", VFS)
        disk.fault = Fault(call, "", disk.calls[call, ""] + 1, apsw.IOError, lasts=False)
        answered, told = await until_refused(store)
        assert "could not be written back" in told
        with pytest.raises(StoreFailed):
            await store.intake.admit([admission(10**6)])
        await store.close()
    finally:
        DISKS.pop(place)
    store = await opened(place / "gateway.db")
    assert await store.records.newest() == answered > 0
    await store.close()
    shutil.rmtree(place)
