"""What is particular to the store in one SQLite file."""

# ruff: noqa: ASYNC240  a test may look at its own files

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from gateway.errors import ConfigurationInvalid, Passing, Pressure, StoreCorrupt, StoreFailed, StoreInUse, StoreNewer
from gateway.ports.links import Standing
from gateway.ports.records import RecordQuery
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.stores.sqlite.checkpoints import PASSIVE_PAGES
from tests.contracts.making import PartnerLog, SeededChance, StillClock, admission, form, judged_entry, open_link

ROOT = Path(__file__).resolve().parents[3]


async def opened(path: Path, **settings: Any) -> SqliteStore:
    return await open_store(path, randomness=SeededChance(), clock=StillClock(), **settings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


# --- the file -------------------------------------------------------------------------------------------------


async def test_only_its_owner_may_read_it(path: Path) -> None:
    store = await opened(path)
    await store.intake.admit([admission(1)])
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"}
    assert set(modes.values()) == {0o600}
    await store.close()
    path.chmod(0o644)
    await (await opened(path)).close()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_second_process_is_refused(path: Path) -> None:
    store = await opened(path)
    code = (
        "import asyncio, pathlib, sys\n"
        "from gateway.errors import StoreInUse\n"
        "from tests.unit.stores.test_sqlite import opened\n"
        "try:\n"
        "    asyncio.run(opened(pathlib.Path(sys.argv[1])))\n"
        "except StoreInUse as error:\n"
        "    print(error.reason)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.strip() == b"STORE_IN_USE"
    await store.intake.admit([admission(1)])
    await store.close()


async def test_a_second_store_in_this_process_is_refused(path: Path) -> None:
    store = await opened(path)
    with pytest.raises(StoreInUse):
        await opened(path)
    await store.close()
    await (await opened(path)).close()


async def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    await (await opened(path)).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(StoreNewer):
        await opened(path)
    assert rows(path, "PRAGMA user_version") == [(99,)]


async def test_a_database_of_another_program_is_refused(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE other (a)")
    connection.close()
    with pytest.raises(ConfigurationInvalid):
        await opened(path)
    assert rows(path, "SELECT name FROM sqlite_schema") == [("other",)]


async def test_no_database_is_refused_and_can_be_opened_once_it_is_one(path: Path) -> None:
    path.write_bytes(b"this is a text" * 1000)
    with pytest.raises(StoreCorrupt):
        await opened(path)
    path.unlink()
    await (await opened(path)).close()


async def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid):
        await opened(tmp_path / "nowhere" / "gateway.db")


async def test_every_commit_is_synced(path: Path) -> None:
    store = await opened(path)
    settings = await store._writer.run(
        lambda connection: (connection.pragma("synchronous"), connection.pragma("journal_mode"))
    )
    assert settings == (2, "wal")
    await store.close()


async def test_a_closed_store_takes_nothing_more(path: Path) -> None:
    store = await opened(path)
    await store.close()
    with pytest.raises(StoreFailed):
        await store.intake.admit([admission(1)])
    await store.close()


async def test_closing_commits_what_was_handed_in(path: Path) -> None:
    store = await opened(path)
    calls = [asyncio.create_task(store.intake.admit([admission(number)])) for number in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*calls)
    assert rows(path, "SELECT count(*) FROM record") == [(20,)]


# --- group commit ---------------------------------------------------------------------------------------------


async def test_what_arrives_during_a_commit_shares_the_next(path: Path) -> None:
    store = await opened(path)
    commits = 0

    def count(_connection: object = None) -> bool:
        nonlocal commits
        commits += 1
        return False

    await store._writer.run(lambda connection: connection.set_commit_hook(count))
    await asyncio.gather(*(store.intake.admit([admission(number)]) for number in range(200)))
    assert commits < 100
    assert rows(path, "SELECT count(*) FROM audit WHERE action = 'admit'") == [(200,)]
    await store.close()


async def test_a_full_disk_is_told_and_passes(path: Path) -> None:
    store = await opened(path)
    await store.intake.admit([admission(1)])
    await store._writer.run(lambda connection: connection.pragma("max_page_count", connection.pragma("page_count")))
    large = [admission(number, statement=bytes(100_000)) for number in range(2, 12)]
    with pytest.raises(Pressure):
        await store.intake.admit(large)
    await store._writer.run(lambda connection: connection.pragma("max_page_count", 10**6))
    assert await store.records.newest() == 1
    await store.intake.admit(large)
    assert await store.records.newest() == 11
    await store.close()


async def test_after_a_failed_disk_nothing_is_written(path: Path) -> None:
    store = await opened(path)
    await store.intake.admit([admission(1)])

    def fail(connection: apsw.Connection) -> None:
        connection.execute("ROLLBACK")  # as SQLite does when the disk fails
        raise apsw.IOError("disk I/O error")

    with pytest.raises(StoreFailed):
        await store._writer.run(fail)
    with pytest.raises(StoreFailed):
        await store.intake.admit([admission(2)])
    assert await store.records.newest() == 1
    await store.close()
    store = await opened(path)
    await store.intake.admit([admission(2)])
    await store.close()


async def test_a_tool_that_holds_the_database_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.store.BUSY_MILLISECONDS", 1)
    store = await opened(path)
    tool = apsw.Connection(str(path))
    tool.execute("BEGIN IMMEDIATE")
    with pytest.raises(Passing):
        await store.intake.admit([admission(1)])
    tool.execute("ROLLBACK")
    tool.close()
    await store.intake.admit([admission(1)])
    await store.close()


async def test_a_cancelled_caller_does_not_undo(path: Path) -> None:
    store = await opened(path)
    call = asyncio.create_task(store.intake.admit([admission(1)]))
    await asyncio.sleep(0)
    call.cancel()
    await store.intake.admit([admission(2)])
    assert call.cancelled()
    assert await store.records.newest() == 2
    await store.close()


async def test_the_wal_is_written_back(path: Path) -> None:
    store = await opened(path)
    wal = Path(f"{path}-wal")
    for call in range(60):
        await store.intake.admit(
            [admission(number, statement=bytes(200_000)) for number in range(call * 10, call * 10 + 10)]
        )
    assert wal.stat().st_size < 3 * PASSIVE_PAGES * 8192
    assert path.stat().st_size > 60 * 10 * 200_000 / 2
    await store.close()
    assert not wal.exists()


# --- audit, storage --------------------------------------------------------------------------------------------


async def test_one_audit_entry_a_call(path: Path) -> None:
    store = await opened(path)
    await open_link(store)
    await open_link(store)
    await store.intake.admit([admission(1), admission(2), admission(1)])
    await form(store, 0)
    await store.logs.form_batch("CN", expected_size=2, records=5, size_bytes=10**6)
    await store.logs.commit_receipt("CN", size=2, note=b"note", receipt_time=1)
    await store.logs.commit_receipt("CN", size=2, note=b"note", receipt_time=1)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0)))
    await store.logs.suspend("CN", reason="LOG_FORK", detail="two roots", actor="session")
    await store.logs.suspend("CN", reason="", detail="settled", actor="officer")
    assert rows(path, "SELECT actor, action, detail FROM audit ORDER BY id") == [
        ("gateway", "positions", "CN: opened customs.nl.example/links/CN/1 and customs.cn.example/links/NL/1"),
        ("national", "admit", "2 stored, 1 repeated, 0 refused as reused"),
        ("gateway", "form_batch", "CN: 0 to 2"),
        ("gateway", "commit_receipt", "CN: receipted to 2"),
        ("gateway", "commit_batch", "CN: 0 to 1"),
        ("session", "suspend", "CN: LOG_FORK, two roots"),
        ("officer", "resume", "CN: settled"),
    ]
    await store.close()


async def test_a_form_is_kept_once(path: Path) -> None:
    store = await opened(path)
    await store.intake.admit([admission(1, "CN", "JP", "US")])
    assert rows(path, "SELECT record FROM released") == [(b"released 1",)]
    await store.close()


async def test_inner_nodes_are_kept_at_every_eighth_level_alone(path: Path) -> None:
    store = await opened(path)
    await open_link(store)
    await store.logs.commit_batch(PartnerLog().batch(*(judged_entry(number) for number in range(1000))))
    assert rows(path, "SELECT level, count(*) FROM node GROUP BY level") == [(8, 3)]
    await store.close()


async def test_records_of_strange_text_are_found_again(path: Path) -> None:
    store = await opened(path)
    await open_link(store)
    names = ["' OR 1=1 --", "nul\0inside", "\u202e bidi", "é" * 300]
    entries = [judged_entry(n, record_id=name, standing=Standing.QUARANTINED) for n, name in enumerate(names)]
    await store.logs.commit_batch(PartnerLog().batch(*entries))
    assert await store.logs.known_records("CN", names) == frozenset(names)
    page, _ = await store.records.after(0, limit=9, query=RecordQuery(include_quarantined=True))
    assert [each.record_id for each in page] == names
    await store.close()
