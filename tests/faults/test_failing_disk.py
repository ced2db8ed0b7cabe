"""Whatever call of SQLite's fails, once or for good: it is told, nothing that was answered is lost, no answer is missing.

After a write or a sync that failed nothing is answered any more before a restart, however well later ones go: the system
may have dropped what it could not write, and then says of the next sync that all is well.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from gateway.errors import GatewayError
from gateway.ports.records import RecordQuery
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.stores.sqlite.store import Machine
from tests.contracts.making import MUCH, SeededChance, StillClock, admission, open_link
from tests.faults.failing_disk import DISKS, VFS, FailingDisk, Fault

BEFORE, CALL, ROUNDS = 200, 3, 3
PATIENCE = 60.0
FAILED, FULL = "STORE_FAILED", "OVERLOADED"
CALLS = [
    ("open", ""),
    ("open", "-wal"),
    ("read", ""),
    ("read", "-wal"),
    ("write", ""),
    ("write", "-wal"),
    ("sync", ""),
    ("sync", "-wal"),
    ("truncate", ""),
    ("truncate", "-wal"),
]
DEAREST = 8
"""Of calls that come often so many are tried, from the first to the last."""


@dataclass(slots=True)
class Life:
    """What was answered while a store lived: record numbers, and how each call ended, in order: with which reason.

    ``hit`` tells whether the disk had failed before the store was closed.
    """

    answered: list[int] = field(default_factory=list)
    writing: list[str] = field(default_factory=list)
    reading: list[str] = field(default_factory=list)
    hit: bool = False

    async def call(self, what: Awaitable[Any], ends: list[str]) -> Any:
        """Wait for the end of a call; an error that is none of the gateway's, and none at all, fails the test."""
        try:
            found = await asyncio.wait_for(what, PATIENCE)
        except GatewayError as error:
            ends.append(error.reason)
            return None
        ends.append("")
        return found


async def opened(path: Path, vfs: str | None = None) -> SqliteStore:
    return await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0, machine=Machine(vfs))


async def live(path: Path) -> Life:
    """Submit, write the log back, read and form batches, and close."""
    life = Life()
    store = await life.call(opened(path, VFS), life.writing)
    if store is None:
        return life
    number = BEFORE
    for turn in range(ROUNDS):
        for _ in range(2):
            admissions = [admission(number + each) for each in range(CALL)]
            if await life.call(store.intake.admit(admissions), life.writing) is not None:
                life.answered += range(number, number + CALL)
            number += CALL
        await life.call(store._writer.empty_wal(), life.writing)
        await life.call(store.records.after(0, limit=1000, query=RecordQuery()), life.reading)
        formed = store.logs.form_batch("CN", expected_size=turn * 10, records=10, size_bytes=MUCH)
        await life.call(formed, life.writing)
    life.hit = DISKS[path.parent].hit
    await life.call(store.close(), [])
    return life


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with some records, closed."""
    place = tmp_path_factory.mktemp("failing") / "made"
    place.mkdir()

    async def make() -> None:
        store = await opened(place / "gateway.db")
        await open_link(store)
        await store.intake.admit([admission(number) for number in range(BEFORE)])
        await store.close()

    asyncio.run(make())
    return place


def disk_of(made: Path, place: Path, fault: Fault | None = None) -> tuple[Path, FailingDisk]:
    """Copy the store to a disk that fails so."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(made, place)
    disk = DISKS[place] = FailingDisk(fault)
    return place / "gateway.db", disk


async def require_kept(path: Path, life: Life) -> None:
    """Open as after a restart, on a disk that works: what was answered is there, of every call all or nothing."""
    DISKS.pop(path.parent)
    store = await opened(path)
    await store.intake.admit([admission(10**6 + each) for each in range(CALL)])
    await store.close()
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = connection.execute("SELECT request_id FROM submission").fetchall()
        there = {int(request.removeprefix("request-")) for (request,) in rows}
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert connection.execute("SELECT count(*) FROM record").get == len(there)
    finally:
        connection.close()
    assert set(range(BEFORE)) | set(life.answered) <= there
    assert len(there) % CALL == BEFORE % CALL


def faults(call: str, file: str, count: int) -> Iterator[Fault]:
    """Name the faults to try on a call that comes so often."""
    for number in range(1, count + 1, max(1, count // DEAREST)):
        for error in (apsw.IOError, apsw.FullError) if call == "write" else (apsw.IOError,):
            for lasts in (False, True):
                yield Fault(call, file, number, error, lasts)


@pytest.mark.long
@pytest.mark.parametrize(("call", "file"), CALLS, ids=[f"{call}-{file or 'db'}" for call, file in CALLS])
async def test_a_call_that_fails_is_told_and_loses_nothing(call: str, file: str, made: Path, tmp_path: Path) -> None:
    path, disk = disk_of(made, tmp_path / "disk")
    life = await live(path)
    assert not any(life.writing + life.reading)
    await require_kept(path, life)
    assert disk.calls[call, file]
    for fault in faults(call, file, disk.calls[call, file]):
        path, failing = disk_of(made, tmp_path / "disk", fault)
        life = await live(path)
        assert failing.hit, fault
        require_told(life, fault)
        await require_kept(path, life)


def require_told(life: Life, fault: Fault) -> None:
    """Look at how calls ended: with the right reason, and none well after the disk has failed to write."""
    wrong = {*life.writing, *life.reading} - {"", FAILED, FULL if fault.error is apsw.FullError else ""}
    assert wrong <= {"OUT_OF_ORDER"}, (fault, life)  # a batch after one that could not be formed
    if fault.error is apsw.FullError:
        assert FAILED not in life.writing, (fault, life)
    elif life.hit and fault.call not in ("open", "read"):
        assert FAILED in life.writing, (fault, life)
    if FAILED in life.writing:
        assert set(life.writing[life.writing.index(FAILED) :]) == {FAILED}, (fault, life)
