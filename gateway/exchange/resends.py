"""How often a partner that loses its copy of this side's log gets the entries again (docs/protocol.md, Recovery)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

DAY: Final = 86400.0
LOSSES_A_DAY: Final = 3


class Resends:
    """Counts one partner's losses of the last 24 hours. ``monotonic`` gives seconds.

    A session that goes on where an earlier one broke off, further on and towards the same receipt, is no new loss: a
    poor line must not lock a partner out.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at: deque[float] = deque()
        self._lost_below = self._resumed_from = 0

    @property
    def allowed(self) -> bool:
        """Whether the entries would be sent once more."""
        self._forget()
        return len(self._at) < LOSSES_A_DAY

    def opened(self, *, lost_below: int, resume_from: int) -> None:
        """A session is open.

        The partner had receipted up to ``lost_below`` (0: it lost nothing) and lacks all from ``resume_from`` on.
        """
        goes_on = lost_below == self._lost_below and self._resumed_from < resume_from
        self._lost_below, self._resumed_from = lost_below, resume_from
        if lost_below and not goes_on:
            self._at.append(self._monotonic())

    def _forget(self) -> None:
        while self._at and self._at[0] <= self._monotonic() - DAY:
            self._at.popleft()
