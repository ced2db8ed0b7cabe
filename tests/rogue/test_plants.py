"""The attacks bite: with a check of the gateway's switched off, those that it is for are answered otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.linklog import keys
from gateway.trust.agreements import parse_agreement
from gateway.trust.descriptors import parse_descriptor
from mock_partners.rogue.catalogue import ATTACKS
from mock_partners.rogue.identity import NAMES
from mock_partners.staging.homes import Homes
from mock_partners.trials.ground import open_ground
from mock_partners.trials.trial import Trial
from tests.rogue.plants import PLANTS

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with closing(Homes(tmp_path_factory.mktemp("homes"))) as made:
        yield made


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    """Forget what was read while a check was off: it would pass for good in every later test of this process."""
    yield
    for each in (keys._load, parse_descriptor, parse_agreement):
        each.cache_clear()


@pytest.mark.parametrize("name", PLANTS)
async def test_a_planted_fault_shows(name: str, homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = PLANTS[name]
    planted.plant(monkeypatch)
    rogues = NAMES[: len(planted.attacks)]
    async with open_ground(tmp_path, rogues, homes) as ground:
        trial, cases = Trial(ground), zip(planted.attacks, rogues, strict=True)
        verdicts = [await trial.heard(ATTACKS[each], ground.links[rogue]) for each, rogue in cases]
    assert [each.attack.name for each in verdicts if each.holds] == []
