"""Waking those who wait for new records: Watch streams, dialers with something to send."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from itertools import count


class Arrivals:
    """How far the store has come, and who waits for more. Used in the event loop's thread only."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._ticket = count()

    def advance(self, newest: int) -> None:
        """Note a commit, and wake those who waited for it; costs nothing when nobody does."""
        self.newest = max(self.newest, newest)
        while self._waiting and self._waiting[0][0] < self.newest:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)

    async def beyond(self, sequence: int) -> None:
        """Return when a record after ``sequence`` is stored."""
        if sequence < self.newest:
            return
        place = (sequence, next(self._ticket), asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, place)
        try:
            await place[2]
        except asyncio.CancelledError:
            self._leave(place)
            raise

    def _leave(self, place: tuple[int, int, asyncio.Future[None]]) -> None:
        with contextlib.suppress(ValueError):  # it was woken and cancelled at once
            self._waiting.remove(place)
            heapq.heapify(self._waiting)
