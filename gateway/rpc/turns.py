"""Who gives way: a link that takes in much leaves half of the node's time to others while they have something to do.

All links share one event loop and one writer of the store. Alone, a link may have everything. While another link moves
records too, or officers ask for decisions, it works in stretches of a millisecond or two, and rests after each for as
long as the stretch took; so it does after its batch is stored. A partner that floods never has more than half, and what
the others do waits for one stretch, not for a batch. A link that has little to do does not rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

OFFICERS: Final = "officers"
"""Who asks for decisions, among those who take turns: no administration has this id."""
RECENT_SECONDS: Final = 1.0
"""So long after it moved a record a link counts as one that has something to do."""
LITTLE: Final = 0.05
"""A link that takes less than this part of the time has little to do."""
SHORTEST_REST: Final = 0.001
"""What is shorter is not worth a timer: it is owed, and added to the next."""
LONGEST_REST: Final = 1.0
WAITING_SECONDS: Final = 0.1
"""So long after a question somebody counts as waiting for answers: who asks without end asks again sooner."""


@dataclass(slots=True)
class _Work:
    """What a link has done: when it last moved a record, and the seconds that it took lately, halved every second."""

    moved_at: float
    seconds: float = 0.0
    counted_at: float = 0.0

    def count(self, seconds: float, at: float) -> None:
        self.seconds = self.seconds * 0.5 ** (at - self.counted_at) + seconds
        self.counted_at = at


class Turns:
    """Knows how much each link has worked lately. ``monotonic`` gives seconds."""

    def __init__(
        self, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._works: dict[str, _Work] = {}

    def of(self, partner: str) -> Turn:
        """Give the turns of one session of the link with this partner."""
        return Turn(self, partner, self._monotonic, self._sleep)

    def moved(self, partner: str) -> None:
        """The link with this partner has moved records, in whichever direction."""
        now = self._monotonic()
        self._works.setdefault(partner, _Work(now)).moved_at = now

    def officers_wait(self) -> bool:
        """Say whether officers ask one question after the other just now."""
        asked = self._works.get(OFFICERS)
        return asked is not None and asked.moved_at > self._monotonic() - WAITING_SECONDS

    def worked(self, partner: str, seconds: float) -> None:
        """The event loop was this link's for so long."""
        now = self._monotonic()
        self._works.setdefault(partner, _Work(now)).count(seconds, now)

    def must_rest(self, partner: str) -> bool:
        """Say whether the link has much to do, and others something."""
        own = self._works.get(partner)
        since = self._monotonic() - RECENT_SECONDS
        others = any(work.moved_at > since for other, work in self._works.items() if other != partner)
        return others and own is not None and own.seconds > LITTLE


class Turn:
    """One link's turns at the event loop and the store."""

    def __init__(
        self,
        turns: Turns,
        partner: str,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._turns = turns
        self._partner = partner
        self._monotonic = monotonic
        self._sleep = sleep
        self._began = monotonic()
        self._owed = 0.0

    def moved(self) -> None:
        """Records were moved, in whichever direction."""
        self._turns.moved(self._partner)

    def begin(self) -> None:
        """A stretch of work begins."""
        self._began = self._monotonic()

    async def pause(self) -> None:
        """The stretch is over; returns when the next one may begin."""
        self._turns.worked(self._partner, self._monotonic() - self._began)
        await self._rest()

    async def stored(self) -> None:
        """As ``pause``, after waiting for the writer of the store: the loop was everybody's meanwhile."""
        self._turns.moved(self._partner)
        await self._rest()

    async def _rest(self) -> None:
        ended = self._monotonic()
        if self._turns.must_rest(self._partner):
            self._owed = min(LONGEST_REST, self._owed + ended - self._began)
        due = self._owed if self._owed >= SHORTEST_REST else 0.0
        await self._sleep(due)  # a queue that is never empty would keep all others waiting, so also for no time at all
        self._began = self._monotonic()
        if due:
            self._owed = max(0.0, self._owed - (self._began - ended))
