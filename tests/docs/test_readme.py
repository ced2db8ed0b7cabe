"""README promises few commands; each of them is one that ./run knows."""

from __future__ import annotations

import shlex

from tests.docs.pages import ROOT, code_blocks

MOST_COMMANDS = 8


def commands(heading: str) -> list[list[str]]:
    text = (ROOT / "README.md").read_text("utf-8").partition(f"\n## {heading}\n")[2].split("\n## ")[0]
    lines = [line for block in code_blocks(text, "sh") for line in block.splitlines() if line.strip()]
    return [shlex.split(line, comments=True) for line in lines]


def test_walk_by_hand_is_short_and_begins_with_the_one_door() -> None:
    walk = commands("By hand")
    assert 1 <= len(walk) <= MOST_COMMANDS
    assert {command[0] for command in walk} == {"./run"}


def test_every_verb_is_one_that_run_knows() -> None:
    known = (ROOT / "run").read_text("utf-8")
    for command in commands("Try it") + commands("By hand"):
        assert f"\n    {command[1]})" in known


def test_files_that_the_walk_reads_are_there() -> None:
    named = [word for command in commands("By hand") for word in command if word.startswith("docs/")]
    assert named
    assert all((ROOT / word).is_file() for word in named)
