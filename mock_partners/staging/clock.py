"""One clock for all nodes of a scenario: the time of day moves only when the scenario says so."""

from __future__ import annotations

import time


class StageClock:
    """A wall clock that is set, and the machine's own monotonic one.

    A day can pass at once, for what is stated and signed; heartbeats, time-outs and back-off are waited for in real
    seconds and notice nothing.
    """

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """POSIX seconds."""
        return self._now

    def monotonic(self) -> float:
        """Seconds, never set back."""
        return time.monotonic()

    def advance(self, seconds: int) -> None:
        """Let time pass. ValueError when it should run backwards."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += seconds
