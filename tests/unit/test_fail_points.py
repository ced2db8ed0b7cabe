"""Fail points are named, counted, and not for production."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway import fail_points
from gateway.errors import ConfigurationInvalid

SCRIPT = (
    "from gateway import fail_points\n"
    "fail_points.arm(production=False)\n"
    "for each in range(5):\n"
    "    fail_points.reach('before-commit')\n"
    "    fail_points.reach('after-commit')\n"
    "    print(each, flush=True)\n"
)


def run(text: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={fail_points.VARIABLE: text}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("text", "printed"), [("after-commit", []), ("after-commit:1", []), ("before-commit:3", ["0", "1"])]
)
def test_a_process_dies_at_its_turn(text: str, printed: list[str]) -> None:
    assert run(text) == (-9, printed)


@pytest.mark.parametrize("text", ["", "before-hello-sent", "after-commit:6"])
def test_a_process_that_does_not_come_there_lives(text: str) -> None:
    assert run(text) == (0, ["0", "1", "2", "3", "4"])


@pytest.mark.parametrize("text", ["nowhere", "after-commit:0", "after-commit:x", "after-commit:-1", ":3"])
def test_what_is_no_step_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fail_points.VARIABLE, text)
    with pytest.raises(ConfigurationInvalid):
        fail_points.arm(production=False)


def test_production_refuses_every_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fail_points.VARIABLE, "after-commit")
    with pytest.raises(ConfigurationInvalid, match="production"):
        fail_points.arm(production=True)
