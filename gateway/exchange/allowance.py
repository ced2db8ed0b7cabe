"""An allowance that fills up with time: what one partner may take of something that all of them share."""

from __future__ import annotations


class Allowance:
    """A token bucket. It is full at first; times are monotonic seconds."""

    def __init__(self, *, at_once: float, a_second: float) -> None:
        self._at_once = at_once
        self._a_second = a_second
        self._left = at_once
        self._since: float | None = None

    def spend(self, amount: float, at: float) -> bool:
        """Take so much, and tell whether it was there; nothing is taken when it was not.

        What is more than the bucket ever holds is there when the bucket is full.
        """
        if self._since is not None:
            self._left = min(self._at_once, self._left + max(0.0, at - self._since) * self._a_second)
        self._since = at
        if self._left < min(amount, self._at_once):
            return False
        self._left = max(0.0, self._left - amount)
        return True

    def seconds_until(self, amount: float) -> float:
        """Give how long it takes, from the last ``spend`` on, until so much is there."""
        return max(0.0, min(amount, self._at_once) - self._left) / self._a_second
