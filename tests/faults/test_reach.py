"""Samples of the commands whose figures docs/benchmarks.md prints: they run, and what they count comes out right.

How long things take is measured by the commands, on a machine that does nothing else; here only that they come about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import backlog, cuts
from tests.forked import forked
from tests.processes.test_kills import run_with_kills

pytestmark = pytest.mark.long


async def test_thirty_kills(tmp_path: Path) -> None:
    """``python -m benchmarks.kills --cycles 30``."""
    await run_with_kills(tmp_path, cycles=30, seed=30, run=forked)


async def test_a_line_that_fails_in_every_way_is_given_up_and_taken_up_again(tmp_path: Path) -> None:
    """``python -m benchmarks.cuts --rounds 1``."""
    found = await cuts.measure(tmp_path, rounds=1, seed=1)
    assert {name: (len(each.noticed), len(each.back)) for name, each in found.items()} == dict.fromkeys(
        cuts.WAYS, (1, 1)
    )


def test_a_backlog_drains_beside_live_traffic_and_survives_kills(tmp_path: Path) -> None:
    """``python -m benchmarks.backlog --records 20000``."""
    told = list(backlog.measure(tmp_path, 20_000))
    assert [each for each in told if each.line.endswith("0 lost")], told
