"""Every attack of the rogue's, against a real gateway in this process: it is answered as docs/protocol.md demands."""

from __future__ import annotations

import itertools

import pytest

from mock_partners.rogue.attack import Attack
from mock_partners.rogue.catalogue import ATTACKS
from mock_partners.rogue.identity import NAMES
from mock_partners.trials.trial import Trial

QUICK = {"wrong-signature", "hello-as-another", "record-of-another-issuer"}
"""One of each sort is in the quick set, the others in the long one."""

CASES = [
    pytest.param(attack, rogue, id=name, marks=[] if name in QUICK else [pytest.mark.long])
    for (name, attack), rogue in zip(ATTACKS.items(), itertools.cycle(NAMES), strict=False)
]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(("attack", "rogue"), CASES)
async def test_it_is_answered_as_it_must_be(attack: Attack, rogue: str, trial: Trial) -> None:
    verdict = await trial.of(attack, trial.ground.links[rogue])
    assert verdict.faults == (), verdict.happened
