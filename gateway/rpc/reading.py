"""Reading a stream that this side dialled, without ending it when the reader stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import grpc

from mutualrecognition.federation.v1.link_pb2 import LinkFrame


class DialledFrames(AsyncIterator[LinkFrame]):
    """The frames that come in on a call.

    gRPC cancels a call whose read is cancelled, and what was written but has not arrived is lost with it: the Goodbye
    first of all. So a read that nobody waits for any more goes on here, and its frame is given to the next reader.
    """

    def __init__(self, call: grpc.aio.StreamStreamCall[LinkFrame, LinkFrame]) -> None:
        self._call = call
        self._read: asyncio.Task[LinkFrame | object] | None = None

    def __aiter__(self) -> Self:
        """Give itself: there is one stream."""
        return self

    async def __anext__(self) -> LinkFrame:
        """Give the next frame; grpc.RpcError when the call has failed."""
        if self._read is None:
            self._read = asyncio.ensure_future(self._call.read())
        frame = await asyncio.shield(self._read)
        self._read = None
        if not isinstance(frame, LinkFrame):
            raise StopAsyncIteration
        return frame

    async def part(self, seconds: float) -> None:
        """End this side's half and read on, so long, until the other side has ended too: it has heard all by then."""
        try:
            async with asyncio.timeout(seconds):
                await self._call.done_writing()
                async for _ in self:
                    pass
        except (grpc.RpcError, asyncio.InvalidStateError, TimeoutError):
            pass  # it has ended by itself, or does not end

    def drop(self) -> None:
        """Cancel the call and whatever is still being read."""
        self._call.cancel()
        if self._read is not None:
            self._read.cancel()
