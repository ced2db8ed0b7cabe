"""Feedback goes to whoever's record was relied on, and names to each what is its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.ports.decisions import StoredDecision
from gateway.ports.ledger import Closing, Finding, Goods, LedgerLine
from gateway.rpc.reliance_clerk import RelianceClerk
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import reliances_service_pb2 as pb
from mutualrecognition.national.v1.decision_pb2 import Decision
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONCLUSION_NO_DISCREPANCY
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, Method
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said, stored

DECISION = "01900000-0000-7000-8000-000000000001"
NOTHING: Any = None
GOODS = ConsignmentRef(ucr="U1").SerializeToString()


class World:
    """One decision, whose facts had some records, and what partners are told of it.

    Each record of a partner's has its issuer and its number; ``relied_on`` are the places of those that it stands on.
    """

    def __init__(self, *records: tuple[str, int], relied_on: tuple[int, ...]) -> None:
        self._records = [stored(said(number, issuer=issuer)) for issuer, number in records]
        answer = Decision()
        for place, (issuer, number) in enumerate(records):
            answer.records.add(record_id=record_id(number), partner=issuer, relied_on=place in relied_on)
        answer.records.add(record_id=record_id(1), relied_on=False)  # an own one
        self._decision = StoredDecision(
            1, DECISION, "desk", "R-1", b"", 1, answer.SerializeToString(), b"", None, 0, b""
        )
        names = tuple(sorted({record_id(records[place][1]) for place in relied_on}))
        self._line = LedgerLine(
            DECISION, NOW, "RELY", False, ("CN", "XA"), names, GOODS, Goods.UNKNOWN, None, Finding.OPEN, b""
        )
        self.told: dict[str, list[str]] = {}

    async def get(self, name: str) -> Any:
        """Give the decision, or a record by its id alone, as stores once did."""
        if name == DECISION:
            return self._decision
        return next((each for each in self._records if each.record_id == name), None)

    async def lines(self, _: object) -> list[LedgerLine]:
        return [self._line]

    async def close(self, _: Closing) -> LedgerLine:
        return self._line

    async def submit_call(self, _: str, submission: national.Submission, __: bytes) -> None:
        (partner,) = submission.recipients
        assert partner not in self.told
        self.told[partner] = list(submission.record.arrival_feedback.record_ids)


async def told_of(world: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    monkeypatch.setattr("gateway.rpc.reliance_clerk.purpose_towards", lambda *_: 1)
    clerk = RelianceClerk(
        submissions=world,
        ledger=world,
        decisions=world,
        suspensions=NOTHING,
        book=lambda: NOTHING,
        clock=SimpleNamespace(now=lambda: NOW, monotonic=lambda: 0.0),
        randomness=SimpleNamespace(record_id=lambda: "call"),  # type: ignore[arg-type]
    )
    caller: Any = SimpleNamespace(name="desk")
    report = ArrivalReport(conclusion=CONCLUSION_NO_DISCREPANCY, checks_done=[Method(kind=METHOD_KIND_NII_XRAY)])
    await clerk.give_feedback(caller, pb.GiveFeedbackRequest(decision_id=DECISION, report=report))
    return dict(world.told)


@pytest.mark.parametrize("records", [(("CN", 7), ("XA", 7)), (("XA", 7), ("CN", 7))])
async def test_not_to_another_who_has_used_its_id(
    records: tuple[tuple[str, int], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(*records, relied_on=(records.index(("CN", 7)),))
    assert await told_of(world, monkeypatch) == {"CN": [record_id(7)]}


async def test_to_both_where_both_were_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(("XA", 7), ("CN", 7), ("CN", 8), ("XA", 9), relied_on=(0, 1, 2))
    assert await told_of(world, monkeypatch) == {"CN": [record_id(7), record_id(8)], "XA": [record_id(7)]}
