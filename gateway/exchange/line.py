"""Whether the line is alive: when something last went each way, and what is due."""

from __future__ import annotations

import math

from gateway.exchange.limits import LinkTimes


class Line:
    """Watches one open session. All times are monotonic seconds; ``receipt_since``: of the oldest batch under way."""

    def __init__(self, times: LinkTimes) -> None:
        self._times = times
        self._sent_at = math.inf
        self._heard_at = math.inf

    def sent(self, at: float) -> None:
        """A frame left."""
        self._sent_at = at

    def heard(self, at: float) -> None:
        """A frame came, of whatever kind."""
        self._heard_at = at

    def wake_at(self, receipt_since: float | None) -> float:
        """Give the time of whatever is due first."""
        receipt = math.inf if receipt_since is None else receipt_since + self._times.receipt
        return min(self._sent_at + self._times.heartbeat, self._heard_at + self._times.dead, receipt)

    def is_dead(self, at: float) -> bool:
        """Whether nothing was heard for too long."""
        return at >= self._heard_at + self._times.dead

    def lacks_receipt(self, at: float, receipt_since: float | None) -> bool:
        """Whether the oldest batch under way waits for its receipt for too long."""
        return receipt_since is not None and at >= receipt_since + self._times.receipt

    def needs_heartbeat(self, at: float) -> bool:
        """Whether this side was silent for so long that it must show that it lives."""
        return at >= self._sent_at + self._times.heartbeat
