"""The port ``LinkLogs``: the issued log."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from gateway.errors import Absent, Conflict, OutOfOrder
from gateway.linklog.tree import CompactRange
from gateway.ports.intake import AgreementVersion, Outgoing, Priority
from gateway.ports.links import Direction, FormedBatch, LinkPositions, LogState
from tests.contracts.conftest import Backend
from tests.contracts.making import (
    MUCH,
    NOW,
    Store,
    admission,
    form,
    held_origin,
    issue,
    issued_origin,
    open_link,
    receipt,
    tree_of_entries,
)


async def positions(store: Store, partner: str = "CN") -> LinkPositions:
    return await store.logs.positions(partner, issued_origin=issued_origin(partner), held_origin=held_origin(partner))


async def test_logs_begin_empty(store: Store) -> None:
    found = await positions(store)
    assert found == LinkPositions(
        "CN",
        LogState(issued_origin("CN"), 1, CompactRange(), 0, b"", 0),
        LogState(held_origin("CN"), 1, CompactRange(), 0, b"", 0),
    )


async def test_a_log_keeps_its_origin(store: Store) -> None:
    await open_link(store)
    with pytest.raises(Conflict):
        await store.logs.positions("CN", issued_origin="customs.us.example/links/CN/1", held_origin=held_origin("CN"))
    assert (await positions(store)).issued.generation == 1


async def test_only_generation_1_begins_by_itself(store: Store) -> None:
    with pytest.raises(Absent):
        await store.logs.positions("CN", issued_origin="customs.nl.example/links/CN/2", held_origin=held_origin("CN"))


async def test_a_log_that_nobody_opened(store: Store) -> None:
    with pytest.raises(Absent):
        await store.logs.form_batch("CN", expected_size=0, records=1, size_bytes=MUCH)


async def test_no_batch_when_nothing_waits(store: Store) -> None:
    await open_link(store)
    assert await store.logs.form_batch("CN", expected_size=0, records=10, size_bytes=MUCH) is None


async def test_a_batch_gives_indexes_salts_and_the_tree(store: Store) -> None:
    first, second = await issue(store, 3, 2)
    assert (first.first, second.first) == (0, 3)
    assert [each.record for each in first.entries + second.entries] == [b"released %d" % number for number in range(5)]
    salts = {each.salt for each in first.entries + second.entries}
    assert {len(salt) for salt in salts} == {16}
    assert len(salts) == 5
    assert first.tree == tree_of_entries(first.entries)
    assert second.tree == tree_of_entries(first.entries + second.entries)
    assert (await positions(store)).issued.tree == second.tree


async def test_partners_have_logs_of_their_own(store: Store) -> None:
    await store.intake.admit([admission(1, "CN", "US"), admission(2, "US")])
    await open_link(store, "CN")
    await open_link(store, "US")
    to_china, to_usa = await form(store, 0, "CN"), await form(store, 0, "US")
    assert [each.record for each in to_china.entries] == [b"released 1"]
    assert [each.record for each in to_usa.entries] == [b"released 1", b"released 2"]
    assert to_china.entries[0].salt != to_usa.entries[0].salt


async def test_a_batch_keeps_to_the_number_of_records(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(number) for number in range(5)])
    assert len((await form(store, 0, records=2)).entries) == 2
    assert len((await form(store, 2, records=2)).entries) == 2
    assert len((await form(store, 4, records=2)).entries) == 1


async def test_a_batch_keeps_to_the_size(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(number) for number in range(5)])
    one = 16 + len(b"released 0")
    batch = await store.logs.form_batch("CN", expected_size=0, records=100, size_bytes=2 * one)
    assert batch is not None
    assert len(batch.entries) == 2
    batch = await store.logs.form_batch("CN", expected_size=2, records=100, size_bytes=2 * one - 1)
    assert batch is not None
    assert len(batch.entries) == 1


async def test_a_batch_takes_one_record_however_large(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(1), admission(2)])
    batch = await store.logs.form_batch("CN", expected_size=0, records=100, size_bytes=1)
    assert batch is not None
    assert len(batch.entries) == 1


async def test_another_size_is_refused(store: Store) -> None:
    await issue(store, 2)
    await store.intake.admit([admission(10)])
    for size in (0, 1, 3):
        with pytest.raises(OutOfOrder):
            await store.logs.form_batch("CN", expected_size=size, records=10, size_bytes=MUCH)
    assert (await form(store, 2)).first == 2


async def test_of_sessions_that_race_one_wins(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(number) for number in range(100)])
    calls = [store.logs.form_batch("CN", expected_size=0, records=10, size_bytes=MUCH) for _ in range(8)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    won = [each for each in outcomes if isinstance(each, FormedBatch)]
    assert len(won) == 1
    assert sum(isinstance(each, OutOfOrder) for each in outcomes) == 7
    assert (await positions(store)).issued.tree == won[0].tree
    assert (await form(store, 10)).entries[0].record == b"released 10"


async def test_urgent_first_bulk_last_each_in_order(store: Store) -> None:
    await open_link(store)
    order = [Priority.BULK, Priority.NORMAL, Priority.URGENT, Priority.BULK, Priority.NORMAL, Priority.URGENT]
    await store.intake.admit([admission(number, priority=priority) for number, priority in enumerate(order)])
    batch = await form(store, 0)
    assert [each.record for each in batch.entries] == [b"released %d" % number for number in (2, 5, 1, 4, 0, 3)]


async def test_an_urgent_record_takes_its_own_history_along(store: Store) -> None:
    await open_link(store)
    await open_link(store, "US")
    seal = {"subject": "container:MSCU1234566"}
    await store.intake.admit([admission(0), admission(1, "CN", "US", **seal), admission(2, priority=Priority.BULK)])
    await store.intake.admit([admission(3, priority=Priority.BULK, **seal), admission(4, "US", **seal)])
    await store.intake.admit([admission(5, priority=Priority.URGENT, **seal), admission(6, **seal)])
    to_china, to_usa = await form(store, 0, "CN"), await form(store, 0, "US")
    assert [each.record for each in to_china.entries] == [b"released %d" % number for number in (1, 3, 5, 0, 6, 2)]
    assert [each.record for each in to_usa.entries] == [b"released 1", b"released 4"]


async def test_a_record_never_overtakes_bulk_about_its_own_subject(store: Store) -> None:
    await open_link(store)
    seal = {"subject": "container:MSCU1234566"}
    bulk = Priority.BULK
    await store.intake.admit([admission(0, priority=bulk), admission(1, priority=bulk, **seal), admission(2)])
    await store.intake.admit([admission(3, **seal), admission(4, priority=bulk, **seal)])
    assert [each.record for each in (await form(store, 0)).entries] == [b"released %d" % n for n in (1, 2, 3, 0, 4)]


async def test_an_urgent_record_behind_a_backlog_leaves_with_the_next_batch(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(number, priority=Priority.BULK) for number in range(50)])
    await form(store, 0, records=10)
    await store.intake.admit([admission(99, priority=Priority.URGENT)])
    batch = await form(store, 10, records=10)
    assert [each.record for each in batch.entries][:2] == [b"released 99", b"released 10"]


A, B, C = (AgreementVersion(*each) for each in (("cn-nl-a", 1), ("cn-nl-b", 1), ("cn-nl-b", 2)))


async def admit_under(store: Store, *agreements: AgreementVersion | None, first: int = 0, **changes: Any) -> None:
    """Admit one record for CN under each."""
    await store.intake.admit(
        [
            admission(number, outgoing=(Outgoing("CN", b"released %d" % number, agreement),), **changes)
            for number, agreement in enumerate(agreements, first)
        ]
    )


async def numbers_formed(store: Store, size: int, *held_back: AgreementVersion, records: int = 1000) -> list[int]:
    batch = await store.logs.form_batch(
        "CN", expected_size=size, records=records, size_bytes=MUCH, held_back=frozenset(held_back)
    )
    return [int(each.record.split()[1]) for each in batch.entries] if batch else []


async def test_what_is_held_back_waits_and_the_rest_keeps_its_order(store: Store) -> None:
    await open_link(store)
    await admit_under(store, B, A, None, B, C, A)
    await admit_under(store, A, B, first=6, priority=Priority.URGENT)
    assert await numbers_formed(store, 0, B, records=3) == [6, 1, 2]
    assert await numbers_formed(store, 3, B, records=3) == [4, 5]
    assert await numbers_formed(store, 5, B) == []
    (link,) = await store.logs.statuses()
    assert (link.waiting, link.issued.tree.size) == (3, 5)
    await admit_under(store, A, B, first=8)
    assert await numbers_formed(store, 5) == [7, 0, 3, 8, 9]
    (link,) = await store.logs.statuses()
    assert link.waiting == 0


async def test_an_urgent_record_does_not_free_what_is_held_back_of_its_subject(store: Store) -> None:
    await open_link(store)
    await admit_under(store, A, B, A, subject="container:MSCU1234566", priority=Priority.BULK)
    await admit_under(store, A, first=3)
    await admit_under(store, A, first=4, subject="container:MSCU1234566", priority=Priority.URGENT)
    assert await numbers_formed(store, 0, B, C) == [0, 2, 4, 3]
    assert await numbers_formed(store, 4, C) == [1]


async def test_one_link_holds_back_what_goes_on_another(store: Store) -> None:
    await open_link(store)
    await open_link(store, "US")
    outgoing = tuple(Outgoing(partner, b"released 0", B) for partner in ("CN", "US"))
    await store.intake.admit([admission(0, outgoing=outgoing)])
    assert await numbers_formed(store, 0, B) == []
    assert len((await form(store, 0, "US")).entries) == 1


async def test_what_is_held_back_waits_over_a_restart(backend: Backend) -> None:
    store = await backend.open()
    await open_link(store)
    await admit_under(store, A, B)
    assert await numbers_formed(store, 0, B) == [0]
    store = await backend.reopen()
    assert await numbers_formed(store, 1, B) == []
    assert await numbers_formed(store, 1, A) == [1]


async def test_agreements_that_nothing_was_released_under_hold_nothing_back(store: Store) -> None:
    await open_link(store)
    await admit_under(store, A, None)
    assert await numbers_formed(store, 0, B, C) == [0, 1]


async def test_formed_entries_are_read_again_to_where_a_batch_ended(store: Store) -> None:
    batches = await issue(store, 3, 4, 5)
    again = await store.logs.formed_batch("CN", first=0, records=100, size_bytes=MUCH)
    assert again == FormedBatch(0, sum((each.entries for each in batches), ()), batches[2].tree)
    assert await store.logs.formed_batch("CN", first=0, records=6, size_bytes=MUCH) == batches[0]
    assert await store.logs.formed_batch("CN", first=3, records=4, size_bytes=MUCH) == batches[1]
    assert await store.logs.formed_batch("CN", first=12, records=4, size_bytes=MUCH) is None


async def test_formed_entries_keep_to_the_size(store: Store) -> None:
    batches = await issue(store, 2, 2)
    two = 2 * (16 + len(b"released 0"))
    assert await store.logs.formed_batch("CN", first=0, records=100, size_bytes=two + 1) == batches[0]


async def test_a_batch_formed_under_wider_limits_is_cut(store: Store) -> None:
    (batch,) = await issue(store, 300)
    again = await store.logs.formed_batch("CN", first=0, records=7, size_bytes=MUCH)
    assert again == FormedBatch(0, batch.entries[:7], tree_of_entries(batch.entries[:7]))
    rest = await store.logs.formed_batch("CN", first=7, records=1000, size_bytes=MUCH)
    assert rest == FormedBatch(7, batch.entries[7:], batch.tree)
    one = await store.logs.formed_batch("CN", first=299, records=1, size_bytes=1)
    assert one == FormedBatch(299, batch.entries[299:], batch.tree)


async def test_the_tree_at_any_size(store: Store) -> None:
    random = Random(4)
    batches = await issue(store, *(random.randrange(1, 200) for _ in range(12)))
    entries = [entry for batch in batches for entry in batch.entries]
    sizes = {0, 1, 255, 256, 257, 512, len(entries), *(random.randrange(len(entries)) for _ in range(30))}
    for size in sizes:
        tree = await store.logs.tree_at("CN", direction=Direction.ISSUED, size=size)
        assert tree == tree_of_entries(entries[:size])
    for size in (-1, len(entries) + 1):
        with pytest.raises(Absent):
            await store.logs.tree_at("CN", direction=Direction.ISSUED, size=size)


async def test_receipts_only_grow(store: Store) -> None:
    await issue(store, 3, 3)
    await receipt(store, 6)
    await store.logs.commit_receipt("CN", size=3, note=b"late", receipt_time=NOW + 99)
    await store.logs.commit_receipt("CN", size=6, note=b"earlier", receipt_time=NOW + 5)
    issued = (await positions(store)).issued
    assert (issued.receipted, issued.note, issued.receipt_time) == (6, b"issued 6", NOW + 6)
    await store.logs.commit_receipt("CN", size=6, note=b"anew", receipt_time=NOW + 99)
    issued = (await positions(store)).issued
    assert (issued.receipted, issued.note, issued.receipt_time) == (6, b"anew", NOW + 99)


async def test_a_receipt_for_more_than_there_is(store: Store) -> None:
    await issue(store, 3)
    with pytest.raises(OutOfOrder):
        await receipt(store, 4)
    assert (await positions(store)).issued.receipted == 0


async def test_everything_goes_on_after_a_restart(backend: Backend) -> None:
    store = await backend.open()
    batches = await issue(store, 5, 300)
    await receipt(store, 5)
    await store.intake.admit([admission(1000)])
    before = await positions(store)
    store = await backend.reopen()
    assert await positions(store) == before
    assert await store.logs.formed_batch("CN", first=5, records=1000, size_bytes=MUCH) == batches[1]
    batch = await form(store, 305)
    assert [each.record for each in batch.entries] == [b"released 1000"]
    assert batch.tree == tree_of_entries(batches[0].entries + batches[1].entries + batch.entries)
