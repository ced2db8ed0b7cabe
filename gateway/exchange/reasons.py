"""What a link does after a session has ended (docs/protocol.md, Reasons), and how long it waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

HOUR: Final = 3600.0
OFFENCES_THAT_SUSPEND: Final = 3


class Afterwards(Enum):
    """What follows a reason, whichever side gave it."""

    DIAL_AT_ONCE = auto()
    """Nothing is wrong; for ``DESCRIPTOR_STALE`` after the newer descriptor was fetched."""
    DO_NOT_DIAL = auto()
    """Another session is open."""
    BACK_OFF = auto()
    """It passes by itself."""
    BACK_OFF_UNTIL_MENDED = auto()
    """Dialling goes on, but people have to act: shown to operators."""
    OFFENCE = auto()
    """Back-off; the third within an hour suspends (``Offences``)."""
    SUSPEND = auto()
    """Until operators resume."""


_AFTERWARDS: Final = {
    "RENEW": Afterwards.DIAL_AT_ONCE,
    "DESCRIPTOR_STALE": Afterwards.DIAL_AT_ONCE,
    "SUPERSEDED": Afterwards.DO_NOT_DIAL,
    "SHUTDOWN": Afterwards.BACK_OFF,
    "TIMEOUT": Afterwards.BACK_OFF,
    "OVERLOADED": Afterwards.BACK_OFF,
    "UNAVAILABLE": Afterwards.BACK_OFF,
    "INTERNAL": Afterwards.BACK_OFF,
    "OUT_OF_ORDER": Afterwards.BACK_OFF,
    "UNKNOWN_PEER": Afterwards.BACK_OFF_UNTIL_MENDED,
    "IDENTITY_MISMATCH": Afterwards.BACK_OFF_UNTIL_MENDED,
    "VERSION_UNSUPPORTED": Afterwards.BACK_OFF_UNTIL_MENDED,
    "CLOCK_SKEW": Afterwards.BACK_OFF_UNTIL_MENDED,
    "AGREEMENT_MISMATCH": Afterwards.BACK_OFF_UNTIL_MENDED,
    "LINK_SUSPENDED": Afterwards.BACK_OFF_UNTIL_MENDED,
    "KEY_NOT_VALID": Afterwards.BACK_OFF_UNTIL_MENDED,
    "LOG_RENEWED": Afterwards.BACK_OFF_UNTIL_MENDED,
    "MALFORMED": Afterwards.OFFENCE,
    "LIMIT_EXCEEDED": Afterwards.OFFENCE,
    "SIGNATURE_INVALID": Afterwards.SUSPEND,
    "ROOT_MISMATCH": Afterwards.SUSPEND,
    "LOG_FORK": Afterwards.SUSPEND,
    "LOG_ROLLBACK": Afterwards.SUSPEND,
    "DESCRIPTOR_FORK": Afterwards.SUSPEND,
}

REASONS: Final = frozenset(_AFTERWARDS)
"""Every reason that may stand in a Goodbye."""

NOT_TOLD: Final = frozenset({"UNKNOWN_PEER"})
"""Told by the status of the call alone, without detail: a stranger learns nothing."""


def afterwards(reason: str) -> Afterwards:
    """Say what follows a reason; one that this version does not know is waited out."""
    return _AFTERWARDS.get(reason, Afterwards.BACK_OFF)


def spoken(reason: str) -> str:
    """Give the reason as a Goodbye says it: what is no reason of the protocol is an inner fault of this node."""
    return reason if reason in REASONS else "INTERNAL"


class Backoff:
    """How long one link waits before it dials again, with jitter so that a healed network is not stormed.

    Waits grow from half a second to 5 s, after an hour of outage to 30 s, and start anew when a session has opened.
    ``jitter`` gives a number from 0 up to 1.
    """

    FIRST: Final = 0.5
    IN_THE_FIRST_HOUR: Final = 5.0
    LATER: Final = 30.0
    LONGEST_WISH: Final = HOUR

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._since: float | None = None
        self._attempts = 0

    def opened(self) -> None:
        """A session is open: the outage is over."""
        self._since = None
        self._attempts = 0

    def delay(self, monotonic: float, *, retry_after: int = 0) -> float:
        """Give the seconds to wait from now; the peer's wish is honoured, up to an hour."""
        if self._since is None:
            self._since = monotonic
        highest = self.IN_THE_FIRST_HOUR if monotonic - self._since < HOUR else self.LATER
        ceiling = min(highest, self.FIRST * 2.0 ** min(self._attempts + 1, 16))
        self._attempts += 1
        drawn = self.FIRST + self._jitter() * (ceiling - self.FIRST)
        return max(drawn, min(float(retry_after), self.LONGEST_WISH))


class Offences:
    """Counts what one peer did against the protocol's form within the last hour."""

    def __init__(self) -> None:
        self._at: deque[float] = deque()

    def suspends(self, reason: str, monotonic: float) -> bool:
        """Note that a session ended so, and say whether the link is to be suspended for it."""
        then = afterwards(reason)
        if then is Afterwards.OFFENCE:
            self._at.append(monotonic)
        while self._at and self._at[0] <= monotonic - HOUR:
            self._at.popleft()
        third = then is Afterwards.OFFENCE and len(self._at) >= OFFENCES_THAT_SUSPEND
        return third or then is Afterwards.SUSPEND

    def forgiven(self) -> None:
        """An operator resumed the link."""
        self._at.clear()
