"""A partner takes its own words back, and nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gateway.clocks.system import SystemClock
from gateway.ports.ledger import Reach, Reached
from gateway.ports.records import StoredRecord
from gateway.reliance.recall_desk import RecallDesk
from gateway.trust.book import TrustBook
from tests.contracts.making import record_id
from tests.unit.reliance.making import recall, said, stored


class Store:
    """Some records: every one is under every key, and each is found by its id."""

    def __init__(self, *records: StoredRecord) -> None:
        self.records = records

    async def records_under(self, keys: Collection[str], **_: Any) -> Sequence[StoredRecord]:
        return [each for each in self.records if each.kind == "recall"]

    async def get(self, name: str) -> StoredRecord | None:
        return next((each for each in self.records if each.record_id == name), None)


class Ledger:
    """Says that nothing is reached, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Reach] = []

    async def reached(self, reach: Reach, **_: int) -> Reached:
        self.asked.append(reach)
        return Reached(0, 0, 0, ())


async def test_a_recall_reaches_its_issuer_s_own_records_alone() -> None:
    ours, theirs, others = said(1, issuer="NL"), said(2, issuer="XA"), said(3, issuer="CN")
    records = [stored(each) for each in (ours, theirs, others, recall(9, 1, 2, 3, 4, issuer="XA"))]
    ledger, store = Ledger(), Store(*records)
    desk: Any = RecallDesk
    (view,) = await desk(
        index=store, records=store, ledger=ledger, book=lambda: TrustBook("NL"), clock=SystemClock()
    ).views("R-1")
    assert view.record_ids == tuple(map(record_id, (1, 2, 3, 4)))
    assert view.reach.records == {record_id(2)}
    assert [each.records for each in ledger.asked] == [{record_id(2)}]
