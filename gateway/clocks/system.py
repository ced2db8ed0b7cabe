"""The machine's clock and the kernel's randomness."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

_SALT_BYTES: Final = 16
_ID_BYTES: Final = 8
_RANDOM_BITS: Final = 53


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """POSIX seconds."""
        return int(time.time())

    def monotonic(self) -> float:
        """Seconds, never set back."""
        return time.monotonic()


class SystemRandomness:
    """Chance from the kernel. UUIDs ascend within a process, also when the clock is set back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._stock: list[bytes] = []

    def salts(self, count: int) -> list[bytes]:
        """Fresh salts of 16 bytes each, from one system call."""
        return _pieces(os.urandom(_SALT_BYTES * count), _SALT_BYTES)

    def session_id(self) -> bytes:
        """16 bytes."""
        return os.urandom(16)

    def record_id(self) -> str:
        """A UUIDv7 (RFC 9562, section 5.7; method 3 of 6.2: 12 more bits of the clock where it allows random ones)."""
        with self._lock:
            milliseconds, fraction = divmod(time.time_ns(), 1_000_000)
            self._last = max(self._last + 1, milliseconds << 12 | fraction * 4096 // 1_000_000)
            stamp = self._last
            if not self._stock:  # a call to the kernel for every id would cost a thread switch each
                self._stock = _pieces(os.urandom(_ID_BYTES * 512), _ID_BYTES)
            chance = self._stock.pop()
        tail = f"{0b10 << 62 | int.from_bytes(chance) & (1 << 62) - 1:016x}"
        time_high = f"{stamp >> 12:012x}"
        return f"{time_high[:8]}-{time_high[8:]}-7{stamp & 0xFFF:03x}-{tail[:4]}-{tail[4:]}"

    def jitter(self) -> float:
        """A number from 0 up to 1."""
        return (int.from_bytes(os.urandom(7)) & (1 << _RANDOM_BITS) - 1) / (1 << _RANDOM_BITS)


def _pieces(drawn: bytes, size: int) -> list[bytes]:
    return [drawn[start : start + size] for start in range(0, len(drawn), size)]
