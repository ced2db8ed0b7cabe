"""Shares of few cases: what a count can mean, so that small numbers do not look certain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959963984540054
"""The normal distribution lies between minus and plus this with a probability of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """``cases`` of ``total``, with the interval that holds the true share with 95 % confidence, each end 0 to 1.

    The interval is Wilson's score interval: it stays within 0 and 1, and is honest where there are few cases or none.
    """

    cases: int
    total: int

    @property
    def value(self) -> float | None:
        """The share itself; None of nothing."""
        return self.cases / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end; of nothing, everything is possible."""
        if not self.total:
            return 0.0, 1.0
        share, square = self.cases / self.total, _Z * _Z / self.total
        middle = (share + square / 2) / (1 + square)
        half = _Z * math.sqrt(share * (1 - share) / self.total + square / (4 * self.total)) / (1 + square)
        low = 0.0 if self.cases == 0 else max(0.0, middle - half)
        high = 1.0 if self.cases == self.total else min(1.0, middle + half)
        return low, high


def median(ascending: list[int]) -> int | None:
    """Give the middle of sorted values, the lower one of two; None of none."""
    return ascending[(len(ascending) - 1) // 2] if ascending else None


def at_most(ascending: list[int], per_cent: int) -> int | None:
    """Give the smallest of sorted values that is not exceeded by so many per cent of them; None of none."""
    return ascending[math.ceil(len(ascending) * per_cent / 100) - 1] if ascending else None
