"""The port ``Records``: one record, pages, waiting for more."""

from __future__ import annotations

import asyncio
import contextlib

from gateway.ports.links import Direction, Standing
from gateway.ports.records import OWN, Delivery, RecordQuery, StoredRecord
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
)

ALL = RecordQuery(include_quarantined=True)


async def found(store: Store, record_id: str, whose: str = OWN) -> StoredRecord:
    record = await store.records.get(whose, record_id)
    assert record is not None
    return record


async def everything(store: Store, query: RecordQuery, limit: int = 7) -> list[StoredRecord]:
    """Read page after page to the end."""
    read: list[StoredRecord] = []
    sequence, newest = 0, await store.records.newest()
    while sequence < newest:
        page, looked = await store.records.after(sequence, limit=limit, query=query)
        assert looked > sequence
        assert all(sequence < each.sequence <= looked for each in page)
        read += page
        sequence = looked
    return read


async def test_an_issued_record_on_its_way(store: Store) -> None:
    await store.intake.admit([admission(1, "CN", "US")])
    waiting = (Delivery("CN", "", -1, None, ""), Delivery("US", "", -1, None, ""))
    assert await found(store, record_id(1)) == StoredRecord(
        sequence=1,
        direction=Direction.ISSUED,
        record_id=record_id(1),
        kind="inspection_outcome",
        record=b"statement 1",
        stored_at=NOW + 1,
        deliveries=waiting,
        standing=Standing.ACCEPTED,
        violations=(),
        superseded_by="",
    )
    await open_link(store)
    await form(store, 0)
    sent = Delivery("CN", issued_origin("CN"), 0, None, "")
    assert (await found(store, record_id(1))).deliveries == (sent, waiting[1])
    await receipt(store, 1)
    receipted = Delivery("CN", issued_origin("CN"), 0, NOW + 1, "")
    assert (await found(store, record_id(1))).deliveries == (receipted, waiting[1])


async def test_a_received_record(store: Store) -> None:
    await open_link(store)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0), judged_entry(1)))
    assert await found(store, judged_entry(1).record_id, "CN") == StoredRecord(
        sequence=2,
        direction=Direction.RECEIVED,
        record_id=judged_entry(1).record_id,
        kind="alert",
        record=b"received 1",
        stored_at=NOW + 2,
        deliveries=(Delivery("CN", held_origin("CN"), 1, NOW + 2, ""),),
        standing=Standing.ACCEPTED,
        violations=(),
        superseded_by="",
    )


async def test_the_smallest_receipt_counts(store: Store) -> None:
    await issue(store, 2, 2)
    await receipt(store, 2)
    await receipt(store, 4)
    times = [each.deliveries[0].receipted_at for each in await everything(store, ALL)]
    assert times == [NOW + 2, NOW + 2, NOW + 4, NOW + 4]


async def test_no_such_record(store: Store) -> None:
    await open_link(store)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0, record_id="")))
    for whose in (OWN, "CN"):
        assert await store.records.get(whose, record_id(1)) is None
        assert await store.records.get(whose, "") is None
    assert await store.records.of_id(record_id(1)) == await store.records.of_id("") == []


async def test_an_id_names_a_record_only_together_with_whose_it_is(store: Store) -> None:
    name = record_id(1)
    for number, partner in enumerate(("CN", "US")):
        await open_link(store, partner)
        bad = Standing.QUARANTINED if partner == "CN" else Standing.ACCEPTED
        await store.logs.commit_batch(PartnerLog(partner).batch(judged_entry(number, record_id=name, standing=bad)))
    await store.intake.admit([admission(1, "CN", "US")])
    whose = {each: await found(store, name, each) for each in ("CN", "US", OWN)}
    assert [each.record for each in whose.values()] == [b"received 0", b"received 1", b"statement 1"]
    assert [each.whose for each in whose.values()] == list(whose)
    assert await store.records.of_id(name) == [whose[each] for each in (OWN, "CN", "US")]
    for each, record in whose.items():
        assert await store.records.several(each, [name, record_id(9), ""]) == [record]
    assert await store.records.several("CN", []) == []
    assert await store.records.get("BR", name) is None
    assert await store.records.get("C", name) is None


