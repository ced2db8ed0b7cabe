"""One line of what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """GOOD; BAD: somebody must act; LOOK: nothing is broken, and somebody should know."""

    GOOD = "GOOD"
    BAD = "BAD"
    LOOK = "LOOK"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was found, and who must do what where it is not good."""

    area: str
    health: Health
    sentence: str


def good(area: str, sentence: str) -> Finding:
    """Give a finding that nobody need act on."""
    return Finding(area, Health.GOOD, sentence)


def bad(area: str, sentence: str) -> Finding:
    """Give a finding with what must be done, and by whom."""
    return Finding(area, Health.BAD, sentence)


def look(area: str, sentence: str) -> Finding:
    """Give a finding that somebody should know of."""
    return Finding(area, Health.LOOK, sentence)
