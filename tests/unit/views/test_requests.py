"""The life of a request, as both sides see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.views import request_moves as moves
from gateway.views.consignments import consignment_views
from gateway.views.overtaking import gone_since, goods_of
from gateway.views.requests import RequestLife, request_lives
from gateway.views.sightings import sighting
from gateway.views.steps import Ground, Step
from mutualrecognition.records.v1 import method_pb2, movement_event_pb2, screening_result_pb2
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.asking import CANCELLED, answered, asked, at_node, minute, moved
from tests.unit.views.making import base, outcome, record_id, reference, withdrawal

EARLY = 30
XRAY = method_pb2.METHOD_KIND_NII_XRAY


def lives(*said: Record, now: float = EARLY, own: str = "NL", receipt: float | None = None) -> Sequence[RequestLife]:
    """Fold as a node does, goods included."""
    records = [at_node(each, own, receipt=receipt) for each in said]
    before = request_lives(records, own, minute(now), {})
    gone = {}
    for life in before:
        goods = goods_of(life.request)
        if goods is not None:
            gone[life.key] = gone_since(life.request, consignment_views(map(sighting, records), goods))
    return request_lives(records, own, minute(now), gone)


def life(*said: Record, **at: Any) -> RequestLife:
    (only,) = lives(*said, **at)
    return only


def told(of: RequestLife) -> list[tuple[str, str, Ground, bool]]:
    return [(step.state, step.by, step.ground, step.counts) for step in of.steps]


def faults(of: RequestLife) -> list[Step]:
    return [step for step in of.steps if not step.counts]


def test_a_request_that_is_accepted_scheduled_and_completed() -> None:
    done = outcome(6, 0.03, reference("MSKU3841906", document="MAEU1"))
    found = life(
        asked(1, 0),
        answered(2, 5, "ACCEPTED"),
        answered(3, 10, "SCHEDULED"),
        answered(4, 20, "IN_PROGRESS"),
        answered(7, 50, "COMPLETED", control_id="C-6"),
        done,
        now=55,
        receipt=1,
    )
    assert told(found) == [
        ("SENT", "NL", Ground.RECORD, True),
        ("RECEIVED", "CN", Ground.RECEIPT, True),
        ("ACCEPTED", "CN", Ground.RECORD, True),
        ("SCHEDULED", "CN", Ground.RECORD, True),
        ("IN_PROGRESS", "CN", Ground.RECORD, True),
        ("COMPLETED", "CN", Ground.RECORD, True),
    ]
    assert (found.state, found.respond_by, found.cutoff) == ("COMPLETED", minute(60), minute(120))
    assert found.outcome is not None
    assert found.outcome.record_id == record_id(6)
    assert not found.is_open


def test_both_sides_tell_the_same_story() -> None:
    said = [asked(1, 0), answered(2, 5, "ACCEPTED"), answered(3, 10, "ABORTED"), asked(4, 3, request_id="R2")]
    here, there = lives(*said, receipt=1), lives(*said, receipt=1, own="CN")
    assert [(each.key, each.state, told(each)) for each in here] == [
        (each.key, each.state, told(each)) for each in there
    ]


@pytest.mark.parametrize(
    ("now", "state"), [(59, "SENT"), (60, "SENT"), (60 + 1 / 60, "EXPIRED")], ids=["before", "at", "after"]
)
def test_the_clock_ends_what_nobody_answers(now: float, state: str) -> None:
    found = life(asked(1, 0), now=now)
    assert found.state == state
    if state == "EXPIRED":
        assert (found.steps[-1].ground, found.steps[-1].at, found.steps[-1].by) == (Ground.CLOCK, minute(60), "")


def test_an_answer_after_the_deadline_is_told_and_counts_for_nothing() -> None:
    found = life(asked(1, 0), answered(2, 61, "ACCEPTED"), now=90)
    assert found.state == "EXPIRED"
    (late,) = faults(found)
    assert late.state == "ACCEPTED"
    assert "ask again under a new request id" in late.fault


def test_an_answer_in_time_that_arrives_late_counts() -> None:
    assert life(asked(1, 0), now=90).state == "EXPIRED"
    assert life(asked(1, 0), answered(2, 59, "ACCEPTED"), now=90).state == "ACCEPTED"


def test_an_accepted_request_does_not_expire_and_is_overdue_after_the_cutoff() -> None:
    said = asked(1, 0), answered(2, 5, "ACCEPTED")
    assert not life(*said, now=119).overdue
    after = life(*said, now=121)
    assert (after.state, after.overdue) == ("ACCEPTED", True)


def test_a_counter_proposal_is_open_until_the_cutoff() -> None:
    offer = answered(2, 5, "COUNTER_PROPOSED")
    offer.control_answer.methods_offered.append(XRAY)
    assert life(asked(1, 0), offer, now=100).state == "COUNTER_PROPOSED"
    assert life(asked(1, 0), offer, now=121).state == "EXPIRED"
    assert life(asked(1, 0, cutoff=None), offer, now=100).state == "EXPIRED"
    agreed = asked(3, 30, supersedes=1)
    assert life(asked(1, 0), offer, agreed, answered(4, 40, "ACCEPTED"), now=100).state == "ACCEPTED"


def test_loading_overtakes_what_is_open_and_nothing_else() -> None:
    assert life(asked(1, 0), moved(2, 20)).state == "OVERTAKEN"
    accepted = life(asked(1, 0), answered(2, 5, "ACCEPTED"), moved(3, 20))
    assert accepted.steps[-1].ground is Ground.GOODS
    assert accepted.steps[-1].record_id == record_id(3)
    done = life(asked(1, 0), answered(2, 5, "ACCEPTED"), answered(3, 10, "COMPLETED", control_id="C"), moved(4, 20))
    assert (done.state, faults(done)) == ("COMPLETED", [])
    late = life(asked(1, 0), moved(2, 20), answered(3, 25, "ACCEPTED"))
    assert late.state == "OVERTAKEN"
    assert "the goods have gone" in faults(late)[0].fault


@pytest.mark.parametrize("what", [3, 4, 6])
def test_other_movements_overtake_nothing(what: int) -> None:
    assert life(asked(1, 0), moved(2, 20, what)).state == "SENT"


def test_goods_that_were_loaded_before_anybody_asked() -> None:
    assert life(moved(1, -60), asked(2, 0)).state == "OVERTAKEN"
    assert life(moved(1, -60), asked(2, 0, kind="information")).state == "SENT"
    box = reference("MSKU3841906")
    assert life(moved(1, -60, goods=box), asked(2, 0, goods=box)).state == "SENT", "another use of the box, perhaps"
    assert life(asked(1, 0, goods=box), moved(2, 10, goods=box)).state == "OVERTAKEN"


def test_of_a_masters_boxes_only_its_own_overtake_a_request() -> None:
    other = reference("TGHU7654321", document="MAEU1")
    assert life(asked(1, 0), moved(2, 20, goods=other)).state == "SENT"
    whole = reference(document="MAEU1")
    assert life(asked(1, 0), moved(2, 20, goods=whole)).state == "OVERTAKEN"


def test_goods_that_changed_boxes_are_overtaken_in_the_second_one() -> None:
    change = moved(2, 10, movement_event_pb2.MOVEMENT_TYPE_CONTAINER_SWAPPED)
    change.movement_event.from_container, change.movement_event.to_container = "MSKU3841906", "TGHU7654321"
    other = reference("TGHU7654321", document="MAEU1")
    assert life(asked(1, 0), change, moved(3, 20, goods=other)).state == "OVERTAKEN"


def test_a_loading_that_was_withdrawn_overtakes_nothing() -> None:
    assert life(asked(1, 0), moved(2, 20), withdrawal(3, day=0.02, supersedes=2)).state == "SENT"


def test_a_screening_for_later_stages_is_not_overtaken() -> None:
    later = asked(1, 0, kind="screening")
    later.screening_request.stage = screening_result_pb2.SCREENING_STAGE_PRE_ARRIVAL
    assert life(later, moved(2, 20)).state == "SENT"
    later.screening_request.stage = screening_result_pb2.SCREENING_STAGE_PRE_LOAD
    assert life(later, moved(2, 20)).state == "OVERTAKEN"


def test_the_asker_calls_it_off() -> None:
    off = asked(2, 10, state=CANCELLED, supersedes=1)
    assert life(asked(1, 0), off).state == "CANCELLED"
    assert life(asked(1, 0), withdrawal(2, day=0.01, supersedes=1, issuer="NL")).state == "CANCELLED"
    late = life(asked(1, 0), off, answered(3, 20, "ACCEPTED"))
    assert (late.state, [step.state for step in faults(late)]) == ("CANCELLED", ["ACCEPTED"])
    after = life(asked(1, 0), answered(2, 5, "ACCEPTED"), answered(3, 6, "ABORTED"), replace_id(off, 4))
    assert (after.state, [step.state for step in faults(after)]) == ("ABORTED", ["CANCELLED"])


def replace_id(record: Record, number: int) -> Record:
    copied = Record()
    copied.CopyFrom(record)
    copied.header.record_id = record_id(number)
    return copied


def test_a_request_may_be_changed_while_it_is_unanswered() -> None:
    moved_on = asked(2, 30, respond_by=100, supersedes=1)
    assert life(asked(1, 0), moved_on, now=90).state == "SENT"
    assert life(asked(1, 0), moved_on, now=101).state == "EXPIRED"
    too_late = life(asked(1, 0), replace_id(asked(3, 61, respond_by=100, supersedes=1), 3), now=90)
    assert (too_late.state, len(faults(too_late))) == ("EXPIRED", 1)


def test_a_name_used_twice_begins_nothing() -> None:
    found = life(asked(1, 0), asked(2, 10, respond_by=100))
    assert (found.respond_by, [step.record_id for step in faults(found)]) == (minute(60), [record_id(2)])


def test_saying_the_same_twice_is_told() -> None:
    twice = life(asked(1, 0), answered(2, 5, "ACCEPTED"), answered(3, 6, "ACCEPTED"))
    assert "ACCEPTED already" in faults(twice)[0].fault
    corrected = life(asked(1, 0), answered(2, 5, "ACCEPTED"), answered(3, 6, "ACCEPTED", supersedes=2, remark="lane 4"))
    assert faults(corrected) == []
    taken_back = life(asked(1, 0), answered(2, 5, "ACCEPTED"), withdrawal(3, day=0.01, supersedes=2))
    assert (taken_back.state, len(faults(taken_back))) == ("SENT", 1)


def test_already_controlled_returns_the_outcome() -> None:
    earlier = outcome(1, -1, reference("MSKU3841906", document="MAEU1"))
    declined = answered(
        3,
        5,
        "DECLINED",
        decline_reason=requests.DECLINE_REASON_ALREADY_CONTROLLED,
        control_id="C-1",
        outcome_record_id=record_id(1),
    )
    found = life(earlier, asked(2, 0), declined)
    assert (found.state, found.decline_reason()) == ("DECLINED", "ALREADY_CONTROLLED")
    assert found.outcome is not None
    assert found.outcome.record_id == record_id(1)
    assert life(asked(2, 0), declined).outcome is None


def test_another_administrations_outcome_is_never_returned() -> None:
    foreign = outcome(1, -1, reference("MSKU3841906"), issuer="NL")
    assert (
        life(asked(2, 0), answered(3, 5, "ACCEPTED"), answered(4, 6, "COMPLETED", control_id="C-1"), foreign).outcome
        is None
    )


@pytest.mark.parametrize("kind", ["screening", "information"])
def test_words_may_be_given_at_once(kind: str) -> None:
    assert life(asked(1, 0, kind=kind), answered(2, 5, "COMPLETED", kind=kind)).state == "COMPLETED"
    control = life(asked(1, 0), answered(2, 5, "COMPLETED", control_id="C"))
    assert (control.state, len(faults(control))) == ("SENT", 1)


def test_an_answer_of_another_kind_counts_for_nothing() -> None:
    assert "another kind" in faults(life(asked(1, 0), answered(2, 5, "ACCEPTED", kind="screening")))[0].fault


def test_a_posted_officers_request_is_its_own_administrations() -> None:
    filed = asked(1, 0, issuer="CN", on_behalf_of="NL")
    here = life(filed, answered(2, 5, "ACCEPTED"), own="CN")
    there = life(filed, answered(2, 5, "ACCEPTED"), own="NL", receipt=0)
    assert (here.key.asker, here.key.asked, here.posted) == ("NL", "CN", True)
    assert (here.key, here.state) == (there.key, there.state)
    assert told(here)[:2] == [("SENT", "CN", Ground.RECORD, True), ("RECEIVED", "CN", Ground.RECEIPT, True)]


def test_one_request_to_two_has_two_lives() -> None:
    both = at_node(asked(1, 0), "NL")
    both = replace(both, deliveries=(*both.deliveries, replace(both.deliveries[0], partner="JP")))
    found = request_lives([both, at_node(answered(2, 5, "ACCEPTED"), "NL")], "NL", minute(30), {})
    assert [(each.key.asked, each.state) for each in found] == [("CN", "ACCEPTED"), ("JP", "SENT")]


def test_every_move_has_a_reason_when_it_is_none() -> None:
    for before in moves.STATES:
        for after in moves.STATES:
            assert moves.why_not(before, after).endswith(".")
            assert moves.may_go(before, after, at_once=False) <= moves.may_go(before, after, at_once=True)


def test_an_information_request_about_an_operator_is_not_about_goods() -> None:
    request = base("information_request", 1, 0, issuer="NL")
    request.information_request.ClearField("consignment")
    request.information_request.tin = "CN1234567890"
    assert life(request, now=-1).state == "SENT"
