"""The sessions of a behaviour's node that are under way: to say something in them, or to break them off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway.rpc.link_ends import LinkEnds
from mock_partners.behaviours.behaviour import Behaviour, Own
from mutualrecognition.federation.v1.link_pb2 import LinkFrame


class Broken(ConnectionError):
    """The behaviour has broken the stream off."""


class Session:
    """One stream under way, as the behaviour's node has it."""

    def __init__(self, partner: str, ends: LinkEnds) -> None:
        self.partner = partner
        self.open = False
        self.frames_seen = 0
        self._ends = ends
        self._broken = asyncio.Event()

    async def say(self, frame: LinkFrame) -> None:
        """Send a frame; once it is broken off, that fails."""
        if self._broken.is_set():
            raise Broken("The stream was broken off.")
        await self._ends.write(frame)

    def break_off(self) -> None:
        """End it as a line that dies does: without a word."""
        self._broken.set()

    async def frames(self) -> AsyncIterator[LinkFrame]:
        """Give what comes in, until the stream ends or is broken off."""
        incoming = aiter(self._ends.incoming)
        broken = asyncio.ensure_future(self._broken.wait())
        try:
            while True:
                coming = asyncio.ensure_future(anext(incoming))
                coming.add_done_callback(_looked_at)
                try:
                    await asyncio.wait((coming, broken), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not coming.done():
                        coming.cancel()
                if not coming.done() or self._broken.is_set():
                    return
                try:
                    yield coming.result()
                except StopAsyncIteration:
                    return
        finally:
            broken.cancel()


def _looked_at(coming: asyncio.Future[LinkFrame]) -> None:
    """Take note of how a read ended for which nobody waits any more."""
    if not coming.cancelled():
        coming.exception()


class InSessions(Behaviour):
    """A behaviour that reaches into sessions frame by frame."""

    def take_part(self, own: Own) -> None:
        """Become part of a node that has no session yet."""
        super().take_part(own)
        self.sessions: list[Session] = []

    def between(self, partner: str, ends: LinkEnds) -> LinkEnds:
        """Stand there frame by frame."""
        session = Session(partner, ends)

        async def write(frame: LinkFrame) -> None:
            if self.on:
                async for each in self.going_out(session, frame):
                    await session.say(each)
            else:
                await session.say(frame)

        async def incoming() -> AsyncIterator[LinkFrame]:
            self.sessions.append(session)
            try:
                async for frame in session.frames():
                    session.open = session.open or frame.HasField("hello")
                    if not self.on:
                        yield frame
                        continue
                    async for each in self.coming_in(session, frame):
                        yield each
            finally:
                self.sessions.remove(session)

        return LinkEnds(incoming(), write)

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Give what goes out instead of a frame, while it is on."""
        yield frame

    async def coming_in(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Give what the node hears instead of a frame, while it is on."""
        yield frame

    def marked(self, frame: LinkFrame) -> LinkFrame:
        """Mark a frame as this behaviour's, for the trace."""
        return self.own.trace.mark(frame, self.name)
