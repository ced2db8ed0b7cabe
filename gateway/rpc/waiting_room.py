"""Where frames of one stream wait between the transport and the session: bounded by their number and their bytes.

Beyond that the stream is read no further, and its flow control slows the peer. What a peer within its window may have
on the way always has room, so that two busy ends do not wait for each other for ever.
"""

from __future__ import annotations

import asyncio


class WaitingRoom:
    """Room for so many frames and bytes; a frame that finds the room empty always enters."""

    def __init__(self, *, frames: int, size_bytes: int) -> None:
        self._frames = frames
        self._bytes = size_bytes
        self.frames = 0
        self.size_bytes = 0
        self._left = asyncio.Event()

    async def enter(self, size_bytes: int) -> None:
        """Wait until there is room. One frame after the other enters: whoever reads the stream waits."""
        while self.frames and (self.frames >= self._frames or self.size_bytes + size_bytes > self._bytes):
            self._left.clear()
            await self._left.wait()
        self.frames += 1
        self.size_bytes += size_bytes

    def leave(self, size_bytes: int) -> None:
        """A frame is dealt with."""
        self.frames -= 1
        self.size_bytes -= size_bytes
        self._left.set()
