"""A partner whose clock is wrong."""

from __future__ import annotations

from typing import ClassVar

from gateway.ports.world import Clock
from mock_partners.behaviours.behaviour import Behaviour
from mock_partners.behaviours.spec import Value, span


class DriftingClock(Behaviour):
    """Looks at another clock."""

    name = "drifting-clock"
    does = "Its clock is off, ahead or behind; what it states, signs and says in Hello bears the wrong time."
    honest = (
        "Beyond the skew limit they end the session with CLOCK_SKEW and say how far apart the clocks are; nothing "
        "is taken until both agree."
    )
    values: ClassVar = {"by": Value(span, "10m", "how far it is ahead; -10m: behind")}

    def clock(self, clock: Clock) -> Clock:
        """Give the wrong one."""
        return _Drifted(clock, self)


class _Drifted:
    def __init__(self, clock: Clock, behaviour: DriftingClock) -> None:
        self._clock = clock
        self._behaviour = behaviour

    def now(self) -> int:
        return self._clock.now() + (int(self._behaviour.given["by"]) if self._behaviour.on else 0)

    def monotonic(self) -> float:
        return self._clock.monotonic()
