"""With whom else this side has agreements is no matter of a decision: neither of its answer nor of what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.ports.facts import PartnerLink
from gateway.recognition.surroundings import Surroundings, surroundings_of
from gateway.recognition.telling import tell
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import decision_pb2 as pb
from tests.properties.test_recognition import ADVERSE, DECLARED, FAVOURABLE, PAIRS, knowing
from tests.unit.recognition.world import NOW, SEAL, World, agreement, arrival, question

OTHERS = ("AU", "BR", "FR", "JP", "KE")
LOCAL = {"scheme": "X", "value": "1"}


def amid_others(world: World) -> World:
    """Give the same knowledge in a federation of five more."""
    others = tuple(agreement(partner=each) for each in OTHERS)
    partners = world.partners | dict.fromkeys(OTHERS, ("", NOW - 90 * 24 * 3600))
    return replace(world, agreements=(*others, *world.agreements), partners=partners)


def answer(world: World, asked: dict[str, Any]) -> pb.Decision:
    return tell(world.decide(asked))


@pytest.mark.parametrize(
    "adverse", [[], *([each] for each in ADVERSE)], ids=lambda some: some[0][0] if some else "none"
)
@pytest.mark.parametrize("where", ["gate", "before"])
def test_an_answer_is_the_same_amid_others(adverse: list[Any], where: str) -> None:
    asked = question(PAIRS, declared=DECLARED, **(arrival(number=SEAL) if where == "gate" else {}))
    for some in ([], FAVOURABLE[:1], FAVOURABLE[2:4], FAVOURABLE):
        world = knowing(*some, *adverse)
        assert answer(amid_others(world), asked) == answer(world, asked)


@pytest.mark.parametrize(
    ("number", "issuers"),
    [
        ({"tin": "JP123"}, ["JP"]),
        ({"tin": "XA123"}, []),
        ({"local_id": LOCAL}, ["AU"]),
    ],
)
def test_an_operator_that_nobody_knows_is_told_of_once(number: dict[str, Any], issuers: list[str]) -> None:
    declared = {"operators": [{"role": "AEO_ROLE_EXPORTER", **number}]}
    told = answer(amid_others(World()), question([("WEAPONS", "DOCUMENTS")], declared=declared))
    (check,) = told.checks
    assert [each.issuer for each in check.bases] == issuers
    assert {each.reason for basis in check.bases for each in basis.rules.objections} >= (
        {"AEO_UNMATCHED"} if issuers else set()
    )
    assert [each.reason for each in check.missing] == ([] if issuers else ["NO_BASIS"])


def test_whoever_speaks_of_the_goods_is_asked_for_an_operator_of_a_strange_country() -> None:
    world = knowing(FAVOURABLE[0])
    declared = {"operators": [{"role": "AEO_ROLE_EXPORTER", "tin": "XA123"}]}
    told = answer(amid_others(world), question([("WEAPONS", "DOCUMENTS")], declared=declared))
    assert {each.issuer for each in told.checks[0].bases} == {"CN"}


def test_what_all_decisions_share_is_told_apart_by_what_is_in_it() -> None:
    book = TrustBook("NL", agreements=(agreement(),))

    def around(*links: PartnerLink) -> Surroundings:
        return surroundings_of(links, (), book, NOW)

    plain = around(PartnerLink("CN", ""), PartnerLink("US", ""))
    assert plain.names == ("CN", "US")
    assert around(PartnerLink("CN", ""), PartnerLink("US", "")).shared == plain.shared
    assert around(PartnerLink("CN", "LINK_FORKED"), PartnerLink("US", "")).shared.digest != plain.shared.digest
