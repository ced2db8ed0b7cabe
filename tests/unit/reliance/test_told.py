"""What a partner tells counts as it counted there: by the method that was relied on, once for each check."""

from __future__ import annotations

from typing import Any

from gateway.ports.ledger import BasisTally, DecisionTally, Finding, Source
from gateway.ports.records import OWN, StoredRecord
from gateway.reliance.told import Told
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, METHOD_KIND_RAD_RPM, Method, MethodKind
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_basis_pb2 import RelianceBasis
from mutualrecognition.records.v1.reliance_notice_pb2 import RELIANCE_OUTCOME_RELY
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said, saying, stored

XRAY, PORTAL = Source("NL", "NII_XRAY", "CN53", "X7"), Source("NL", "RAD_RPM", "CN53", "P1")


class Own:
    """CN's own records: one control, by x-ray and portal. Of what others have stated nothing may be asked."""

    async def get(self, whose: str, name: str) -> StoredRecord | None:
        assert whose == OWN
        if name != record_id(1):
            return None
        record = said(1)
        record.header.issuing_office = "CN53"
        record.inspection_outcome.methods.extend(
            [
                Method(kind=METHOD_KIND_NII_XRAY, equipment_id="X7"),
                Method(kind=METHOD_KIND_RAD_RPM, equipment_id="P1"),
            ]
        )
        return stored(record, own="CN", partners=("NL",))


def notice(number: int, *methods: MethodKind.ValueType, decision: str = "D-1") -> Record:
    record = said(number, issuer="NL")
    body = record.reliance_notice
    body.decision_id, body.outcome, body.decided_at.seconds = decision, RELIANCE_OUTCOME_RELY, NOW
    body.record_ids.append(record_id(1))
    body.stood_on.extend(RelianceBasis(record_id=record_id(1), method=each) for each in methods)
    return record


def feedback(number: int, decision: str, *, drawn: bool = False) -> Record:
    record = said(number, issuer="NL")
    body = record.arrival_feedback
    body.decision_id, body.conclusion, body.contradiction = decision, outcomes.CONCLUSION_DISCREPANCY, True
    if drawn:
        body.drawn_at.seconds = NOW
        body.stood_on.append(RelianceBasis(record_id=record_id(1), method=METHOD_KIND_NII_XRAY))
    return record


async def told(*records: Record) -> tuple[Any, Any]:
    heard = Told(Own(), "NL")  # type: ignore[arg-type]
    for record in records:
        heard.hear(saying(record))
    return await heard.tallies(NOW, NOW + 1)


async def test_a_control_counts_by_the_method_that_was_relied_on() -> None:
    decided, bases = await told(notice(2, METHOD_KIND_NII_XRAY, METHOD_KIND_NII_XRAY))
    assert decided == [DecisionTally("NL", "RELY", overridden=False, finding=Finding.OPEN, count=1)]
    assert bases == [BasisTally("NL", "RELY", Finding.OPEN, (XRAY, XRAY), 1)]


async def test_where_that_is_not_released_by_all_of_them() -> None:
    _, bases = await told(notice(2))
    assert bases == [BasisTally("NL", "RELY", Finding.OPEN, (XRAY, PORTAL), 1)]


async def test_goods_drawn_for_verification_are_told_of_by_their_feedback_alone() -> None:
    decided, bases = await told(notice(2, METHOD_KIND_RAD_RPM), feedback(3, "D-2", drawn=True))
    assert [(each.outcome, each.finding, each.count) for each in decided] == [
        ("RELY", Finding.OPEN, 1),
        ("VERIFY", Finding.CONTRADICTED, 1),
    ]
    assert BasisTally("NL", "VERIFY", Finding.CONTRADICTED, (XRAY,), 1) in bases


async def test_feedback_on_what_nobody_told_of_counts_for_nothing() -> None:
    assert await told(feedback(3, "D-9")) == ([], [])


async def test_the_newest_notice_of_a_decision_counts_and_its_feedback_goes_with_it() -> None:
    decided, bases = await told(notice(2), feedback(3, "D-1"), notice(4, METHOD_KIND_RAD_RPM))
    assert [(each.finding, each.count) for each in decided] == [(Finding.CONTRADICTED, 1)]
    assert [each.sources for each in bases] == [(PORTAL,)]
