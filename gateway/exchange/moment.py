"""A point of time on both clocks of a node."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """``time``: POSIX seconds, for what is stated and signed. ``monotonic``: seconds, for what is waited for."""

    time: int
    monotonic: float
