"""The port ``LinkLogs``: the held log, suspension, status."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import GatewayError, OutOfOrder, StoreCorrupt, Violation
from gateway.linklog.tree import CompactRange
from gateway.ports.intake import Priority
from gateway.ports.links import Direction, Entry, LinkStatus, LogState, Standing
from gateway.ports.records import OWN, RecordQuery
from tests.contracts.conftest import Backend
from tests.contracts.making import (
    NOW,
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


async def held(store: Store, partner: str = "CN") -> LogState:
    found = await store.logs.positions(partner, issued_origin=issued_origin(partner), held_origin=held_origin(partner))
    return found.held


async def test_a_batch_moves_the_held_log_and_its_receipt(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await store.logs.commit_batch(log.batch(judged_entry(0), judged_entry(1)))
    await store.logs.commit_batch(log.batch(judged_entry(2)))
    state = await held(store)
    assert state == LogState(held_origin("CN"), 1, log.tree, 3, b"held 3", NOW + 3)


async def test_a_batch_from_elsewhere_is_refused_and_leaves_no_trace(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    first, second = log.batch(judged_entry(0)), log.batch(judged_entry(1))
    with pytest.raises(OutOfOrder):
        await store.logs.commit_batch(second)
    await store.logs.commit_batch(first)
    with pytest.raises(OutOfOrder):
        await store.logs.commit_batch(first)
    other_history = PartnerLog()
    other_history.batch(judged_entry(7))
    with pytest.raises(OutOfOrder):
        await store.logs.commit_batch(other_history.batch(judged_entry(8)))
    with pytest.raises(OutOfOrder):
        await store.logs.commit_batch(log.batch(judged_entry(9), before=first.after, origin="customs.jp.example/x/1"))
    assert (await held(store)).tree == first.after
    assert await store.records.newest() == 1


async def test_a_tree_that_the_entries_do_not_make_is_refused(store: Store) -> None:
    await open_link(store)
    wrong, _ = CompactRange().append_all([bytes(32)])
    with pytest.raises(StoreCorrupt):
        await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), after=wrong))
    assert await store.records.newest() == 0
    assert (await held(store)).tree == CompactRange()


async def test_of_sessions_that_race_one_wins(store: Store) -> None:
    await open_link(store)
    batch = PartnerLog().batch(judged_entry(0), judged_entry(1))
    outcomes = await asyncio.gather(*(store.logs.commit_batch(batch) for _ in range(8)), return_exceptions=True)
    assert sum(each is None for each in outcomes) == 1
    assert sum(isinstance(each, OutOfOrder) for each in outcomes) == 7
    assert await store.records.newest() == 2


async def test_a_batch_without_entries_changes_the_note_alone(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await store.logs.commit_batch(log.batch(judged_entry(0)))
    await store.logs.commit_batch(log.batch(note=b"signed anew", received_at=NOW + 50))
    state = await held(store)
    assert (state.tree, state.receipted, state.note, state.receipt_time) == (log.tree, 1, b"signed anew", NOW + 50)
    assert await store.records.newest() == 1
    parts = await store.records.evidence("CN", judged_entry(0).record_id)
    assert parts.note == b"signed anew"


async def test_an_entry_whose_content_was_erased(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    erased = judged_entry(1, entry=Entry(b"", b""), record_id="", kind="", subject="", standing=Standing.QUARANTINED)
    await store.logs.commit_batch(log.batch(judged_entry(0), erased, judged_entry(2)))
    assert (await held(store)).tree == log.tree
    page, _ = await store.records.after(0, limit=10, query=RecordQuery(include_quarantined=True))
    assert [each.record for each in page] == [b"received 0", b"", b"received 2"]


async def test_quarantined_entries_are_stored_but_not_given_unasked(store: Store) -> None:
    await open_link(store)
    violations = (Violation("seal.number", "string.pattern", "not a seal"), Violation("", "issuer", "not yours"))
    bad = judged_entry(1, standing=Standing.QUARANTINED, violations=violations)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), bad))
    page, looked = await store.records.after(0, limit=10, query=RecordQuery())
    assert ([each.record_id for each in page], looked) == ([judged_entry(0).record_id], 2)
    page, _ = await store.records.after(0, limit=10, query=RecordQuery(include_quarantined=True))
    assert page[1].standing is Standing.QUARANTINED
    assert page[1].violations == violations
    assert (await store.records.evidence("CN", bad.record_id)).record == bad.entry.record


async def test_judgements_are_admitted_in_the_same_transaction(store: Store) -> None:
    await open_link(store)
    judgement = admission(5, kind="judgement")
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), judgements=(judgement, admission(6))))
    assert [each.record for each in (await form(store, 0)).entries] == [b"released 5", b"released 6"]


async def test_a_refused_batch_admits_no_judgement(store: Store) -> None:
    await open_link(store)
    wrong, _ = CompactRange().append_all([bytes(32)])
    with pytest.raises(GatewayError):
        await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), after=wrong, judgements=(admission(5),)))
    assert await store.records.get(OWN, record_id(5)) is None


async def test_known_records(store: Store) -> None:
    await open_link(store)
    await open_link(store, "US")
    mine, theirs = judged_entry(0), judged_entry(1)
    bad = judged_entry(2, standing=Standing.QUARANTINED)
    await store.logs.commit_batch(PartnerLog().batch(mine, bad))
    await store.logs.commit_batch(PartnerLog("US").batch(theirs))
    await store.intake.admit([admission(9)])
    asked = [mine.record_id, theirs.record_id, bad.record_id, record_id(9), record_id(10), ""]
    assert await store.logs.known_records("CN", asked) == {mine.record_id, bad.record_id}
    assert await store.logs.known_records("US", asked) == {theirs.record_id}
    assert await store.logs.known_records("JP", asked) == frozenset()


async def test_accepted_records(store: Store) -> None:
    await open_link(store)
    await open_link(store, "US")
    mine, bad = judged_entry(0), judged_entry(2, standing=Standing.QUARANTINED)
    theirs = judged_entry(3, record_id=mine.record_id)
    await store.logs.commit_batch(PartnerLog("US").batch(theirs))
    await store.logs.commit_batch(PartnerLog().batch(mine, bad))
    await store.intake.admit([admission(9)])
    asked = [mine.record_id, bad.record_id, record_id(9), ""]
    assert await store.logs.accepted_records("CN", asked) == {mine.record_id: b"received 0"}
    assert await store.logs.accepted_records("US", asked) == {mine.record_id: b"received 3"}
    assert await store.logs.accepted_records("JP", asked) == {}


async def test_the_held_tree_at_any_size(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    entries = [judged_entry(number) for number in range(700)]
    for first in range(0, 700, 100):
        await store.logs.commit_batch(log.batch(*entries[first : first + 100]))
    for size in (0, 1, 100, 256, 511, 700):
        tree = await store.logs.tree_at("CN", direction=Direction.RECEIVED, size=size)
        assert tree == tree_of_entries([each.entry for each in entries[:size]])


async def test_links_stand_apart(store: Store) -> None:
    await open_link(store, "CN")
    await open_link(store, "US")
    china, usa = PartnerLog("CN"), PartnerLog("US")
    for number in range(6):
        log = china if number % 2 else usa
        await store.logs.commit_batch(log.batch(judged_entry(number)))
    assert (await held(store, "CN")).tree == china.tree
    assert (await held(store, "US")).tree == usa.tree


async def test_statuses(store: Store) -> None:
    await issue(store, 3)
    await receipt(store, 2)
    await store.intake.admit([admission(10), admission(11), admission(12, "US")])
    found = await store.logs.statuses()
    empty = LogState("", 0, CompactRange(), 0, b"", 0)
    china, usa = found
    assert (china.partner, china.waiting, china.oldest_unreceipted, china.suspended) == ("CN", 2, NOW + 2, "")
    assert china.issued.receipted == 2
    assert usa == LinkStatus("US", empty, empty, 1, NOW + 12, "")


async def test_up_to_when_a_partner_was_heard(store: Store) -> None:
    async def complete_as_of() -> list[int]:
        statuses = await store.logs.statuses()
        read = await store.facts.read([], lambda _: (), hear=lambda _: None, limit=1)
        assert read.complete_as_of == {each.partner: each.complete_as_of for each in statuses}
        named = await store.facts.read([], lambda _: (), hear=lambda _: ["CN", "XA"], limit=1)
        assert named.complete_as_of == {"CN": read.complete_as_of["CN"]}
        assert (await store.facts.read([], lambda _: (), limit=1)).complete_as_of == {}
        return [each.complete_as_of for each in statuses]

    await open_link(store)
    assert await complete_as_of() == [0]
    await store.logs.note_complete("CN", at=NOW - 9)
    assert await complete_as_of() == [NOW - 9]
    log = PartnerLog()
    await store.logs.commit_batch(log.batch(judged_entry(0), received_at=NOW))
    assert await complete_as_of() == [NOW]
    await store.logs.note_complete("CN", at=NOW + 50)
    await store.logs.note_complete("CN", at=NOW + 20)
    await store.logs.note_complete("US", at=NOW + 99)
    assert await complete_as_of() == [NOW + 50]
    await store.logs.commit_batch(log.batch(judged_entry(1), received_at=NOW + 60))
    assert await complete_as_of() == [NOW + 60]


async def test_nothing_is_unreceipted_when_all_is(store: Store) -> None:
    await issue(store, 3)
    await receipt(store, 3)
    (status,) = await store.logs.statuses()
    assert (status.waiting, status.oldest_unreceipted) == (0, None)


async def test_the_oldest_unreceipted_may_wait_behind_urgent_ones(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(1, priority=Priority.BULK), admission(2, priority=Priority.URGENT)])
    await form(store, 0, records=1)
    (status,) = await store.logs.statuses()
    assert status.oldest_unreceipted == NOW + 1


async def test_suspension_lasts_until_it_is_lifted(backend: Backend) -> None:
    store = await backend.open()
    await store.logs.suspend("CN", reason="LOG_FORK", detail="two roots at 7", actor="session")
    store = await backend.reopen()
    assert [(each.partner, each.suspended) for each in await store.logs.statuses()] == [("CN", "LOG_FORK")]
    await store.logs.suspend("CN", reason="", detail="settled", actor="officer")
    assert [each.suspended for each in await store.logs.statuses()] == [""]
