"""A partner takes its own words back, and nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, cast

from gateway.clocks.system import SystemClock
from gateway.ports.ledger import Reach, Reached
from gateway.ports.links import Standing
from gateway.ports.records import StoredRecord
from gateway.reliance.recall_desk import Origin, RecallDesk
from gateway.trust.book import TrustBook
from gateway.views.deadlines import DAY_SECONDS, day_keys, deadline_keys
from gateway.views.keys import CAUSES
from gateway.views.steps import read
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import recall, said, stored


class Store:
    """Some records, each under the name of its recall."""

    def __init__(self, *records: StoredRecord) -> None:
        self.records = records
        self.reads = 0

    async def records_under(self, keys: Collection[str], *, after: int = 0, **_: Any) -> Sequence[StoredRecord]:
        names = [f"recall:{Record.FromString(each.record).recall.recall_id}" for each in self.records]
        found = [each for each, name in zip(self.records, names, strict=True) if name in keys or CAUSES in keys]
        return [each for each in found if each.sequence > after]

    async def several(self, whose: str, names: Collection[str]) -> Sequence[StoredRecord]:
        self.reads += 1
        return [each for each in self.records if each.record_id in names and each.whose == whose]

    async def get(self, whose: str, name: str) -> StoredRecord | None:
        return next((each for each in await self.of_id(name) if each.whose == whose), None)

    async def of_id(self, name: str) -> Sequence[StoredRecord]:
        return [each for each in self.records if each.record_id == name]


class Ledger:
    """Says that one decision is reached by whatever names records, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Reach] = []

    async def reached(self, reach: Reach, **_: int) -> Reached:
        self.asked.append(reach)
        number = int(bool(reach.records))
        return Reached(number, number, number, ())


def desk(*records: StoredRecord) -> tuple[RecallDesk, Ledger]:
    ledger, store, make = Ledger(), Store(*records), cast("Any", RecallDesk)
    book = TrustBook("NL")
    return make(index=store, records=store, ledger=ledger, book=lambda: book, clock=SystemClock()), ledger


def withdrawal(number: int, supersedes: int, issuer: str) -> Record:
    record = said(number, issuer=issuer, supersedes=supersedes)
    record.withdrawal.reason = 1
    return record


async def test_a_recall_reaches_its_issuer_s_own_records_alone() -> None:
    ours, theirs, others = said(1, issuer="NL"), said(2, issuer="XA"), said(3, issuer="CN")
    asked, ledger = desk(*map(stored, (ours, theirs, others, recall(9, 1, 2, 3, 4, issuer="XA"))))
    (view,) = await asked.views("R-1")
    assert view.record_ids == tuple(map(record_id, (1, 2, 3, 4)))
    assert view.reach == Reach(records=frozenset({record_id(2)}), issuer="XA")
    assert ledger.asked == [view.reach]


async def test_a_recall_reaches_its_issuer_s_record_whoever_else_has_used_the_id() -> None:
    said_so = [said(1, issuer="XA"), said(2, issuer="CN"), said(1, issuer="CN", supersedes=2), said(2, issuer="XA")]
    for records in (said_so, said_so[::-1]):
        asked, _ = desk(*map(stored, (*records, recall(9, 1, issuer="CN"))))
        (view,) = await asked.views("R-1")
        assert view.reach == Reach(records=frozenset(map(record_id, (1, 2))), issuer="CN")


async def test_a_withdrawal_takes_back_what_its_issuer_said_and_not_what_another_did_under_that_id() -> None:
    asked, _ = desk(stored(said(1, issuer="CN")), stored(withdrawal(2, 1, "XA")))
    assert await asked.views(record_id(2)) == ()
    asked, _ = desk(stored(said(1, issuer="CN")), stored(said(1, issuer="XA")), stored(withdrawal(2, 1, "XA")))
    (view,) = await asked.views(record_id(2))
    assert view.reach == Reach(records=frozenset({record_id(1)}), issuer="XA")


async def test_what_is_in_quarantine_takes_nothing_back() -> None:
    held = replace(stored(withdrawal(2, 1, "XA")), standing=Standing.QUARANTINED)
    asked, ledger = desk(stored(said(1, issuer="XA")), held)
    assert await asked.views(record_id(2)) == ()
    assert ledger.asked == []


async def test_nobody_hides_what_is_found_by_using_its_record_s_id_or_by_naming_a_recall_after_it() -> None:
    taken_back = [withdrawal(2, 1, "CN"), withdrawal(2, 1, "XA")]
    before = [said(1, issuer="CN"), said(1, issuer="XA"), recall(9, 1, name=record_id(2), issuer="BR")]
    for records in ([*before, *taken_back], [*before, *taken_back[::-1]]):
        filed = [stored(each, sequence=place) for place, each in enumerate(records, 1)]
        asked, _ = desk(*filed)
        views = await asked.views(record_id(2))
        told = sorted((view.origin, view.issuer) for view in views)
        assert told == [(Origin.FOUND, "CN"), (Origin.FOUND, "XA"), (Origin.RECEIVED, "BR")]
        assert sorted(view.key for view in await asked.bearing_on(filed)) == sorted(view.key for view in views)
        assert len((await asked.listed(after=0, limit=9)).recalls) == 3


async def test_a_recall_of_many_records_in_many_parts_is_looked_at_once_and_takes_few_reads() -> None:
    """An x-ray is found at fault: ten parts of a hundred records each, every one of which corrects another."""
    said_so = [said(number, issuer="CN", supersedes=number + 1000) for number in range(1000)]
    corrected = [said(number + 1000, issuer="CN") for number in range(1000)]
    parts = [recall(3000 + at, *range(at, at + 100), issuer="CN") for at in range(0, 1000, 100)]
    filed = [stored(each, sequence=place) for place, each in enumerate([*said_so, *corrected, *parts], 1)]
    store = Store(*filed)
    asked = cast("Any", RecallDesk)(
        index=store, records=store, ledger=Ledger(), book=lambda: TrustBook("NL"), clock=SystemClock()
    )
    (view,) = (await asked.listed(after=0, limit=9999)).recalls
    assert len(view.record_ids) == 1000
    assert view.reach.records == {record_id(number) for number in range(2000)}
    assert store.reads == 4  # two pages of what is named, two of what that corrected


async def test_what_is_due_is_found_by_its_deadline_and_nothing_else_is() -> None:
    late, soon = recall(8, 1, name="R-8", due=NOW + DAY_SECONDS * 9), recall(9, 1, name="R-9", due=NOW + DAY_SECONDS)
    other = withdrawal(2, 1, "CN")
    filed = list(map(stored, (said(1), other, late, soon)))
    by_day = {
        key: [each for each in filed if key in deadline_keys(read(each).record)]
        for key in day_keys(NOW, NOW + DAY_SECONDS)
    }

    class Days(Store):
        """Finds by deadlines too; a withdrawal lies under the same day, as an alert or a request may."""

        async def records_under(self, keys: Collection[str], *, after: int = 0, **more: Any) -> Sequence[StoredRecord]:
            if by_day.keys() >= set(keys):
                return [*dict.fromkeys(each for key in keys for each in by_day[key]), filed[1]]
            return await super().records_under(keys, after=after, **more)

    store = Days(*filed)
    asked = cast("Any", RecallDesk)(
        index=store, records=store, ledger=Ledger(), book=lambda: TrustBook("NL"), clock=SystemClock()
    )
    found = await asked.due(day_keys(NOW, NOW + DAY_SECONDS), after=0, limit=99)
    assert [view.recall_id for view in found.recalls] == ["R-9"]
