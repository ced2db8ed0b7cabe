"""The port ``AuditLog``."""

from __future__ import annotations

from gateway.evidence.audit import AuditEntry, grow
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.tree import CompactRange
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, PartnerLog, Store, admission, judged_entry, open_link


async def everything(store: Store) -> list[AuditEntry]:
    return list(await store.audit.entries(first=0, limit=1000))


async def test_what_is_noted_stands_there_in_order(backend: Backend) -> None:
    store = await backend.open()
    await store.audit.note(actor="officer", action="refuse", detail="NL, “quoted”\nand a second line")
    await store.intake.admit([admission(1)])
    store = await backend.reopen()
    first, second = await everything(store)
    assert first == AuditEntry(0, NOW, "officer", "refuse", "NL, “quoted”\nand a second line")
    assert (second.index, second.actor, second.action) == (1, "national", "admit")


async def test_the_tree_is_over_all_entries(backend: Backend) -> None:
    store = await backend.open()
    assert await store.audit.head() == CompactRange()
    await open_link(store)
    for number in range(5):
        await store.intake.admit([admission(number)])
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0)))
    entries = await everything(store)
    assert len(entries) == 7
    by_hand = CompactRange().append_all([leaf_hash(entry.line) for entry in entries])[0]
    assert await store.audit.head() == by_hand == grow(CompactRange(), entries)
    store = await backend.reopen()
    assert await store.audit.head() == by_hand


async def test_pages(store: Store) -> None:
    for number in range(5):
        await store.audit.note(actor="a", action="b", detail=str(number))
    page = await store.audit.entries(first=2, limit=2)
    assert [(each.index, each.detail) for each in page] == [(2, "2"), (3, "3")]
    assert not await store.audit.entries(first=5, limit=2)


async def test_checkpoints(store: Store) -> None:
    assert await store.audit.newest_checkpoint() == b""
    await store.audit.keep_checkpoint(size=9, time=NOW, note=b"nine")
    await store.audit.keep_checkpoint(size=10, time=NOW, note=b"ten")
    await store.audit.keep_checkpoint(size=10, time=NOW, note=b"other")
    assert await store.audit.newest_checkpoint() == b"ten"
    assert not await everything(store), "a signature is no event"
