"""What receivers say about entries, on both sides of a link."""

from __future__ import annotations

from random import Random

from gateway.ports.records import RecordQuery
from tests.contracts.conftest import Backend
from tests.contracts.making import (
    PartnerLog,
    Store,
    admission,
    held_origin,
    issue,
    issued_origin,
    judged_entry,
    open_link,
    record_id,
    verdict,
)

ISSUED = issued_origin("CN")


async def words(store: Store) -> list[str]:
    """The latest word on each entry of the issued log."""
    page, _ = await store.records.after(0, limit=1000, query=RecordQuery())
    deliveries = [each.deliveries[0] for each in page if each.deliveries[0].origin == ISSUED]
    return [each.judgement for each in sorted(deliveries, key=lambda each: each.index)]


async def test_the_partners_latest_word(backend: Backend) -> None:
    store = await backend.open()
    await issue(store, 5)
    log = PartnerLog()
    await store.logs.commit_batch(
        log.batch(
            judged_entry(0, judges=verdict(ISSUED, "QUARANTINED", (1, 3))),
            judged_entry(1, judges=verdict(ISSUED, "REFUSED", (3, 3))),
        )
    )
    assert await words(store) == ["", "QUARANTINED", "QUARANTINED", "REFUSED", ""]
    await store.logs.commit_batch(log.batch(judged_entry(2, judges=verdict(ISSUED, "ACCEPTED", (2, 2)))))
    store = await backend.reopen()
    assert await words(store) == ["", "QUARANTINED", "ACCEPTED", "REFUSED", ""]


async def test_judgements_about_an_entry_oldest_first(store: Store) -> None:
    await issue(store, 5)
    first = judged_entry(0, judges=verdict(ISSUED, "QUARANTINED", (3, 4), (0, 1), (4, 4)))
    second = judged_entry(1, judges=verdict(ISSUED, "ACCEPTED", (0, 4)))
    await store.logs.commit_batch(PartnerLog().batch(first, second))
    assert await store.records.judgements_about(ISSUED, 4) == [first.record_id, second.record_id]
    assert await store.records.judgements_about(ISSUED, 2) == [second.record_id]
    assert await store.records.judgements_about(ISSUED, 5) == []
    assert await store.records.judgements_about("customs.jp.example/links/NL/1", 0) == []


async def test_what_was_not_sent_cannot_be_judged(store: Store) -> None:
    (batch,) = await issue(store, 2)
    far = judged_entry(0, judges=verdict(ISSUED, "REFUSED", (1, 2**64 - 1), (2, 2), (2**63, 2**64 - 1)))
    await store.logs.commit_batch(PartnerLog().batch(far))
    await issue(store, 2, first=batch.tree.size)
    assert await words(store) == ["", "REFUSED", "", ""]


async def test_a_partner_judges_the_log_that_it_receives_alone(store: Store) -> None:
    await issue(store, 2)
    await issue(store, 2, partner="US", first=0, number=100)
    await store.logs.commit_batch(
        PartnerLog("US").batch(
            judged_entry(0, judges=verdict(ISSUED, "REFUSED", (0, 1))),
            judged_entry(1, judges=verdict(held_origin("US"), "REFUSED", (0, 1))),
        )
    )
    assert await words(store) == ["", ""]
    for origin in (ISSUED, issued_origin("US"), held_origin("US")):
        assert await store.records.judgements_about(origin, 0) == []


async def test_this_nodes_own_word_on_what_it_received(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    bad = verdict(held_origin("CN"), "QUARANTINED", (1, 1))
    entries = [judged_entry(number) for number in range(3)]
    await store.logs.commit_batch(log.batch(*entries, judgements=(admission(7, kind="judgement", judges=bad),)))
    page, _ = await store.records.after(0, limit=3, query=RecordQuery())
    assert [each.deliveries[0].judgement for each in page] == ["", "QUARANTINED", ""]
    assert await store.records.judgements_about(held_origin("CN"), 1) == [record_id(7)]


async def test_the_latest_word_whatever_the_ranges(store: Store) -> None:
    random = Random(3)
    size = 200
    await issue(store, size)
    log, expected = PartnerLog(), [""] * size
    for number in range(150):
        word = random.choice(["QUARANTINED", "REFUSED", "ACCEPTED"])
        firsts = [random.randrange(size) for _ in range(random.randrange(1, 4))]
        ranges = [(first, min(first + random.choice((0, 1, 5, 30)), size - 1)) for first in firsts]
        judges = verdict(ISSUED, word, *ranges)
        await store.logs.commit_batch(log.batch(judged_entry(number, judges=judges)))
        for first, last in ranges:
            expected[first : last + 1] = [word] * (last - first + 1)
        if number % 10 == 0:
            assert await words(store) == expected
    assert await words(store) == expected
