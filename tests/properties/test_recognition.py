"""What no fact may do: an adverse one never helps, a favourable one that goes never helps, and order says nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.recognition.outcome import Outcome
from gateway.records.templates import example
from gateway.views.keys import READ_BY_NO_RULE
from tests.unit.recognition.world import (
    BOX,
    DAY,
    NOW,
    PORTAL,
    SEAL,
    XRAY,
    World,
    agreement,
    alert,
    arrival,
    control,
    goods,
    movement,
    operator,
    question,
    screening,
    seal,
    seal_event,
    standing,
)

RELIANCE = {
    Outcome.DO_NOT_RELY: 0,
    Outcome.PENDING: 0,
    Outcome.RELY_IN_PART: 1,
    Outcome.RELY_SUBJECT_TO: 2,
    Outcome.VERIFY: 3,
    Outcome.RELY: 3,
}
"""How much is left out. VERIFY would rely: who is drawn depends on the key, not on how good the facts are."""

TARGETING, DOCUMENTS = ("NARCOTICS", "TARGETING"), ("WEAPONS", "DOCUMENTS")

Body = dict[str, Any]


def levels(**threats: str) -> list[Body]:
    return [{"threat": f"THREAT_{name}", "level": f"THREAT_LEVEL_{level}"} for name, level in threats.items()]


FAVOURABLE: list[tuple[str, Body, Body]] = [
    ("control", control(), {}),
    ("an older control", control(NOW - 20 * DAY, control_id="CN-2"), {}),
    ("screening", screening(assessments=levels(EXPLOSIVES_IED="LOW", NARCOTICS="NONE")), {}),
    ("standing", standing(), {"purpose": "AEO_BENEFIT", "issued_at": NOW - 400 * DAY}),
    ("seen on the way", seal_event("VERIFIED_INTACT", NOW - 2 * DAY), {}),
]
ADVERSE: list[tuple[str, Body, Body]] = [
    ("a finding", control(NOW - 3 * DAY, control_id="US-1", conclusion="CONCLUSION_SEIZED_DETAINED"), {"issuer": "US"}),
    ("an alert", alert("NO_LOAD", container_numbers=[BOX]), {"issuer": "US"}),
    ("our alert", alert("HOLD_ON_ARRIVAL", container_numbers=[BOX]), {"issuer": "NL"}),
    ("a contradiction", {"arrival_feedback": {"consignment": goods(), "contradiction": True}}, {"issuer": "US"}),
    ("a missing seal", seal_event("MISSING", NOW - DAY), {}),
    ("a cut", seal_event("CUT_FOR_CONTROL", NOW - DAY, linked_control_id="?"), {}),
    ("another seal", seal_event("VERIFIED_INTACT", NOW - DAY, "XX1"), {}),
    ("a swap", movement("CONTAINER_SWAPPED", NOW - DAY, from_container="TCLU7719057", to_container=BOX), {}),
    ("a stop elsewhere", movement("ARRIVED", NOW - DAY, place={"locode": "LKCMB"}), {}),
    ("a suspension", standing("SUSPENDED", NOW - DAY), {"purpose": "AEO_BENEFIT"}),
    ("more weight", {"consignment_data": {"consignment": goods(), "total_gross_weight_kg": "99999"}}, {}),
    ("a weak machine", {"equipment": {"equipment_id": "X-7", "method": "METHOD_KIND_NII_XRAY", "xray": {"energy_mev": 1.0}}}, {}),
]  # fmt: skip
PAIRS = [XRAY, PORTAL, TARGETING, DOCUMENTS, ("NARCOTICS", "PHYSICAL")]
DECLARED = {
    **operator(),
    "seals": [seal()],
    "gross_weight_kg": "10000",
    "itinerary": [{"locode": "CNYTN"}, {"locode": "NLRTM"}],
}

some = st.lists(st.sampled_from(FAVOURABLE), max_size=5, unique_by=lambda each: each[0])
adverse = st.lists(st.sampled_from(ADVERSE), max_size=3, unique_by=lambda each: each[0])
asking = st.builds(
    lambda pairs, gate: question(pairs, declared=DECLARED, **(arrival(number=SEAL) if gate else {})),
    st.lists(st.sampled_from(PAIRS), min_size=1, max_size=4, unique=True),
    st.booleans(),
)


def knowing(*records: tuple[str, Body, Body], sample: float = 2.0) -> World:
    world = World(agreements=(agreement(sample=sample),))
    for _, body, provenance in records:
        world.told(body, **provenance)
    return world


def reliance(world: World, asked: Body) -> tuple[int, int]:
    answer = world.decide(asked).answer
    return RELIANCE[answer.outcome], sum(each.name in ("MET", "MET_ON_CONDITION") for each in answer.standings)


@settings(max_examples=150, deadline=None)
@given(some, adverse, st.sampled_from(ADVERSE), asking)
def test_an_adverse_fact_never_moves_a_decision_towards_relying(
    good: list[Any], bad: list[Any], worse: Any, asked: Body
) -> None:
    assert reliance(knowing(*good, *bad, worse), asked) <= reliance(knowing(*good, *bad), asked)


@settings(max_examples=150, deadline=None)
@given(some, adverse, st.integers(min_value=0), asking)
def test_a_favourable_record_that_goes_never_moves_it_there_either(
    good: list[Any], bad: list[Any], which: int, asked: Body
) -> None:
    left = [each for number, each in enumerate(good) if not good or number != which % len(good)]
    assert reliance(knowing(*left, *bad), asked) <= reliance(knowing(*good, *bad), asked)


@settings(max_examples=100, deadline=None)
@given(some, adverse, asking, st.randoms(use_true_random=False))
def test_the_order_of_arrival_says_nothing(good: list[Any], bad: list[Any], asked: Body, chance: Any) -> None:
    world = knowing(*good, *bad)
    shuffled = replace(world, records=chance.sample(world.records, len(world.records)))
    one, other = world.decide(asked).answer, shuffled.decide(asked).answer
    assert (one.outcome, one.standings, one.conditions, one.remaining, one.relied_on) == (
        other.outcome,
        other.standings,
        other.conditions,
        other.remaining,
        other.relied_on,
    )


@settings(max_examples=60, deadline=None)
@given(some, adverse, asking, st.sampled_from(["LOCAL_FACT_TYPE_ALERT", "LOCAL_FACT_TYPE_SANCTION"]))
def test_nothing_outweighs_what_this_side_knows(good: list[Any], bad: list[Any], asked: Body, kind: str) -> None:
    answer = knowing(*good, *bad).decide({**asked, "local_facts": [{"type": kind}]}).answer
    assert answer.outcome is Outcome.DO_NOT_RELY


@settings(max_examples=60, deadline=None)
@given(some, adverse, asking, st.lists(st.sampled_from(sorted(READ_BY_NO_RULE)), min_size=1, max_size=3))
def test_what_no_rule_reads_changes_no_answer(good: list[Any], bad: list[Any], asked: Body, kinds: list[str]) -> None:
    """Were such a record read for a decision, here one about these very goods: it would say the same."""
    world = knowing(*good, *bad)
    before = world.decide(asked).answer
    for kind in kinds:
        world.told({kind: json.loads(example(kind))[kind]}, issuer="US", subject={"consignment": goods()})
    assert world.decide(asked).answer == before
