"""What stands on the screen: consoles, signs, and text from abroad made harmless."""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.console import Console

TICK: Final = "✓"
CROSS: Final = "✗"
_HARMFUL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def out() -> Console:
    """Give the console for results."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Give the console for progress and remarks."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def printable(text: str) -> str:
    """Replace what steers a terminal or hides what a text says (controls, bidi overrides) by a visible sign."""
    return "".join("�" if unicodedata.category(character) in _HARMFUL else character for character in text)