async def test_pages_in_order(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    for number in range(10):
        await store.intake.admit([admission(number)])
        await store.logs.commit_batch(log.batch(judged_entry(number), judged_entry(100 + number)))
    read = await everything(store, ALL)
    assert [each.sequence for each in read] == list(range(1, 31))
    assert await everything(store, ALL, limit=1000) == read


async def test_queries_leave_out(store: Store) -> None:
    await open_link(store, "CN")
    await open_link(store, "US")
    await store.intake.admit(
        [admission(1, "CN"), admission(2, "US"), admission(3, "CN", "US", kind="seal"), admission(4, outgoing=())]
    )
    await store.logs.commit_batch(PartnerLog("US").batch(judged_entry(5), judged_entry(6, kind="seal")))

    async def sequences(query: RecordQuery) -> list[int]:
        return [each.sequence for each in await everything(store, query)]

    assert await sequences(RecordQuery()) == [1, 2, 3, 4, 5, 6]
    assert await sequences(RecordQuery(direction=Direction.ISSUED)) == [1, 2, 3, 4]
    assert await sequences(RecordQuery(direction=Direction.RECEIVED)) == [5, 6]
    assert await sequences(RecordQuery(partners=frozenset({"CN"}))) == [1, 3]
    assert await sequences(RecordQuery(partners=frozenset({"US"}))) == [2, 3, 5, 6]
    assert await sequences(RecordQuery(partners=frozenset({"CN", "US"}))) == [1, 2, 3, 5, 6]
    assert await sequences(RecordQuery(kinds=frozenset({"seal", "alert"}))) == [3, 5, 6]
    both = RecordQuery(direction=Direction.RECEIVED, partners=frozenset({"US"}), kinds=frozenset({"seal"}))
    assert await sequences(both) == [6]
    assert await sequences(RecordQuery(partners=frozenset({"JP"}))) == []


async def test_a_narrow_query_comes_forward_through_much_that_it_leaves_out(store: Store) -> None:
    for first in range(0, 12_000, 4000):
        await store.intake.admit([admission(number) for number in range(first, first + 4000)])
    await store.intake.admit([admission(20_000, kind="alert")])
    read = await everything(store, RecordQuery(kinds=frozenset({"alert"})), limit=10)
    assert [each.sequence for each in read] == [12_001]


async def test_a_page_keeps_to_its_bytes_but_has_one_record_at_least(store: Store) -> None:
    sizes = (10, 10, 30, 100, 5)
    await store.intake.admit([admission(number, statement=bytes(size)) for number, size in enumerate(sizes)])
    pages = []
    sequence = 0
    while sequence < 5:
        page, sequence = await store.records.after(sequence, limit=10, size_bytes=20, query=ALL)
        assert sequence == page[-1].sequence
        pages.append([len(each.record) for each in page])
    assert pages == [[10, 10], [30], [100], [5]]


async def test_after_the_end_is_nothing(store: Store) -> None:
    await store.intake.admit([admission(1)])
    assert await store.records.after(1, limit=5, query=ALL) == ([], 1)
    assert await store.records.after(7, limit=5, query=ALL) == ([], 7)


async def test_newest(backend: Backend) -> None:
    store = await backend.open()
    assert await store.records.newest() == 0
    await store.intake.admit([admission(1), admission(2)])
    assert await store.records.newest() == 2
    store = await backend.reopen()
    assert await store.records.newest() == 2


async def test_waiting_ends_at_once_when_there_is_more(store: Store) -> None:
    await store.intake.admit([admission(1)])
    await store.records.wait_beyond(0)


async def test_any_number_may_wait(store: Store) -> None:
    waiters = [asyncio.create_task(store.records.wait_beyond(sequence)) for sequence in (0, 0, 1, 5)]
    await asyncio.sleep(0)
    await store.intake.admit([admission(1)])
    await asyncio.gather(waiters[0], waiters[1])
    assert not waiters[2].done()
    assert not waiters[3].done()
    await store.intake.admit([admission(2)])
    await waiters[2]
    waiters[3].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiters[3]
    await store.intake.admit([admission(number) for number in range(3, 9)])


async def test_received_records_wake_too(store: Store) -> None:
    await open_link(store)
    waiter = asyncio.create_task(store.records.wait_beyond(0))
    await asyncio.sleep(0)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0)))
    await waiter
    assert (await found(store, judged_entry(0).record_id, "CN")).sequence == 1


async def test_what_was_answered_can_be_read(store: Store) -> None:
    async def admit_and_read(number: int) -> bool:
        await store.intake.admit([admission(number)])
        return await store.records.get(OWN, record_id(number)) is not None

    assert all(await asyncio.gather(*(admit_and_read(number) for number in range(50))))


async def test_an_issued_correction(store: Store) -> None:
    await store.intake.admit([admission(1)])
    await store.intake.admit([admission(2, supersedes=record_id(1)), admission(3, supersedes=record_id(2))])
    assert [each.superseded_by for each in await everything(store, ALL)] == [record_id(2), record_id(3), ""]


async def test_a_received_correction(store: Store) -> None:
    await open_link(store)
    old, new = judged_entry(0), judged_entry(1, supersedes=judged_entry(0).record_id)
    await store.logs.commit_batch(PartnerLog().batch(old, new))
    assert (await found(store, old.record_id, "CN")).superseded_by == new.record_id


async def test_a_correction_that_arrives_first(store: Store) -> None:
    await open_link(store)
    old, new = judged_entry(0), judged_entry(1, supersedes=judged_entry(0).record_id)
    await store.logs.commit_batch(PartnerLog().batch(new, old))
    assert (await found(store, old.record_id, "CN")).superseded_by == new.record_id


async def test_nobody_corrects_the_records_of_another(store: Store) -> None:
    await open_link(store, "CN")
    await open_link(store, "US")
    await store.intake.admit([admission(1)])
    old = judged_entry(0)
    await store.logs.commit_batch(PartnerLog("CN").batch(old))
    await store.logs.commit_batch(
        PartnerLog("US").batch(judged_entry(1, supersedes=old.record_id), judged_entry(2, supersedes=record_id(1)))
    )
    assert (await found(store, old.record_id, "CN")).superseded_by == ""
    assert (await found(store, record_id(1))).superseded_by == ""


async def test_a_quarantined_correction_corrects_nothing(store: Store) -> None:
    await open_link(store)
    old = judged_entry(0)
    bad = judged_entry(1, supersedes=old.record_id, standing=Standing.QUARANTINED)
    await store.logs.commit_batch(PartnerLog().batch(old, bad))
    assert (await found(store, old.record_id, "CN")).superseded_by == ""
