"""The simulated world itself: it is the same in every run, and things really break in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def digest(seed: int, hash_seed: int) -> str:
    command = [sys.executable, "-m", "tests.simulation.campaign", "--seed", str(seed)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return told.stdout.splitlines()[-1]


@pytest.mark.parametrize("seed", [3, 7])
def test_a_seed_has_one_history_in_every_process(seed: int) -> None:
    assert digest(seed, 1) == digest(seed, 2)
