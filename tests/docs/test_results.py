"""The last figures of the guarantees are those of the newest runs that are kept in ``benchmarks/results.jsonl``."""

from __future__ import annotations

import re
from datetime import date

import pytest

from benchmarks.results import Result, all_results
from tests.nodes import ROOT

UNKEPT = "before results were kept"
"""What a figure says whose command has no run that is kept."""
_COMMAND = re.compile(r"`(python -m benchmarks\.[^`]+)`")
_NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")


def rows() -> list[tuple[str, str]]:
    """Give the command and the last figure of each promise with a figure."""
    table = (ROOT / "docs" / "guarantees.md").read_text("utf-8").partition("### With a figure")[2].partition("## ")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines() if "benchmarks." in line]
    return [(_COMMAND.findall(command)[0], figure.strip()) for *_, command, figure in cells]


def told_by(result: Result, figure: str) -> bool:
    """Tell whether a figure has the run's date first, and then only numbers that the run printed."""
    printed = {number for line in result.lines for number in _NUMBER.findall(line)}
    day, _, told = figure.partition(": ")
    return day == result.date and set(_NUMBER.findall(told)) <= printed


@pytest.mark.parametrize(("command", "figure"), rows())
def test_a_figure_is_that_of_the_newest_run(command: str, figure: str) -> None:
    runs = [each for each in all_results() if each.command == command]
    assert UNKEPT in figure if not runs else told_by(runs[-1], figure), (runs[-1:], figure)


def test_there_are_figures_and_a_made_up_one_is_noticed() -> None:
    assert len(rows()) > 6
    run = Result("x", "2026-11-27", "", 2, 0.0, 0.0, ["back after 1.9 s (worst), 1,000 records"])
    assert told_by(run, "2026-11-27: 1.9 s with 1,000")
    assert not told_by(run, "2026-11-27: 1.8 s with 1,000")
    assert not told_by(run, "2026-11-28: 1.9 s")


def test_runs_are_dated_and_told_in_order() -> None:
    days = [date.fromisoformat(each.date) for each in all_results()]
    assert days == sorted(days)
    assert all(each.lines and each.commit for each in all_results())
