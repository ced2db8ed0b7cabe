"""kill -9 at every named step of either side, under load in both directions: nothing is lost, doubled or out of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.fail_points import POINTS, VARIABLE
from tests import nodes
from tests.faults.dying import survive

QUICK = {("NL", "after-commit-before-receipt")}
"""The step at which the most would be lost if the order of things were wrong."""

ALL = [(side, point) for point in POINTS for side in ("CN", "NL")]
TURNS = {"before-commit": 9, "after-commit": 9, "after-write-back": 1, "before-hello-sent": 1, "after-hello-sent": 1}


@pytest.mark.parametrize(
    ("side", "point"),
    [pytest.param(*each, marks=[] if each in QUICK else [pytest.mark.long]) for each in ALL],
    ids=[f"{side} {point}" for side, point in ALL],
)
async def test_death_at_a_step(side: str, point: str, tmp_path: Path) -> None:
    step = f"{point}:{TURNS.get(point, 3)}"
    await survive(tmp_path, lambda home: nodes.NodeProcess(home, environment={VARIABLE: step}), victim=side)
