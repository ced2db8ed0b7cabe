"""Watching lives: what records bear on, and what the clock did, from a cursor on.

A cursor is how far the watch has looked in this node's order of records, and up to when in its deadlines. Nothing is
kept for a reader: the next look waits until it has taken the last message. What happened several times meanwhile is
told once, as it then stands; and a deadline that has passed is told once for each cursor.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from gateway.errors import Malformed
from gateway.ports.records import RecordQuery, Records, StoredRecord
from gateway.ports.world import Clock
from gateway.rpc.cursors import place_of, sequence_of
from gateway.rpc.deadline_bell import DeadlineBell

WATCH_RECORDS: Final = 50
WATCH_BYTES: Final = 128 * 1024


class Life(Protocol):
    """What is watched: the lives of requests, or of alerts."""

    @property
    def key(self) -> Any:  # noqa: ANN401
        """Which one it is."""
        ...


L = TypeVar("L", bound=Life)


class Cursor(NamedTuple):
    """A place: a sequence, and the last second whose deadlines were told."""

    sequence: int
    told_until: int

    def __str__(self) -> str:
        """Write it as it is given out."""
        return f"{self.sequence}.{self.told_until}"


@dataclass(frozen=True, slots=True)
class Watched(Generic[L]):
    """Where lives come from: records of some kinds, and deadlines beyond one second up to another."""

    kinds: frozenset[str]
    bearing_on: Callable[[Sequence[StoredRecord]], Awaitable[Sequence[L]]]
    due: Callable[[int, int], Awaitable[Sequence[L]]]


class LifeWatch:
    """Makes watches."""

    def __init__(self, *, records: Records, bell: DeadlineBell, clock: Clock) -> None:
        self._records = records
        self._bell = bell
        self._clock = clock

    async def begin(self, text: str, *, from_now: bool) -> Cursor:
        """Read where a watch is to begin.

        Raises:
            Malformed: the cursor is none that a node gives out, or comes with ``from_now``.
        """
        if from_now and text:
            raise Malformed("from_now goes with an empty cursor only.")
        if from_now or not text:
            return Cursor(await self._records.newest() if from_now else 0, self._clock.now() - 1)
        sequence, _, told_until = text.partition(".")
        if not told_until:
            raise Malformed("This cursor is none that this node gave out.")
        return Cursor(place_of(sequence, await self._records.newest()), sequence_of(told_until, "cursor"))

    async def watch(self, cursor: Cursor, watched: Watched[L]) -> AsyncIterator[tuple[Sequence[L], Cursor]]:
        """Give lives to which something happened after the cursor, with the cursor after it, for ever."""
        query = RecordQuery(kinds=watched.kinds)
        while True:
            ring = self._bell.next_ring
            until = max(self._clock.now() - 1, cursor.told_until)
            page, reached = await self._records.after(
                cursor.sequence, limit=WATCH_RECORDS, size_bytes=WATCH_BYTES, query=query
            )
            found = {life.key: life for life in await watched.bearing_on(page)} if page else {}
            if until > cursor.told_until:
                found |= {life.key: life for life in await watched.due(cursor.told_until, until)}
            stood, cursor = cursor, Cursor(reached, until)
            if found:
                yield list(found.values()), cursor
            elif reached == stood.sequence:
                await self._wait(cursor, ring)

    async def _wait(self, cursor: Cursor, ring: asyncio.Event) -> None:
        """Wait for a record or for the bell, whichever is first."""
        waits = [asyncio.ensure_future(self._records.wait_beyond(cursor.sequence)), asyncio.ensure_future(ring.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
