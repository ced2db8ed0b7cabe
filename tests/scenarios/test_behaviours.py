"""Each behaviour of a partner: honest nodes do what they promise, and a fault of theirs would be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_partners.behaviours import BEHAVIOURS
from mock_partners.staging import nodes
from mock_partners.staging.homes import Homes
from mock_partners.staging.playing import play
from mock_partners.staging.variants import FOLDER, plays_of
from tests.scenarios.planted_behaviours import PLANTED

PATIENCE = 3
"""Seconds that a play waits for what a planted fault keeps from coming."""


def test_each_behaviour_has_its_scenario_and_its_fault() -> None:
    assert {file.stem for file in (FOLDER / "behaviours").glob("*.toml")} == set(BEHAVIOURS)
    assert PLANTED.keys() == BEHAVIOURS.keys()


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_its_scenario_is_about_it(name: str) -> None:
    (scenario,) = [each.scenario for each in plays_of(FOLDER / "behaviours" / f"{name}.toml") if "/" not in each.name]
    assert [spec.split(":")[0].split("@")[0] for spec in scenario.cast["XA"].behaviours] == [name]


@pytest.mark.long
@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_fault_is_seen(
    name: str, homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = PLANTED[name]
    planted.plant(monkeypatch)
    monkeypatch.setattr(nodes, "CALL_SECONDS", PATIENCE)
    each = plays_of(FOLDER / "behaviours" / f"{name}.toml")[0]
    report = await play(each, homes, tmp_path / "play")
    assert not report.holds, f"NOBODY SEES IT when {planted.story}"
    step = each.scenario.steps[len(report.lines) - 1]
    assert (step.name or step.do) == planted.fails_at, report.lines[-1].faults
