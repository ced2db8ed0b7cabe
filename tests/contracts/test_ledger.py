"""What recalls and compromised keys reach: decisions on those very records, whoever else has used their ids."""

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


async def test_what_another_has_stated_under_an_id_is_not_reached(store: Store) -> None:
    """CN and US use one id, decision 1 stands on CN's record, 2 on US's, 3 on both and 4 on another of CN's."""
    name, other = record_id(1_000_001), record_id(1_000_002)
    for partner, ids in (("CN", (name, other)), ("US", (name,))):
        await open_link(store, partner)
        entries = [judged_entry(number, record_id=each) for number, each in enumerate(ids)]
        await store.logs.commit_batch(PartnerLog(partner).batch(*entries))  # sequences 1, 2 and 3, at NOW + 1 or 2
    for number, relied_on in enumerate([(1,), (3,), (1, 3), (2,)], 1):
        names = (other,) if relied_on == (2,) else (name,)
        entry = LedgerEntry(made(number).decision_id, NOW, "RELY", ("CN", "US"), (), names, b"")
        await store.decisions.keep([made(number, relied_on=relied_on, entry=entry)])

    async def reached(reach: Reach) -> list[int]:
        page = (await store.ledger.reached(reach, offset=0, limit=9)).page
        return sorted(int(line.decision_id[-1]) for line in page)

    assert await reached(Reach(records=frozenset({name}), issuer="CN")) == [1, 3]
    assert await reached(Reach(records=frozenset({name}), issuer="US")) == [2, 3]
    assert await reached(Reach(records=frozenset({name, other}), issuer="CN")) == [1, 3, 4]
    assert await reached(Reach(records=frozenset({other}), issuer="US")) == []
    for partner, expected in (("CN", [1, 3]), ("US", [2, 3]), ("BR", []), ("", [1, 2, 3])):
        page = await store.ledger.newest(before="", limit=9, partner=partner, record=name)
        assert sorted(int(line.decision_id[-1]) for line in page) == expected
    assert await reached(Reach(partner="CN", receipted_from=NOW, receipted_until=NOW + 9)) == [1, 3, 4]
    assert await reached(Reach(partner="US", receipted_from=NOW, receipted_until=NOW + 9)) == [2, 3]
