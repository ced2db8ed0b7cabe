"""Giving a log back, taking it back, closing it and going on in the next generation."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Absent, Conflict, LogRollback
from gateway.linklog.hashing import commitment
from gateway.linklog.tree import CompactRange
from gateway.ports.histories import HistoryEntry, ReturnedEntry, ReturnedRecord
from gateway.ports.links import Direction, Entry
from gateway.ports.records import OWN
from tests.contracts.conftest import Backend
from tests.contracts.making import (
    MUCH,
    PartnerLog,
    Store,
    admission,
    form,
    held_origin,
    issue,
    issued_origin,
    judged_entry,
    open_link,
    receipt,
    record_id,
    tree_of_entries,
)

FIRST, SECOND = issued_origin("CN"), issued_origin("CN")[:-1] + "2"


async def part(
    store: Store, origin: str = FIRST, *, first: int = 0, records: int = 1000, size_bytes: int = MUCH
) -> Any:
    return await store.histories.part("CN", origin, first=first, records=records, size_bytes=size_bytes)


def returned(index: int, given: HistoryEntry) -> ReturnedEntry:
    number = int(given.entry.record.split()[-1])
    said = ReturnedRecord(record_id(number), "inspection_outcome", f"container:{number}", "", 5, None)
    return ReturnedEntry(index, given, said)


async def history(store: Store) -> list[ReturnedEntry]:
    given = await part(store)
    assert given is not None
    return [returned(index, each) for index, each in enumerate(given.entries)]


async def test_what_is_receipted_is_given_and_nothing_else(store: Store) -> None:
    batches = await issue(store, 3, 2)
    await receipt(store, 3)
    given = await part(store)
    assert given is not None
    assert (given.receipted, given.note) == (3, b"issued 3")
    assert [each.entry for each in given.entries] == list(batches[0].entries)
    assert [each.entry for each in (await part(store, first=1, records=1)).entries] == [batches[0].entries[1]]
    assert (await part(store, first=3)).entries == ()
    assert len((await part(store, size_bytes=0)).entries) == 1


async def test_the_partners_own_log_is_given_too(store: Store) -> None:
    await open_link(store)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), judged_entry(1)))
    given = await part(store, held_origin("CN"))
    assert [each.entry.record for each in given.entries] == [b"received 0", b"received 1"]


async def test_other_logs_are_not_there(store: Store) -> None:
    await issue(store, 1)
    await issue(store, 1, partner="US", number=50)
    await receipt(store, 1, partner="US")
    for origin in (issued_origin("US"), held_origin("US"), SECOND, ""):
        assert await part(store, origin) is None
    assert await store.histories.part("JP", FIRST, first=0, records=1, size_bytes=1) is None


async def test_an_empty_store_takes_its_log_back(backend: Backend, tmp_path) -> None:
    store = await backend.open()
    await issue(store, 4, 300)
    await receipt(store, 304)
    entries = await history(store)
    await backend.close()
    for each in tmp_path.iterdir():
        each.unlink()
    store = await backend.open()
    assert (await store.histories.own_log("CN", first_origin=FIRST)).tree == CompactRange()
    assert await store.histories.take_back("CN", FIRST, entries[:100]) == 100
    assert await store.histories.take_back("CN", FIRST, entries[100:]) == 204
    assert await store.histories.take_back("CN", FIRST, entries) == 0
    await store.histories.keep_receipt("CN", FIRST, size=304, note=b"issued 304", receipt_time=9)
    log = await store.histories.own_log("CN", first_origin=FIRST)
    assert log.tree == tree_of_entries([each.returned.entry for each in entries])
    assert log.receipted == 304
    stored = await store.records.get(OWN, record_id(7))
    assert (stored.record, stored.deliveries[0].index, stored.deliveries[0].receipted_at) == (b"released 7", 7, 9)
    assert await store.logs.tree_at("CN", direction=Direction.ISSUED, size=200) == tree_of_entries(
        [each.returned.entry for each in entries[:200]]
    )
    evidence = await store.records.evidence(OWN, record_id(299), "CN")
    assert evidence.index == 299


async def test_what_waited_and_was_delivered_after_the_copy_waits_no_longer(store: Store) -> None:
    await issue(store, 2)
    await receipt(store, 2)
    await store.intake.admit([admission(2), admission(3), admission(4)])
    salts = [bytes([each]) * 16 for each in (3, 2)]
    later = [Entry(salts[0], b"released 3"), Entry(salts[1], b"released 2")]
    given = [HistoryEntry(each, commitment(each.salt, each.record)) for each in later]
    entries = [returned(index, each) for index, each in enumerate(given, 2)]
    assert await store.histories.take_back("CN", FIRST, entries) == 2
    (link,) = await store.logs.statuses()
    assert (link.issued.tree.size, link.waiting) == (4, 1)
    assert (await store.records.get(OWN, record_id(3))).record == b"statement 3"
    assert (await store.records.get(OWN, record_id(3))).deliveries[0].index == 2


async def test_a_changed_entry_is_mended(store: Store) -> None:
    await issue(store, 3)
    await receipt(store, 3)
    entries = await history(store)
    good = entries[1].returned
    spoiled = HistoryEntry(Entry(b"s" * 16, b"spoiled 1"), commitment(b"s" * 16, b"spoiled 1"))
    assert await store.histories.take_back("CN", FIRST, [ReturnedEntry(1, spoiled, entries[1].record)]) == 1
    assert [each.returned for each in await history(store)][1] == spoiled
    assert await store.histories.take_back("CN", FIRST, entries) == 1
    assert [each.returned for each in await history(store)][1] == good


async def test_a_log_is_closed_at_what_the_partner_holds(store: Store) -> None:
    batches = await issue(store, 300, 3)
    await receipt(store, 300)
    renewal = await store.histories.renew(
        "CN", held_by_partner=300, next_origin=SECOND, actor="operator", reason="lost"
    )
    assert (renewal.closed_at, renewal.origin, renewal.waiting_again) == (300, SECOND, 3)
    log = await store.histories.own_log("CN", first_origin=FIRST)
    assert (log.origin, log.generation, log.tree.size, log.receipted) == (SECOND, 2, 0, 0)
    again = await form(store, 0)
    assert [each.record for each in again.entries] == [each.record for each in batches[1].entries]
    old = await part(store)
    assert old is not None
    assert len(old.entries) == 300
    evidence = await store.records.evidence(OWN, record_id(5), "CN")
    assert evidence.origin == FIRST


async def test_what_the_partner_lost_waits_again_and_keeps_its_receipt(store: Store) -> None:
    await issue(store, 4)
    await receipt(store, 4)
    renewal = await store.histories.renew("CN", held_by_partner=1, next_origin=SECOND, actor="operator", reason="lost")
    assert (renewal.closed_at, renewal.waiting_again) == (4, 3)
    assert (await form(store, 0)).tree.size == 3
    given = await part(store)
    assert given is not None
    assert len(given.entries) == 4


async def test_the_session_goes_on_in_the_generation_in_use(store: Store) -> None:
    await issue(store, 1)
    await store.histories.renew("CN", held_by_partner=0, next_origin=SECOND, actor="operator", reason="lost")
    await store.histories.accept_generation("CN", origin=held_origin("CN")[:-1] + "3", actor="operator", reason="told")
    positions = await store.logs.positions("CN", issued_origin=FIRST, held_origin=held_origin("CN"))
    assert (positions.issued.origin, positions.issued.generation) == (SECOND, 2)
    assert (positions.held.origin, positions.held.generation) == (held_origin("CN")[:-1] + "3", 3)
    with pytest.raises(Conflict):
        await store.logs.positions("CN", issued_origin="customs.us.example/links/CN/1", held_origin=held_origin("CN"))


async def test_renewing_and_accepting_resume_the_link(store: Store) -> None:
    await open_link(store)
    for act in (
        lambda: store.histories.renew("CN", held_by_partner=0, next_origin=SECOND, actor="operator", reason="lost"),
        lambda: store.histories.accept_generation(
            "CN", origin=held_origin("CN")[:-1] + "2", actor="operator", reason="told"
        ),
    ):
        await store.logs.suspend("CN", reason="LOG_ROLLBACK", detail="", actor="link")
        await act()
        (link,) = await store.logs.statuses()
        assert link.suspended == ""


@pytest.mark.parametrize("generation", ["1", "2"])
async def test_no_generation_is_accepted_twice_or_backwards(generation: str, store: Store) -> None:
    await open_link(store)
    base = held_origin("CN")[:-1]
    await store.histories.accept_generation("CN", origin=f"{base}2", actor="operator", reason="told")
    with pytest.raises(Conflict):
        await store.histories.accept_generation("CN", origin=f"{base}{generation}", actor="operator", reason="told")


async def test_nothing_is_taken_back_into_a_log_that_is_not_there(store: Store) -> None:
    await open_link(store)
    with pytest.raises(Absent):
        await store.histories.take_back("CN", SECOND, [])
    await store.histories.open_generation("CN", SECOND)
    assert await store.histories.take_back("CN", SECOND, []) == 0


async def test_a_restored_log_gives_no_index(store: Store) -> None:
    await issue(store, 1)
    await store.intake.admit([admission(9)])
    await store._writer.run(lambda connection: connection.execute("UPDATE log SET restored_at = 7").fetchall())
    with pytest.raises(LogRollback):
        await form(store, 1)


@pytest.mark.parametrize("reason", ["SUSPENDED", "REVOKED", "LOG_FORK"])
async def test_what_people_or_a_fork_suspended_stays_so(reason: str, store: Store) -> None:
    await open_link(store)
    await store.logs.suspend("CN", reason=reason, detail="", actor="operator")
    await store.histories.renew("CN", held_by_partner=0, next_origin=SECOND, actor="operator", reason="lost")
    await store.histories.accept_generation("CN", origin=held_origin("CN")[:-1] + "2", actor="operator", reason="told")
    (link,) = await store.logs.statuses()
    assert link.suspended == reason
