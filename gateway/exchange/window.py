"""How much may be under way without receipt (docs/protocol.md, Limits).

The partner's limits are hard. Within them the bytes follow what the partner receipted in the last two seconds, so
that on a slow line an urgent record never waits behind more than two seconds of others; beyond 512 KiB, what it
receipted in the last third of a second, so that on a fast line nothing new waits long behind a backlog. So much under
way carries a thousand records a second around half the earth. It begins with one record and doubles with every receipt.
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
AT_ONCE_SECONDS: Final = 0.35
AT_ONCE_BYTES: Final = 512 * 1024
_SMALLEST_SHARE: Final = 8


class Window:
    """Counts what is under way. Times are monotonic seconds."""

    def __init__(self, limits: LinkLimits, *, post_quantum: bool) -> None:
        self._limits = limits
        self._note_bytes = NOTE_BYTES_WITH_ML_DSA if post_quantum else NOTE_BYTES
        self._batches = 0
        self._bytes = 0
        self._recent = _Recent(RECENT_SECONDS)
        self._just_now = _Recent(AT_ONCE_SECONDS)

    def sent(self, size: int) -> None:
        """A batch frame of ``size`` bytes is under way."""
        self._batches += 1
        self._bytes += size

    def receipted(self, size: int, at: float) -> None:
        """The receipt for one such frame is there."""
        self._batches -= 1
        self._bytes -= size
        self._recent.add(size, at)
        self._just_now.add(size, at)

    def room(self, at: float) -> tuple[int, int] | None:
        """Give the records and the bytes (of salts and records) that the next batch may have; None: wait.

        While nothing is under way, one record may go whatever it weighs. While something is, a receipt will come
        and make room, so a sliver of the window is not worth a batch of its own.
        """
        if self._batches >= self._limits.window_batches:
            return None
        recent = min(self._recent.sum(at), AT_ONCE_BYTES)
        allowed = min(self._limits.window_bytes, max(recent, self._just_now.sum(at)))
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


class _Recent:
    """The bytes that were receipted within so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._receipted: deque[tuple[float, int]] = deque()
        self._bytes = 0

    def add(self, size: int, at: float) -> None:
        self._receipted.append((at, size))
        self._bytes += size

    def sum(self, at: float) -> int:
        while self._receipted and self._receipted[0][0] < at - self._seconds:
            self._bytes -= self._receipted.popleft()[1]
        return self._bytes
