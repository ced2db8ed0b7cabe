"""Time and chance, so that a simulated world can own both."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The time of this node."""

    def now(self) -> int:
        """POSIX seconds, as records, receipts and heartbeats carry them; may be set back by an operator."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never set back: for time-outs, back-off and measured durations."""
        ...


class Randomness(Protocol):
    """Chance of cryptographic quality."""

    def salts(self, count: int) -> list[bytes]:
        """As many fresh salts of 16 bytes each."""
        ...

    def session_id(self) -> bytes:
        """16 bytes that name one end of a session."""
        ...

    def record_id(self) -> str:
        """A UUIDv7 as canonical lower-case text; within a process each one sorts after the one before."""
        ...

    def jitter(self) -> float:
        """A number from 0 up to 1, for back-off."""
        ...
