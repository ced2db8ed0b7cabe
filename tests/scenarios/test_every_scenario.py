"""Every scenario that comes with the project, and every variant, comes out as it says, on real nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_partners.behaviours import BEHAVIOURS
from mock_partners.staging.homes import Homes
from mock_partners.staging.playing import play
from mock_partners.staging.report import Report
from mock_partners.staging.variants import Play, plays_of, shipped

PLAYS = [
    pytest.param(each, marks=[pytest.mark.long] if "/" in each.name or each.name in BEHAVIOURS else [], id=each.name)
    for file in shipped()
    for each in plays_of(file)
]
"""Variants and behaviours are of the long set."""


def said(report: Report) -> str:
    """Say what failed, for whoever reads the test's output."""
    return "\n".join(f"{line.step}: {'; '.join(line.faults)} ({line.why})" for line in report.lines if not line.holds)


@pytest.mark.parametrize("each", PLAYS)
async def test_it_comes_out_as_it_says(each: Play, homes: Homes, tmp_path: Path) -> None:
    report = await play(each, homes, tmp_path / "play")
    assert report.holds, said(report)
    assert len(report.lines) == len(each.scenario.steps)
