"""The commands of docs/clients.md, read from the page and run as they stand; what it says that they print, they print."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks_in, blocks_under, require_said
from tests.examples.conftest import World
from tests.examples.national_systems import Language
from tests.nodes import SECONDS

pytestmark = pytest.mark.long

PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
SERVING = "./run gateway serve nl cn\n"
SET_UP = re.compile(r"^(?:python3 -m venv|\.venv/bin/pip|npm ci)\b.*\n", re.MULTILINE)
"""What the fixtures have done: an environment with the libraries that ``requirements.txt`` names."""
END = "-- end of a block --"

Block = tuple[str, str]


def test_the_gateways_are_served_as_in_readme() -> None:
    (first, *_), readme = blocks_in(PAGE, "Try them"), blocks_under("By hand")
    assert first[1].endswith(SERVING)
    assert first[1] == readme[0][1]


def test_the_programs_say_what_the_page_says(world: World, python: Language) -> None:
    shim(world.place / "examples" / "python")
    require_as_told(run(world, blocks_in(PAGE, "Try them")[1:]))


def test_the_programs_in_javascript_say_what_the_page_says(world: World, javascript: Language) -> None:
    require_as_told(run(world, blocks_in(PAGE, "Try them in JavaScript")))


def require_as_told(blocks: Iterable[tuple[Block, str]]) -> None:
    said = ""
    for (language, block), output in blocks:
        if language == "text":
            require_said(block, said)
        said = output


def shim(folder: Path) -> None:
    """Let ``.venv/bin/python`` be the one that runs this test: what the page installs is there."""
    door = folder / ".venv" / "bin" / "python"
    door.parent.mkdir(parents=True)
    door.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', "utf-8")
    door.chmod(0o755)


def run(world: World, blocks: Sequence[Block]) -> Iterator[tuple[Block, str]]:
    """Run all commands in one shell, as one who reads the page does; gives each block with what it printed."""
    script = f"\necho {END}\n".join("" if language == "text" else SET_UP.sub("", block) for language, block in blocks)
    done = subprocess.run(
        ["bash", "-ec", script], cwd=world.place, capture_output=True, text=True, check=False, timeout=2 * SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    yield from zip(blocks, done.stdout.split(f"{END}\n"), strict=True)
