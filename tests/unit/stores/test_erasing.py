"""Erased bytes are gone from the file and from its write-ahead log, also when something came in between."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from gateway.stores.sqlite import SqliteStore, open_store
from gateway.stores.sqlite.erasing import Eraser
from tests.contracts.making import PartnerLog, SeededChance, StillClock, open_link
from tests.contracts.test_erasure import NAMED, certified, erased, judged, receive
from tests.unit.views.making import tombstone

OTHERS = 300
"""Statements on other operators: the erased ones share pages with them, and some fill pages of their own."""


async def opened(path: Path) -> SqliteStore:
    return await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)


def traces(path: Path, *texts: bytes) -> list[str]:
    """Name the files of the store in which one of the texts still stands."""
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    return [file.name for file in files if any(text in file.read_bytes() for text in texts)]


async def fill(store: SqliteStore, log: PartnerLog) -> list[bytes]:
    """Store 30 statements on one operator among others; gives what must not be found again: name and salts."""
    await open_link(store)
    secrets = [NAMED.encode()]
    for first in range(1, OTHERS, 30):
        ours = [certified(number) for number in range(first, first + 3)]
        ours[0].aeo_status.trade_names.append(f"{NAMED} " * 2000)  # on pages of its own
        others = [certified(number, tin=f"CN{number}") for number in range(first + 3, first + 30)]
        for each in others:
            each.aeo_status.legal_name = "Another"
        await receive(store, log, *ours, *others)
        secrets += [judged(each).entry.salt for each in ours]
    return secrets


async def test_neither_record_nor_salt_is_left_in_any_file(tmp_path: Path) -> None:
    path, log = tmp_path / "gateway.db", PartnerLog()
    store = await opened(path)
    try:
        secrets = await fill(store, log)
        assert traces(path, *secrets)
        await receive(store, log, tombstone(1000, day=9))
        assert traces(path, *secrets) == []
        assert len(await erased(store)) == 30
    finally:
        await store.close()
    assert traces(path, *secrets) == []


async def test_what_a_stop_left_undone_is_done_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, log = tmp_path / "gateway.db", PartnerLog()
    store = await opened(path)
    with monkeypatch.context() as stopped:
        stopped.setattr(Eraser, "run", _nothing)
        secrets = await fill(store, log)
        await receive(store, log, tombstone(1000, day=9))
        assert await erased(store) == []
        await store.close()
    store = await opened(path)
    try:
        assert len(await erased(store)) == 30
        assert traces(path, *secrets) == []
    finally:
        await store.close()


async def test_a_reader_that_holds_old_pages_keeps_the_work_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.store.BUSY_MILLISECONDS", 1)
    path, log = tmp_path / "gateway.db", PartnerLog()
    store = await opened(path)
    try:
        secrets = await fill(store, log)
        tool = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        tool.execute("BEGIN; SELECT count(*) FROM record")
        await receive(store, log, tombstone(1000, day=9))
        assert traces(path, *secrets)
        tool.execute("COMMIT")
        tool.close()
        again = tombstone(1001, day=10)
        await receive(store, log, again)
        assert traces(path, *secrets) == []
    finally:
        await store.close()


async def test_it_is_audited_without_the_operators_number(tmp_path: Path) -> None:
    path, log = tmp_path / "gateway.db", PartnerLog()
    store = await opened(path)
    await fill(store, log)
    await receive(store, log, tombstone(1000, day=9))
    await store.close()
    rows = apsw.Connection(str(path)).execute("SELECT actor, detail FROM audit WHERE action = 'erase'").fetchall()
    assert rows == [("gateway", f"CN: 30 records, for the tombstone {tombstone(1000, day=9).header.record_id}")]


async def _nothing(_: Eraser) -> None:
    return None
