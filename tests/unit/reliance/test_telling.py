"""The record by which a partner is told that what it relied on no longer holds: it keeps the rules of its kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from gateway import records
from gateway.ports.records import StoredRecord
from gateway.reliance.causes import cause_of
from gateway.reliance.telling import Relied, recall_for, who_relied
from gateway.views.keys import keys_of_bytes
from gateway.views.steps import Saying, read
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said, saying, standing, stored


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


class Notices:
    """An index of notices, by the keys under which the store files them."""

    def __init__(self, *notices: StoredRecord) -> None:
        self._notices = notices

    async def records_under(
        self, keys: Collection[str], *, after: int = 0, limit: int = 1000
    ) -> Sequence[StoredRecord]:
        found = [each for each in self._notices if not set(keys).isdisjoint(keys_of_bytes(each.record))]
        return [each for each in found if each.sequence > after][:limit]


def notice(number: int, issuer: str, *names: int) -> StoredRecord:
    record = said(number, issuer=issuer)
    record.reliance_notice.decision_id = f"D-{number}"
    record.reliance_notice.record_ids.extend(map(record_id, names or (1,)))
    record.reliance_notice.decided_at.seconds = NOW
    return stored(record, own="CN")


def own(record: Record, *partners: str) -> Saying:
    return read(stored(record, own="CN", partners=partners))


async def test_a_partner_with_many_notices_hides_no_other() -> None:
    cause = cause_of(own(withdrawal(2, 1)), [own(control(1), "NL", "US")])
    assert cause is not None
    index: Any = Notices(*(notice(number, "NL") for number in range(10, 1510)), notice(1510, "US"))
    relied = await who_relied(index, cause)
    assert [(each.partner, len(each.decision_ids)) for each in relied] == [("NL", 1500), ("US", 1)]


async def test_nobody_is_told_what_became_of_a_record_that_never_went_to_it() -> None:
    """A recipient may have told its id to another, who says that it relied on it."""
    cause = cause_of(own(withdrawal(3, 2)), [own(control(2, 1), "NL", "XA"), own(control(1), "NL")])
    assert cause is not None
    index: Any = Notices(notice(10, "NL", 1, 2), notice(11, "XA", 1), notice(12, "XA", 1, 2), notice(13, "BR", 2))
    relied = await who_relied(index, cause)
    assert [(each.partner, each.record_ids, each.decision_ids) for each in relied] == [
        ("NL", (record_id(1), record_id(2)), ("D-10",)),
        ("XA", (record_id(2),), ("D-12",)),
    ]
