"""Reading the project's pages: sections, tables, code blocks, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pages() -> list[Path]:
    """Name every page that the project shows."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def section(page: str, heading: str) -> str:
    """Give what stands under a heading, down to the next one of any level."""
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, f"the page has no heading {heading!r}"
    return re.split(r"\n#+ ", rest, maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """Give the cells of every table row, heads and rules left out."""
    made = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = {number for number, cells in enumerate(made) if set("".join(cells)) <= set("-: ")}
    heads = {number - 1 for number in rules}
    return [cells for number, cells in enumerate(made) if number not in heads | rules]


def code_blocks(page: str, language: str) -> list[str]:
    """Give every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def blocks_under(heading: str) -> list[tuple[str, str]]:
    """Give the language and the text of every fenced block in a chapter of README, in order."""
    return blocks_in((ROOT / "README.md").read_text("utf-8"), heading)


def blocks_in(page: str, heading: str) -> list[tuple[str, str]]:
    """Give the language and the text of every fenced block in a chapter of a page, in order."""
    chapter = page.partition(f"\n## {heading}\n")[2].split("\n## ")[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    assert blocks, f"the page has no chapter {heading!r} with commands"
    return blocks


def require_said(expected: str, said: str) -> None:
    """Demand every line of a block of output; ``…`` stands for what differs from run to run."""
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        assert re.search(f"^{pattern}$", said, re.MULTILINE), f"not printed: {line}\n{said}"


def anchors(page: str) -> set[str]:
    """Give the anchors of a page's headings, as code forges make them."""
    without_blocks = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", without_blocks, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
