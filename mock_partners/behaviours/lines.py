"""A partner at the end of a bad line, or one that uses a good line badly: frames late, twice, in another order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

from gateway.rpc.link_ends import LinkEnds
from mock_partners.behaviours.behaviour import Behaviour, Own
from mock_partners.behaviours.sessions import Broken, InSessions, Session
from mock_partners.behaviours.signing import half_batch
from mock_partners.behaviours.spec import Value, count, span
from mutualrecognition.federation.v1.link_pb2 import LinkFrame


class Late(Behaviour):
    """Holds what it sends."""

    name = "late"
    does = "Everything that it sends goes out later than it was said, in its order."
    honest = "They wait: what is not there yet is never taken for clear, and when it comes, it counts as if in time."
    values: ClassVar = {"by": Value(span, "5s", "how much later")}

    def between(self, partner: str, ends: LinkEnds) -> LinkEnds:  # noqa: ARG002  as whatever stands there
        """Hold what goes out in a queue; whoever writes need not wait."""
        held: asyncio.Queue[tuple[float, LinkFrame]] = asyncio.Queue()
        now = self.own.clock.monotonic

        async def let_go() -> None:
            while True:
                due, frame = await held.get()
                await self.while_on(due - now())
                await ends.write(frame)

        async def write(frame: LinkFrame) -> None:
            by = self.given["by"] if self.on else 0.0
            held.put_nowait((now() + by, self.own.trace.mark(frame, self.name) if by else frame))

        async def incoming() -> AsyncIterator[LinkFrame]:
            letting_go = asyncio.create_task(let_go())
            try:
                async for frame in ends.incoming:
                    yield frame
            finally:
                letting_go.cancel()

        return LinkEnds(incoming(), write)


class Slow(InSessions):
    """Reads slowly."""

    name = "slow"
    does = "It takes one frame at a time, with a pause after each: receipts come slowly, and its window is always full."
    honest = "They keep within its window and let the rest wait for it alone; other partners notice nothing."
    values: ClassVar = {"every": Value(span, "1s", "the pause after each frame")}

    async def coming_in(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Let it wait."""
        if session.open and not frame.HasField("goodbye"):
            await self.while_on(self.given["every"])
        yield frame


class Flapping(InSessions):
    """Breaks its sessions off."""

    name = "flapping"
    does = "It breaks the stream off, without a word, after a few frames; what is under way is lost, receipts too."
    honest = (
        "They dial again after a back-off that a session resets, and go on where both logs say: nothing is lost "
        "or taken twice."
    )
    values: ClassVar = {"after": Value(count, "4", "frames in both directions until it breaks")}

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Lose the frame with which it breaks."""
        if self._breaks(session):
            self._break_off(session)
            raise Broken("The stream was broken off.")
        yield frame

    async def coming_in(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Break, or hear it."""
        if self._breaks(session):
            self._break_off(session)
            return
        yield frame

    def _break_off(self, session: Session) -> None:
        session.break_off()
        own = self.own.administration
        self.own.trace.deed(own, "breaks off", partner=session.partner, behaviour=self.name)

    def _breaks(self, session: Session) -> bool:
        session.frames_seen += 1
        return bool(session.frames_seen > self.given["after"])


class Duplicating(InSessions):
    """Says things twice."""

    name = "duplicating"
    does = "It sends every batch and every receipt twice."
    honest = (
        "They take a batch once: the second ends the session with OUT_OF_ORDER, and the next goes on. A receipt "
        "that is known changes nothing."
    )

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Give batches and receipts twice."""
        yield frame
        if session.open and frame.WhichOneof("frame") in ("batch", "receipt"):
            yield self.marked(_copy(frame))


class Reordering(InSessions):
    """Sends the second half first."""

    name = "reordering"
    does = (
        "It sends each batch in two halves, each signed, the second half first; what it has to send again goes in "
        "order."
    )
    honest = (
        "They take nothing out of order: the session ends with OUT_OF_ORDER, the next brings everything, each "
        "record at its place."
    )

    def take_part(self, own: Own) -> None:
        """Become part of a node that has sent nothing yet."""
        super().take_part(own)
        self._done: set[tuple[str, int]] = set()

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Give the halves in the wrong order, each batch once."""
        batch = frame.batch
        if len(batch.entries) < 2 or (session.partner, batch.first) in self._done:
            yield frame
            return
        self._done.add((session.partner, batch.first))
        half = len(batch.entries) // 2
        yield self.marked(await half_batch(self.own, session.partner, batch, half, None))
        yield self.marked(await half_batch(self.own, session.partner, batch, 0, half))


class Replaying(InSessions):
    """Says again what it has said long ago."""

    name = "replaying"
    does = "After each batch it sends its first one again, as it was recorded."
    honest = (
        "They take an index once, whatever was signed for it then: OUT_OF_ORDER ends the session, and the log "
        "goes on where it stands."
    )

    def take_part(self, own: Own) -> None:
        """Become part of a node that has sent nothing yet."""
        super().take_part(own)
        self._recorded: dict[str, LinkFrame] = {}

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Let the first batch that it recorded follow a new one."""
        yield frame
        if frame.HasField("batch"):
            first = self._recorded.setdefault(session.partner, _copy(frame))
            if first.batch.first != frame.batch.first:
                yield self.marked(_copy(first))


def _copy(frame: LinkFrame) -> LinkFrame:
    copied = LinkFrame()
    copied.CopyFrom(frame)
    return copied
