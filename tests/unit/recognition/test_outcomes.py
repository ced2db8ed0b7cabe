"""The six outcomes, on the plainest facts that lead to each."""

from __future__ import annotations

from dataclasses import replace

from gateway.recognition.decider import Decider
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.trust.book import TrustBook
from tests.unit.recognition.world import (
    DAY,
    KEY,
    NOW,
    XRAY,
    World,
    agreement,
    arrival,
    control,
    goods,
    iso,
    operator,
    question,
    screening,
    seal,
    standing,
)


def test_a_clear_control_with_its_seal_at_the_gate_is_relied_on() -> None:
    world = World()
    world.told(control())
    assert world.reasons() == set()
    assert world.outcome() == "RELY"


def test_before_arrival_the_seal_is_a_condition() -> None:
    world = World()
    world.told(control())
    answer = world.decide(question()).answer
    assert answer.outcome.name == "RELY_SUBJECT_TO"
    (condition,) = answer.conditions
    assert (condition.code, condition.container, condition.expected) == ("VERIFY_SEAL", "MSKU3841906", "CN0047821")


def test_what_no_basis_answers_remains() -> None:
    world = World()
    world.told(control())
    answer = world.decide(question([XRAY, ("NARCOTICS", "PHYSICAL")], **arrival())).answer
    assert answer.outcome.name == "RELY_IN_PART"
    (remaining,) = answer.remaining
    assert remaining.checks == ("PHYSICAL",)
    assert remaining.reasons == ("METHOD_NOT_EQUIVALENT",)


def test_nothing_said_is_nothing_to_rely_on() -> None:
    assert World().outcome() == "DO_NOT_RELY"
    assert World().reasons() == {"NO_BASIS"}
    assert World().reasons(question([("WASTE", "PHYSICAL")], **arrival())) == {"NO_EQUIVALENCE"}


def test_screening_standing_and_seal_count_together() -> None:
    world = World()
    world.told(screening())
    world.told(standing(), purpose="AEO_BENEFIT")
    asked = question([XRAY], declared={**operator(), "seals": [seal()]}, **arrival())
    assert world.reasons(asked) == set()
    answer = world.decide(asked).answer
    assert answer.outcome.name == "RELY"
    (basis,) = answer.checks[0].bases
    assert (basis.kind.name, basis.equivalence, len(basis.record_ids)) == ("COMBINATION", "both", 2)


def test_what_is_drawn_is_verified_and_drawn_again() -> None:
    world = World(agreements=(agreement(sample=100.0),))
    world.told(control())
    assert world.outcome() == "VERIFY"
    some = World(agreements=(agreement(sample=50.0),))
    some.told(control())
    drawn = {(key, replace(some, key=bytes([key] * 32)).outcome()) for _ in range(2) for key in range(40)}
    assert len(drawn) == 40
    assert {outcome for _, outcome in drawn} == {"RELY", "VERIFY"}


def test_an_open_request_is_waited_for_until_the_deadline() -> None:
    world = World()
    request = {"request_id": "R-1", "respond_by": "2035-01-01T00:00:00Z"}
    world.told({"control_request": {**request, "consignment": goods()}}, issuer="NL", recipients=["CN"])
    asked = question([XRAY], decide_by=iso(NOW + DAY))
    answer = world.decide(asked).answer
    assert answer.outcome.name == "PENDING"
    assert [(each.kind.name, each.partner, each.reference) for each in answer.awaited] == [("REQUEST", "CN", "R-1")]
    assert world.outcome(question([XRAY])) == "DO_NOT_RELY"
    world.time_is_over = True
    late = world.decide(asked).answer
    assert late.outcome.name == "DO_NOT_RELY"
    assert "DEADLINE_PASSED" in late.remaining[0].reasons


def test_nobody_answers_a_request_that_went_to_another() -> None:
    """US knows the request's name and the id that CN promises, and uses both: CN is waited for as before."""
    world = World()
    request = {"request_id": "R-1", "respond_by": "2035-01-01T00:00:00Z"}
    world.told({"screening_request": {**request, "consignment": goods()}}, issuer="NL", recipients=["CN"])
    world.told({"screening_answer": {"request_id": "R-1", "state": "REQUEST_STATE_DECLINED"}}, issuer="US")
    asked = question([XRAY], decide_by=iso(NOW + DAY))
    assert world.outcome(asked) == "PENDING"
    promised = "01900000-0000-7000-8000-00000000ffff"
    answer = {"request_id": "R-1", "state": "REQUEST_STATE_COMPLETED", "result_record_id": promised}
    world.told({"screening_answer": answer})
    world.told(screening(), issuer="US", record_id=promised)
    assert world.outcome(asked) == "PENDING"
    world.told(screening(), record_id=promised)
    assert world.outcome(asked) != "PENDING"


def test_more_than_can_be_looked_at_is_nothing_to_rely_on() -> None:
    world = World()
    world.told(control())
    kept = world.facts(question([XRAY], **arrival()))
    kept.truncated = True
    decider = Decider(sampling_key=KEY, editions=Editions({}))
    answer = decider.decide(kept, Surroundings(kept, TrustBook("NL", agreements=world.agreements))).answer
    assert answer.outcome.name == "DO_NOT_RELY"
    assert answer.remaining[0].reasons == ("TOO_MUCH_KNOWN",)
