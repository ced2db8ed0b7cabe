"""Gives every row of a sequence its place on paper; the page only writes down what stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mock_partners.reporting.sequence import Look, Row, lifelines

LEFT: Final = 96
GAP: Final = 300
RIGHT: Final = 190
TOP: Final = 56
_HEIGHTS: Final = {Look.STEP: 42, Look.MESSAGE: 30, Look.NOTE: 32, Look.END: 24, Look.FOLD: 26}
_LETTER: Final = 6.3
_WIDE: Final = 7.0
"""About the width of a letter, plain and bold, for boxes around text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place: ``x`` to ``to_x`` at ``y``; ``middle`` is where its words are."""

    row: Row
    y: float
    x: float
    to_x: float
    height: float

    @property
    def middle(self) -> float:
        """Half way."""
        return (self.x + self.to_x) / 2

    @property
    def words(self) -> str:
        """What stands at the row."""
        return f"{self.row.kind} {self.row.facts}".strip()

    @property
    def box(self) -> float:
        """How wide a box around the words is."""
        return len(self.words) * (_WIDE if self.row.look is Look.STEP else _LETTER) + 18

    @property
    def rightwards(self) -> bool:
        """Which way the arrow points."""
        return self.to_x > self.x

    @property
    def seconds(self) -> str:
        """When, for the margin."""
        return f"{self.row.at:.2f} s"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole diagram. ``lines`` are names and places of those who take part."""

    lines: tuple[tuple[str, float], ...]
    rows: tuple[Placed, ...]
    width: float
    height: float


def draw(rows: Sequence[Row]) -> Drawing:
    """Place rows one under the other."""
    names = lifelines(rows)
    places = {name: float(LEFT + number * GAP) for number, name in enumerate(names)}
    width = LEFT + max(0, len(names) - 1) * GAP + RIGHT
    placed, y = [], float(TOP)
    for row in rows:
        height = _HEIGHTS[row.look]
        x = places.get(row.sender, 0.0)
        placed.append(Placed(row, y + height * 0.72, x, places.get(row.receiver, x), height))
        y += height
    return Drawing(tuple(places.items()), tuple(placed), width, y + 24)
