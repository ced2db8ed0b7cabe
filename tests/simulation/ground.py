"""Time and chance of a simulated node."""

from __future__ import annotations

import asyncio
from random import Random

from tests.simulation import cast

ACCEPTABLE_SKEW = 150
"""Two nodes that are out by this, each its own way, still talk to each other."""


class NodeClock:
    """A node's clock: ``ahead`` is how far it is set wrong."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.ahead = 0
        self.was_wild = self.was_wrong = False

    def set_wrong(self, ahead: int) -> None:
        self.ahead = ahead
        self.was_wrong |= ahead != 0
        self.was_wild |= abs(ahead) > ACCEPTABLE_SKEW

    def now(self) -> int:
        return cast.START + int(self._loop.time()) + self.ahead

    def monotonic(self) -> float:
        return 1000.0 + self._loop.time()


class NodeChance:
    """Salts and ids of one node; record ids ascend as those of the product do, over its restarts too."""

    def __init__(self, chance: Random, place: int) -> None:
        self._chance = chance
        self._place = place
        self._count = 0

    def salts(self, count: int) -> list[bytes]:
        return [self._chance.randbytes(16) for _ in range(count)]

    def session_id(self) -> bytes:
        return self._chance.randbytes(16)

    def record_id(self) -> str:
        self._count += 1
        return f"01a00000-{self._count >> 12:04x}-7{self._count & 0xFFF:03x}-8000-{self._place:012x}"

    def jitter(self) -> float:
        return self._chance.random()
