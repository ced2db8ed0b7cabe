"""What a report from arrival shows, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Absent, RecordInvalid, StepNotPossible
from gateway.ports.ledger import Finding, Goods, LedgerLine
from gateway.reliance.answering import findings_known
from gateway.reliance.feedback import feedback_record, finding_of, require_sound
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1 import arrival_feedback_pb2 as seals
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import recall_answer_pb2 as answers
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, Method
from tests.contracts.making import NOW, record_id

XRAY = [Method(kind=METHOD_KIND_NII_XRAY)]


def report(**given: Any) -> ArrivalReport:
    return ArrivalReport(**given)


def line(number: int, goods: Goods = Goods.UNKNOWN, told: ArrivalReport | None = None) -> LedgerLine:
    return LedgerLine(
        decision_id=record_id(number),
        decided_at=NOW,
        outcome="RELY",
        overridden=False,
        partners=("CN",),
        records=(record_id(100),),
        consignment=ConsignmentRef(container_numbers=["MSKU3841906"], ucr="U1").SerializeToString(),
        goods=goods,
        goods_since=NOW,
        finding=Finding.OPEN,
        report=(told or ArrivalReport()).SerializeToString(),
    )


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        (report(), Finding.NOT_CHECKED),
        (report(seal_state=seals.SEAL_STATE_INTACT), Finding.NOT_CHECKED),
        (report(seal_state=seals.SEAL_STATE_MISSING), Finding.UNDECIDED),
        (report(seal_state=seals.SEAL_STATE_MISSING, contradiction=True), Finding.CONTRADICTED),
        (report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_NO_DISCREPANCY), Finding.CONFIRMED),
        (report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_DISCREPANCY), Finding.UNDECIDED),
        (report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_DISCREPANCY, contradiction=False), Finding.CONFIRMED),
        (
            report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_DISCREPANCY, contradiction=True),
            Finding.CONTRADICTED,
        ),
        (report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_INCONCLUSIVE), Finding.UNDECIDED),
        (report(contradiction=False), Finding.NOT_CHECKED),
    ],
)
def test_what_a_report_shows(given: ArrivalReport, finding: Finding) -> None:
    assert finding_of(given) is finding


def test_a_contradiction_without_a_finding_is_refused_with_its_field() -> None:
    with pytest.raises(RecordInvalid) as refused:
        require_sound(feedback_record(line(1), report(contradiction=True), [record_id(100)]))
    assert [each.rule for each in refused.value.violations] == ["arrival_feedback.contradiction"]


def test_what_is_sound_passes_and_names_the_partners_records() -> None:
    record = feedback_record(line(1), report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_NO_DISCREPANCY), ["x"])
    assert record.arrival_feedback.decision_id == record_id(1)
    record.arrival_feedback.record_ids[:] = [record_id(100)]
    require_sound(record)


def test_for_what_nobody_names_the_ledger_speaks() -> None:
    told = report(checks_done=XRAY, conclusion=outcomes.CONCLUSION_NO_DISCREPANCY)
    given = answers.RecallFinding(decision_id=record_id(2), goods_state=answers.GOODS_STATE_HELD)
    found = findings_known([line(1, Goods.RELEASED, told), line(2), line(3)], [given], complete=False)
    assert [(each.decision_id, each.goods_state) for each in found] == [
        (record_id(1), answers.GOODS_STATE_RELEASED),
        (record_id(2), answers.GOODS_STATE_HELD),
    ]
    assert found[0].conclusion == outcomes.CONCLUSION_NO_DISCREPANCY


def test_no_last_word_while_the_place_of_goods_is_unknown() -> None:
    with pytest.raises(StepNotPossible, match="1 decisions"):
        findings_known([line(1)], [], complete=True)


def test_nothing_can_be_told_of_what_is_not_reached() -> None:
    with pytest.raises(Absent, match="leave it out"):
        findings_known([], [answers.RecallFinding(decision_id="x", goods_state=1)], complete=False)
