"""The audit log in the SQLite file: nothing without it, and nothing of it is changed."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from gateway.errors import AuditFailed, StoreCorrupt, StoreFailed
from gateway.ports.documents import DocumentType, StoredDocument
from gateway.ports.incidents import Breach
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.stores.sqlite.schema import migrations
from tests.contracts.making import NOW, PartnerLog, SeededChance, StillClock, admission, form, judged_entry, open_link

SHUT = "CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room for words'); END"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


async def opened(path: Path) -> SqliteStore:
    return await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)


def by_hand(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def test_nothing_is_done_when_it_cannot_be_written(path: Path) -> None:
    store = await opened(path)
    await open_link(store)
    await store.intake.admit([admission(1), admission(2)])
    await form(store, 0)
    before = [
        by_hand(path, f"SELECT * FROM {table}")
        for table in ("record", "entry", "receipt", "link", "document", "incident")
    ]
    by_hand(path, SHUT)
    document = StoredDocument(DocumentType.DESCRIPTOR, "CN", 1, bytes(32), b"note", NOW, "officer")
    for attempt in (
        lambda: store.intake.admit([admission(3)]),
        lambda: store.logs.commit_batch(PartnerLog().batch(judged_entry(0))),
        lambda: store.logs.commit_receipt("CN", size=2, note=b"note", receipt_time=1),
        lambda: store.logs.suspend(
            "CN", reason="LOG_FORK", detail="two roots", actor="session", breach=Breach("5e55", False)
        ),
        lambda: store.documents.add_document(document),
        lambda: store.audit.note(actor="a", action="b", detail="c"),
    ):
        with pytest.raises(AuditFailed, match="no room for words"):
            await attempt()
    after = [
        by_hand(path, f"SELECT * FROM {table}")
        for table in ("record", "entry", "receipt", "link", "document", "incident")
    ]
    assert after == before
    by_hand(path, "DROP TRIGGER shut")
    await store.logs.commit_receipt("CN", size=2, note=b"note", receipt_time=1)
    assert [each.action for each in await store.audit.entries(first=3, limit=9)] == ["commit_receipt"]
    await store.close()


@pytest.mark.parametrize("sql", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit WHERE id = 1"])
async def test_a_row_is_neither_changed_nor_taken_away(sql: str, path: Path) -> None:
    store = await opened(path)
    await store.audit.note(actor="a", action="b", detail="c")
    with pytest.raises(apsw.ConstraintError, match="only grows"):
        by_hand(path, sql)
    await store.close()


async def test_a_gap_stops_the_store(path: Path) -> None:
    store = await opened(path)
    await store.audit.note(actor="a", action="b", detail="c")
    by_hand(path, "INSERT INTO audit VALUES (7, 0, 'a', 'b', 'c')")
    with pytest.raises(StoreCorrupt, match="gap"):
        await store.audit.note(actor="a", action="b", detail="c")
    with pytest.raises(StoreFailed):
        await store.intake.admit([admission(1)])
    await store.close()


async def test_rows_of_an_earlier_version_become_leaves(path: Path) -> None:
    """Migration 3 brings the tree; what the store had noted until then is in it with the next commit."""
    connection = apsw.Connection(str(path))
    for number, sql in migrations()[:2]:
        connection.execute(sql)
        connection.pragma("application_id", 0x4D524757)
        connection.pragma("user_version", number)
    connection.execute("INSERT INTO audit (at, actor, action, detail) VALUES (1, 'a', 'b', 'c'), (2, 'a', 'b', 'c')")
    connection.close()
    store = await opened(path)
    await store.audit.note(actor="a", action="b", detail="c")
    assert (await store.audit.head()).size == 3
    await store.close()
