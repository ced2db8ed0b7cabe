"""Reasons that no play of nodes can bring about on demand: each refuses what would be relied on without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.recognition.decider import Decider
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.trust.book import TrustBook
from tests.unit.recognition.world import KEY, NOW, World, arrival, control, question


def clear(**provenance: Any) -> World:
    world = World()
    world.told(control(), **provenance)
    return world


def test_without_any_of_them_the_control_is_relied_on() -> None:
    assert (clear().outcome(), clear().reasons()) == ("RELY", set())


@pytest.mark.parametrize(
    ("provenance", "reason"),
    [
        ({"receipted_at": 0}, "NOT_PROVEN"),
        ({"key_until": 0}, "NOT_PROVEN"),
        ({"judgement": "QUARANTINED"}, "QUARANTINED"),
        ({"judgement": "REFUSED"}, "QUARANTINED"),
    ],
)
def test_a_record_that_cannot_be_used(provenance: dict[str, Any], reason: str) -> None:
    world = clear(**provenance)
    assert world.outcome() == "DO_NOT_RELY"
    assert reason in world.reasons()


@pytest.mark.parametrize(
    ("suspended", "reason"),
    [("AGREEMENT_SUSPENDED", "AGREEMENT_SUSPENDED"), ("LOG_FORK", "PARTNER_SUSPENDED")],
)
def test_a_link_that_is_suspended(suspended: str, reason: str) -> None:
    world = replace(clear(), partners={"CN": (suspended, NOW - 60)})
    assert world.outcome() == "DO_NOT_RELY"
    assert reason in world.reasons()


def test_more_than_can_be_read() -> None:
    world = clear()
    kept = world.facts(question(**arrival()))
    kept.truncated = True
    decider = Decider(sampling_key=KEY, editions=Editions({}))
    answer = decider.decide(kept, Surroundings(kept, TrustBook("NL", agreements=world.agreements))).answer
    assert answer.outcome.name == "DO_NOT_RELY"
    assert {each.reason.value for some in answer.general.values() for each in some} == {"TOO_MUCH_KNOWN"}
