"""What a compromised key reaches: decisions on records that this side signed for while the key no longer counted."""

from __future__ import annotations

from gateway.ports.ledger import LedgerEntry, Reach, Source, StoodOn
from tests.contracts.making import NOW, PartnerLog, Store, judged_entry, open_link, record_id
from tests.contracts.test_decisions import made

STOOD = (StoodOn(Source("CN", "NII_XRAY", "CNYTN01", "XR-07"), "inspection_outcome", NOW),)


async def test_a_stretch_of_receipts_reaches_the_decisions_on_what_came_in_it(store: Store) -> None:
    log = PartnerLog()
    await open_link(store)
    for number in range(1, 6):  # received_at is NOW + number
        await store.logs.commit_batch(log.batch(judged_entry(number)))
    names = [record_id(1_000_000 + number) for number in range(1, 6)]
    for number, name in enumerate(names, 1):
        decision = made(number)
        entry = LedgerEntry(decision.decision_id, NOW, "RELY", ("CN",), STOOD, (name,), b"")
        await store.decisions.keep([made(number, entry=entry)])

    async def reached(begin: int, end: int, partner: str = "CN") -> set[str]:
        reach = Reach(partner=partner, receipted_from=NOW + begin, receipted_until=NOW + end)
        return {line.records[0] for line in (await store.ledger.reached(reach, offset=0, limit=9)).page}

    assert await reached(2, 4) == set(names[1:3])
    await store.logs.commit_batch(log.batch(note=b"signed anew", received_at=NOW + 90))
    assert await reached(5, 6) == {names[4]}, "that it was signed for once more says nothing of the first time"
    assert await reached(0, 99) == set(names)
    assert await reached(6, 99) == set()
    assert await reached(0, 99, partner="US") == set()
