"""States move only along their allowed transitions."""

from __future__ import annotations

from itertools import product

import pytest

from gateway.records import check_succession
from gateway.records.succession import AEO_MOVES, ALERT_MOVES, REQUEST_MOVES
from mutualrecognition.records.v1.aeo_status_pb2 import AeoState
from mutualrecognition.records.v1.alert_answer_pb2 import AlertState
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.request_pb2 import RequestState
from tests.unit.records.making import example_record

NEXT_ID = "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0100"

AEO_ALLOWED = {
    ("APPLIED", "CERTIFIED"),
    ("CERTIFIED", "SUSPENDED"),
    ("SUSPENDED", "CERTIFIED"),
    *product(("CERTIFIED", "SUSPENDED"), ("REVOKED", "WITHDRAWN_BY_OPERATOR", "EXPIRED")),
}
AEO_STATES = [value.name.removeprefix("AEO_STATE_") for value in AeoState.DESCRIPTOR.values if value.number]


def followed_by(earlier: Record) -> Record:
    later = Record()
    later.CopyFrom(earlier)
    later.header.record_id = NEXT_ID
    later.header.supersedes = earlier.header.record_id
    return later


def rules(earlier: Record, later: Record) -> list[str]:
    return [violation.rule for violation in check_succession(earlier, later)]


@pytest.mark.parametrize(("before", "after"), list(product(AEO_STATES, AEO_STATES)))
def test_standings(before: str, after: str) -> None:
    earlier = example_record("aeo_status")
    earlier.aeo_status.status = AeoState.Value(f"AEO_STATE_{before}")
    later = followed_by(earlier)
    later.aeo_status.status = AeoState.Value(f"AEO_STATE_{after}")
    allowed = before == after or (before, after) in AEO_ALLOWED
    assert rules(earlier, later) == ([] if allowed else ["succession.move"])


def test_after_revocation_only_a_new_certificate_begins_anew() -> None:
    earlier = example_record("aeo_status")
    earlier.aeo_status.status = AeoState.AEO_STATE_REVOKED
    later = followed_by(earlier)
    later.aeo_status.status = AeoState.AEO_STATE_CERTIFIED
    assert rules(earlier, later) == ["succession.move"]
    later.aeo_status.certificate_number = "AEOCN-2"
    assert rules(earlier, later) == []
    later.aeo_status.status = AeoState.AEO_STATE_SUSPENDED
    assert rules(earlier, later) == ["succession.move"]


def test_a_certificate_number_that_is_not_there_may_be_a_new_one() -> None:
    earlier = example_record("aeo_status")
    earlier.aeo_status.status = AeoState.AEO_STATE_REVOKED
    later = followed_by(earlier)
    later.aeo_status.certificate_number = ""
    later.aeo_status.status = AeoState.AEO_STATE_CERTIFIED
    assert rules(earlier, later) == []
    later.aeo_status.status = AeoState.AEO_STATE_SUSPENDED
    assert rules(earlier, later) == ["succession.move"]


def test_consent_is_apart_from_the_standing() -> None:
    earlier = example_record("aeo_status")
    earlier.aeo_status.status = AeoState.AEO_STATE_REVOKED
    later = followed_by(earlier)
    later.aeo_status.ClearField("status")
    later.aeo_status.consent.withdrawn_at.GetCurrentTime()
    assert rules(earlier, later) == []


def test_a_standing_stays_with_its_operator() -> None:
    earlier = example_record("aeo_status")
    later = followed_by(earlier)
    later.aeo_status.tin = "CN0000000000"
    assert rules(earlier, later) == ["succession.other_operator"]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (("RECEIVED", "ACCEPTED", "SCHEDULED", "IN_PROGRESS", "COMPLETED"), True),
        (("RECEIVED", "COUNTER_PROPOSED", "ACCEPTED", "COMPLETED"), True),
        (("RECEIVED", "DECLINED"), True),
        (("ACCEPTED", "OVERTAKEN"), True),
        (("RECEIVED", "EXPIRED"), True),
        (("RECEIVED", "COMPLETED"), False),
        (("DECLINED", "ACCEPTED"), False),
        (("COMPLETED", "IN_PROGRESS"), False),
        (("OVERTAKEN", "SCHEDULED"), False),
    ],
)
def test_answers_to_requests(path: tuple[str, ...], kept: bool) -> None:
    record = example_record("control_answer")
    record.control_answer.state = RequestState.Value(f"REQUEST_STATE_{path[0]}")
    found = []
    for step in path[1:]:
        later = followed_by(record)
        later.control_answer.state = RequestState.Value(f"REQUEST_STATE_{step}")
        found += rules(record, later)
        record = later
    assert (found == []) is kept


def test_who_asks_may_call_off() -> None:
    earlier = example_record("control_request")
    later = followed_by(earlier)
    later.control_request.state = RequestState.REQUEST_STATE_CANCELLED
    assert rules(earlier, later) == []
    assert rules(later, followed_by(earlier)) == ["succession.other_record"]


def test_alerts_are_answered_step_by_step() -> None:
    earlier = example_record("alert_answer")
    later = followed_by(earlier)
    later.alert_answer.state = AlertState.ALERT_STATE_ACTIONED
    assert rules(earlier, later) == []
    back = followed_by(later)
    back.alert_answer.state = AlertState.ALERT_STATE_DELIVERED
    later.header.record_id = back.header.supersedes
    assert rules(later, back) == ["succession.move"]


def test_a_withdrawal_ends_everything_and_kinds_do_not_mix() -> None:
    earlier = example_record("inspection_outcome")
    withdrawal = example_record("withdrawal")
    withdrawal.header.supersedes = earlier.header.record_id
    assert rules(earlier, withdrawal) == []
    again = followed_by(withdrawal)
    assert rules(withdrawal, again) == ["succession.withdrawn"]
    other = example_record("screening_result")
    other.header.supersedes = earlier.header.record_id
    assert rules(earlier, other) == ["succession.other_kind"]


@pytest.mark.parametrize(
    ("moves", "states"),
    [(AEO_MOVES, AeoState), (REQUEST_MOVES, RequestState), (ALERT_MOVES, AlertState)],
)
def test_every_state_says_where_it_may_go(moves: dict[int, frozenset[int]], states: type) -> None:
    assert set(moves) == {number for number in states.values() if number}  # type: ignore[attr-defined]
