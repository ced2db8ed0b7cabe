"""A yardstick for machines whose speed changes: a fixed piece of plain Python, timed beside what is measured.

Times are then given as on a machine that takes ``LOOP_US`` for it, so that figures of two runs can be compared, as far
as a machine is not slower for one kind of work than for another.
"""

from __future__ import annotations

import time
from typing import Final

LOOP_US: Final = 500.0


def loop_us() -> float:
    """Give the processor time of the loop in microseconds: the least of three."""

    def once() -> float:
        began, number = time.thread_time(), 0
        for each in range(10_000):
            number = (number * 31 + each) & 0xFFFF
        return (time.thread_time() - began) * 1e6

    return min(once() for _ in range(3))
