"""Which records take the ground from decisions, and from which."""

from __future__ import annotations

import pytest

from gateway.ports.ledger import Reach
from gateway.reliance.causes import bears_on_reliance, cause_of
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1 import recall_pb2
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said, saying, standing


def outcome(number: int, supersedes: int | None = None) -> Record:
    record = said(number, supersedes=supersedes)
    record.inspection_outcome.control_id = "C1"
    return record


def withdrawal(number: int, supersedes: int) -> Record:
    record = said(number, supersedes=supersedes)
    record.withdrawal.reason = 1
    return record


def test_a_correction_reaches_all_earlier_forms() -> None:
    cause = cause_of(saying(outcome(3, 2)), [saying(outcome(2, 1)), saying(outcome(1))])
    assert cause is not None
    assert cause.cause == recall_pb2.RECALL_CAUSE_RECORD_CORRECTED
    assert cause.reach == Reach(records=frozenset({record_id(1), record_id(2)}), issuer="CN")


def test_a_withdrawal_reaches_what_it_takes_back() -> None:
    cause = cause_of(saying(withdrawal(3, 2)), [saying(outcome(2, 1)), saying(outcome(1))])
    assert cause is not None
    assert cause.cause == recall_pb2.RECALL_CAUSE_RECORD_WITHDRAWN
    assert cause.reach.records == {record_id(1), record_id(2)}


def test_a_standing_that_ended_in_the_past_reaches_what_was_decided_since() -> None:
    suspended = standing(2, aeo.AEO_STATE_SUSPENDED, effective=NOW - 500)
    cause = cause_of(saying(suspended), [saying(standing(1, aeo.AEO_STATE_CERTIFIED)), saying(suspended)])
    assert cause is not None
    assert cause.cause == recall_pb2.RECALL_CAUSE_OPERATOR_SUSPENDED
    assert cause.reach == Reach(records=frozenset({record_id(1)}), issuer="CN", decided_from=NOW - 500)


def test_a_tombstone_reaches_what_was_decided_since_consent_was_withdrawn() -> None:
    stone = said(2)
    stone.aeo_status.tin = "CN1234567890"
    stone.aeo_status.consent.withdrawn_at.seconds = NOW - 60
    cause = cause_of(saying(stone), [saying(standing(1, aeo.AEO_STATE_CERTIFIED))])
    assert cause is not None
    assert cause.reach.decided_from == NOW - 60


@pytest.mark.parametrize(
    "record",
    [outcome(1), standing(1, aeo.AEO_STATE_CERTIFIED), standing(2, aeo.AEO_STATE_CERTIFIED, supersedes=1)],
    ids=["first statement", "certified", "certified again"],
)
def test_what_takes_no_ground_away(record: Record) -> None:
    assert not bears_on_reliance(saying(record))
    assert cause_of(saying(record), [saying(outcome(9))]) is None


def test_an_operator_of_whom_nothing_else_was_said_takes_no_ground_away() -> None:
    """The first that is heard of it is that it is suspended: nobody relied on it, and nobody on anything else for it."""
    suspended = standing(1, aeo.AEO_STATE_SUSPENDED, effective=NOW - 500)
    assert cause_of(saying(suspended), [saying(suspended)]) is None


def test_nothing_came_before_so_nothing_is_reached() -> None:
    assert cause_of(saying(withdrawal(3, 2)), []) is None
