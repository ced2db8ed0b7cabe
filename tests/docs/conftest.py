"""The project's root, and its pages as text."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def protocol() -> str:
    return (ROOT / "docs" / "protocol.md").read_text("utf-8")


def section(page: str, heading: str) -> str:
    """Give what stands under a heading, down to the next one of any level."""
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, f"the page has no heading {heading!r}"
    return rest.split("\n#", 1)[0]


def rows(text: str) -> list[list[str]]:
    """Give the cells of every table row, heads and rules left out."""
    made = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = [number for number, cells in enumerate(made) if set("".join(cells)) <= set("-: ")]
    heads = {number - 1 for number in rules}
    return [cells for number, cells in enumerate(made) if number not in heads and number not in rules]
