"""README promises few commands; each of them is one that ./run knows. That they run: tests/processes/test_readme.py."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.docs.pages import ROOT, blocks_under

MOST_COMMANDS = 8
CHAPTERS = ("Try it", "By hand", "Between two hosts")


def commands(heading: str) -> list[list[str]]:
    blocks = [block for language, block in blocks_under(heading) if language == "sh"]
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


def test_walk_by_hand_is_short() -> None:
    assert 1 <= len(commands("By hand")) <= MOST_COMMANDS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_command_goes_through_the_one_door_to_a_verb_that_it_knows(chapter: str) -> None:
    known = (ROOT / "run").read_text("utf-8")
    for command in commands(chapter):
        assert command[0] == "./run"
        assert f"\n    {command[1]})" in known


def test_ratios_are_those_of_the_benchmarks() -> None:
    stated = re.findall(r"\d+\.\d times", (ROOT / "README.md").read_text("utf-8"))
    measured = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    assert stated
    assert [ratio for ratio in stated if f"| {ratio} |" not in measured] == []


@pytest.mark.parametrize("chapter", CHAPTERS[1:])
def test_files_that_a_walk_reads_are_there(chapter: str) -> None:
    named = [word for command in commands(chapter) for word in command if word.startswith("docs/")]
    assert named
    assert all((ROOT / word).is_file() for word in named)
