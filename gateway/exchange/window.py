"""How much may be under way without receipt (docs/protocol.md, Limits).

The partner's limits are hard. Within them the bytes follow what the partner receipted in the last two seconds, so
that on a slow line an urgent record never waits behind more than two seconds of others. It begins with one record
and doubles with every receipt.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from gateway.exchange.limits import (
    ENTRY_OVERHEAD_BYTES,
    MAX_FRAME_BYTES,
    NOTE_BYTES,
    NOTE_BYTES_WITH_ML_DSA,
    LinkLimits,
)

RECENT_SECONDS: Final = 2.0
_SMALLEST_SHARE: Final = 8


class Window:
    """Counts what is under way. Times are monotonic seconds."""

    def __init__(self, limits: LinkLimits, *, post_quantum: bool) -> None:
        self._limits = limits
        self._note_bytes = NOTE_BYTES_WITH_ML_DSA if post_quantum else NOTE_BYTES
        self._batches = 0
        self._bytes = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._recent_bytes = 0

    def sent(self, size: int) -> None:
        """A batch frame of ``size`` bytes is under way."""
        self._batches += 1
        self._bytes += size

    def receipted(self, size: int, at: float) -> None:
        """The receipt for one such frame is there."""
        self._batches -= 1
        self._bytes -= size
        self._recent.append((at, size))
        self._recent_bytes += size

    def room(self, at: float) -> tuple[int, int] | None:
        """Give the records and the bytes (of salts and records) that the next batch may have; None: wait.

        While nothing is under way, one record may go whatever it weighs. While something is, a receipt will come
        and make room, so a sliver of the window is not worth a batch of its own.
        """
        if self._batches >= self._limits.window_batches:
            return None
        allowed = min(self._limits.window_bytes, self._seen_recently(at))
        left = allowed - self._bytes
        if self._batches and left <= allowed // _SMALLEST_SHARE:
            return None
        payload = min(left, self._hard_room())
        if payload > 0:
            return self._limits.batch_records, payload
        return (1, 1) if not self._batches else None

    def _hard_room(self) -> int:
        frame = min(self._limits.batch_bytes, self._limits.window_bytes - self._bytes, MAX_FRAME_BYTES)
        return frame - self._note_bytes - ENTRY_OVERHEAD_BYTES * self._limits.batch_records

    def _seen_recently(self, at: float) -> int:
        while self._recent and self._recent[0][0] < at - RECENT_SECONDS:
            self._recent_bytes -= self._recent.popleft()[1]
        return self._recent_bytes
