"""Whether the line is alive: when something last went each way, and what is due."""

from __future__ import annotations

import math

from gateway.exchange.limits import LinkTimes
from gateway.exchange.moment import Moment
from mutualrecognition.federation.v1.link_pb2 import Heartbeat, LinkFrame


class Line:
    """Watches one open session. All times are monotonic seconds; ``receipt_since``: of the oldest batch under way."""

    def __init__(self, times: LinkTimes) -> None:
        self._times = times
        self._sent_at = math.inf
        self._heard_at = math.inf
        self._said_at = -math.inf

    def sent(self, at: float) -> None:
        """A frame left."""
        self._sent_at = at

    def heard(self, at: float) -> None:
        """A frame came, of whatever kind."""
        self._heard_at = at

    def wake_at(self, receipt_since: float | None, *, nothing_waits: bool) -> float:
        """Give the time of whatever is due first."""
        receipt = math.inf if receipt_since is None else receipt_since + self._times.receipt
        say = self._said_at + self._times.nothing_waits if nothing_waits else math.inf
        return min(self._sent_at + self._times.heartbeat, self._heard_at + self._times.dead, receipt, say)

    def is_dead(self, at: float) -> bool:
        """Whether nothing was heard for too long."""
        return at >= self._heard_at + self._times.dead

    def lacks_receipt(self, at: float, receipt_since: float | None) -> bool:
        """Whether the oldest batch under way waits for its receipt for too long."""
        return receipt_since is not None and at >= receipt_since + self._times.receipt

    def heartbeat(self, now: Moment, *, nothing_waits: bool) -> LinkFrame | None:
        """Give a heartbeat where this side was silent too long, or has not said for a while that nothing waits."""
        unsaid = nothing_waits and now.monotonic >= self._said_at + self._times.nothing_waits
        if not unsaid and now.monotonic < self._sent_at + self._times.heartbeat:
            return None
        if nothing_waits:
            self._said_at = now.monotonic
        return LinkFrame(heartbeat=Heartbeat(time=now.time, nothing_waits=nothing_waits))
