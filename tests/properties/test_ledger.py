"""The ledger against a naive one: random histories of decisions, goods, feedback and overrides, then every question."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ports.ledger import Closing, Finding, Goods, LedgerEntry, Reach, Source, StoodOn
from gateway.stores.sqlite import SqliteStore, ledger_rows, open_store
from tests.contracts.making import NOW, SeededChance, StillClock, record_id

PARTNERS = ("CN", "US", "BR")
OFFICES = ("", "A", "B")
DEVICES = ("", "X1", "X2")
RELIED = ("RELY", "RELY_SUBJECT_TO", "RELY_IN_PART")
OUTCOMES = (*RELIED, "DO_NOT_RELY", "VERIFY", "PENDING")
RECORDS = [record_id(1_000_000 + number) for number in range(12)]


@dataclass
class Naive:
    """What the ledger must say, by going through everything."""

    entries: dict[str, LedgerEntry] = field(default_factory=dict)
    goods: dict[str, Goods] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    overridden: set[str] = field(default_factory=set)

    def reached(self, reach: Reach) -> tuple[list[str], int]:
        found = [
            name
            for name, entry in self.entries.items()
            if entry.outcome in RELIED and entry.decided_at >= reach.decided_from and self._within(entry, reach)
        ]
        released = {name for name in found if self.goods.get(name) is Goods.RELEASED}
        ordered = [*sorted(set(found) - released, reverse=True), *sorted(released, reverse=True)]
        return ordered, len(found) - len(released)

    @staticmethod
    def _within(entry: LedgerEntry, reach: Reach) -> bool:
        if reach.records:
            return not reach.records.isdisjoint(entry.records)
        if not (reach.partner or reach.office or reach.device or reach.kind):
            return False
        return any(
            reach.partner in ("", each.source.partner)
            and reach.office in ("", each.source.office)
            and reach.device in ("", each.source.device)
            and reach.kind in ("", each.kind)
            and reach.done_from <= each.done_at < reach.done_until
            for each in entry.stood_on
        )

    def decided(self, begin: int, end: int) -> Counter[tuple[str, str, bool, Finding]]:
        return Counter(
            (partner, entry.outcome, name in self.overridden, self.findings.get(name, Finding.OPEN))
            for name, entry in self.entries.items()
            if begin <= entry.decided_at < end
            for partner in entry.partners or ("",)
        )

    def stood(self, begin: int, end: int) -> Counter[tuple[str, str, Finding, tuple[Source, ...]]]:
        return Counter(
            (
                partner,
                entry.outcome,
                self.findings.get(name, Finding.OPEN),
                tuple(sorted((x.source for x in entry.stood_on if x.source.partner == partner), key=str)),
            )
            for name, entry in self.entries.items()
            if begin <= entry.decided_at < end
            for partner in {each.source.partner for each in entry.stood_on}
        )


def entry(chance: Random, number: int, outcome: str) -> LedgerEntry:
    stood_on = tuple(
        StoodOn(
            Source(
                chance.choice(PARTNERS),
                chance.choice(("NII_XRAY", "AEO")),
                chance.choice(OFFICES),
                chance.choice(DEVICES),
            ),
            chance.choice(("inspection_outcome", "aeo_status")),
            NOW - chance.randrange(1000),
        )
        for _ in range(chance.randrange(4))
        if outcome in (*RELIED, "VERIFY")
    )
    partners = tuple(
        sorted({each.source.partner for each in stood_on} or set(chance.sample(PARTNERS, chance.randrange(2))))
    )
    records = tuple(sorted(chance.sample(RECORDS, chance.randrange(4)))) if stood_on else ()
    return LedgerEntry(record_id(number), NOW + chance.randrange(1000), outcome, partners, stood_on, records, b"goods")


async def live(store: SqliteStore, chance: Random, steps: int) -> Naive:
    """Live through a history, in the ledger and in the naive one."""
    naive = Naive()
    for number in range(1, steps + 1):
        known = list(naive.entries)
        match chance.randrange(6) if known else 0:
            case 0 | 1:
                made = [entry(chance, number * 10 + each, chance.choice(OUTCOMES)) for each in range(3)]
                await store._writer.run(lambda connection, made=made: ledger_rows.enter(connection, made))
                naive.entries |= {each.decision_id: each for each in made}
            case 2:
                pending = [name for name in known if naive.entries[name].outcome == "PENDING"]
                if pending:
                    later = entry(chance, 1, chance.choice(OUTCOMES[:5]))
                    resolved = LedgerEntry(
                        chance.choice(pending),
                        later.decided_at,
                        later.outcome,
                        later.partners,
                        later.stood_on,
                        later.records,
                        b"goods",
                    )
                    await store._writer.run(lambda connection, made=resolved: ledger_rows.enter_again(connection, made))
                    naive.entries[resolved.decision_id] = resolved
            case 3:
                some, where = chance.sample(known, min(len(known), 3)), chance.choice(list(Goods))
                assert await store.ledger.note_goods([*some, record_id(9)], where, at=NOW, by="us") == [record_id(9)]
                naive.goods |= dict.fromkeys(some, where)
            case 4:
                closable = [name for name in known if naive.entries[name].outcome in (*RELIED, "VERIFY")]
                if closable:
                    name, finding = chance.choice(closable), chance.choice(list(Finding)[1:])
                    line = await store.ledger.close(Closing(name, b"report", finding, None, NOW, "us"))
                    assert (line.finding, line.report) == (finding, b"report")
                    naive.findings[name] = finding
            case 5:
                name = chance.choice(known)
                await store._writer.run(lambda connection, name=name: ledger_rows.note_override(connection, name))
                naive.overridden.add(name)
    return naive


def reaches(chance: Random) -> list[Reach]:
    found = [Reach(records=frozenset(chance.sample(RECORDS, chance.randrange(1, 4)))) for _ in range(3)]
    found += [Reach(records=found[0].records, decided_from=NOW + 500), Reach(), Reach(decided_from=NOW)]
    found += [
        Reach(
            partner=chance.choice(PARTNERS),
            office=chance.choice(OFFICES),
            device=chance.choice(DEVICES),
            kind=chance.choice(("", "inspection_outcome")),
            done_from=NOW - 800,
            done_until=NOW - chance.randrange(400),
        )
        for _ in range(3)
    ]
    return found


@given(st.integers(0, 2**32), st.integers(1, 25))
@settings(max_examples=12)
def test_ledger_recalls_and_figures_agree_with_going_through_everything(seed: int, steps: int) -> None:
    async def compare(directory: Path) -> None:
        chance = Random(seed)
        store = await open_store(directory / "gateway.db", randomness=SeededChance(), clock=StillClock(), reserve=0)
        try:
            naive = await live(store, chance, steps)
            for reach in reaches(chance):
                expected, not_released = naive.reached(reach)
                found = await store.ledger.reached(reach, offset=0, limit=1000)
                assert [line.decision_id for line in found.page] == expected
                assert (found.decisions, found.not_released) == (len(expected), not_released)
                later = await store.ledger.reached(reach, offset=1, limit=2)
                assert [line.decision_id for line in later.page] == expected[1:3]
            for begin, end in ((0, 2**40), (NOW + 200, NOW + 700)):
                decided, stood = await store.ledger.tallies(begin=begin, end=end)
                assert Counter(
                    {(each.partner, each.outcome, each.overridden, each.finding): each.count for each in decided}
                ) == naive.decided(begin, end)
                assert Counter(
                    {
                        (each.partner, each.outcome, each.finding, tuple(sorted(each.sources, key=str))): each.count
                        for each in stood
                    }
                ) == naive.stood(begin, end)
            listed = await store.ledger.newest(before="", limit=1000)
            expected = sorted((n for n, e in naive.entries.items() if e.outcome in (*RELIED, "VERIFY")), reverse=True)
            assert [line.decision_id for line in listed] == expected
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(compare(Path(directory)))
