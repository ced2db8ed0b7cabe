"""What a record's times are worth against a clock."""

from __future__ import annotations

from gateway.errors import Violation
from mutualrecognition.records.v1.record_pb2 import Record

AHEAD_SECONDS = 300
"""How far issued_at may be ahead of this side's clock: clocks differ, but nobody states what is yet to come."""


def check_time(record: Record, now: int) -> tuple[Violation, ...]:
    """Tell whether ``record`` was issued in the future; ``now`` in POSIX seconds, by the caller's clock."""
    ahead = record.header.issued_at.seconds - now
    if ahead <= AHEAD_SECONDS:
        return ()
    sentence = f"issued_at is {ahead} seconds ahead of this side's clock; at most {AHEAD_SECONDS} are allowed."
    return (Violation("header.issued_at", "header.issued_in_future", sentence),)
