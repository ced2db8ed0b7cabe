"""What stands on the screen: consoles, signs, and text from abroad made harmless."""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.console import Console
from rich.table import Table

TICK: Final = "✓"
CROSS: Final = "✗"
_WIDEST: Final = 1000
_HARMFUL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def out() -> Console:
    """Give the console for results."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Give the console for progress and remarks."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def show_whole(table: Table) -> None:
    """Print a table as wide as it needs to be: what is to be copied, such as an id, must not be cut or folded."""
    console = out()
    needed = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
    Console(highlight=False, soft_wrap=True, width=max(console.width, needed)).print(table)


def printable(text: str) -> str:
    """Replace what steers a terminal or hides what a text says (controls, bidi overrides) by a visible sign."""
    return "".join("�" if unicodedata.category(character) in _HARMFUL else character for character in text)
