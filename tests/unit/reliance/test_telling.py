"""The record by which a partner is told that what it relied on no longer holds: it keeps the rules of its kind."""

from __future__ import annotations

import pytest

from gateway import records
from gateway.reliance.causes import cause_of
from gateway.reliance.telling import Relied, recall_for
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said, saying, standing


def control(number: int, supersedes: int | None = None) -> Record:
    record = said(number, supersedes=supersedes)
    record.header.subject.consignment.container_numbers.append("MSKU3841906")
    record.inspection_outcome.control_id = "C1"
    return record


def withdrawal(number: int, supersedes: int) -> Record:
    record = said(number, supersedes=supersedes)
    record.header.subject.record_id = record_id(supersedes)
    record.withdrawal.reason = 1
    return record


def suspended(number: int) -> Record:
    record = standing(number, aeo.AEO_STATE_SUSPENDED, effective=NOW - 500)
    record.header.subject.operator.tin = record.aeo_status.tin
    return record


@pytest.mark.parametrize(
    ("taken_back", "earlier"),
    [(control(2, 1), control(1)), (withdrawal(2, 1), control(1)), (suspended(2), standing(1, aeo.AEO_STATE_CERTIFIED))],
    ids=["corrected", "withdrawn", "suspended"],
)
def test_whatever_the_cause_a_recall_says_it_by_the_rules(taken_back: Record, earlier: Record) -> None:
    cause = cause_of(saying(taken_back), [saying(earlier)])
    assert cause is not None
    recall = recall_for(cause, Relied("NL", (record_id(1),), ("D-1",)), own="CN", due=NOW)
    header = recall.header
    header.record_id, header.issuer, header.purpose = record_id(9), "CN", 1
    header.agreement_id, header.agreement_version, header.issued_at.seconds = "cn-nl", 1, NOW
    assert not records.check(recall)
