"""The timekeeper: calls what must look at the clock, so that deadlines pass although nobody calls.

A duty is a coroutine that is given the node's time about every second of real time. Each has a task of its own: one
that fails or hangs keeps no other waiting. A duty must find what is due by looking it up, since it is called so often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from gateway.ports.world import Clock

TICK_SECONDS: Final = 1.0

Duty = Callable[[int], Awaitable[None]]
Pause = Callable[[], Awaitable[None]]
_log = structlog.get_logger(__name__)


async def _a_second() -> None:
    await asyncio.sleep(TICK_SECONDS)


class Timekeeper:
    """Owns all duties of a node. ``pause`` is what lies between two calls of a duty: a test hands in its own."""

    def __init__(self, clock: Clock, *, pause: Pause = _a_second) -> None:
        self._clock = clock
        self._pause = pause
        self._duties: dict[str, Duty] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, name: str, duty: Duty) -> None:
        """Have ``duty`` called from the start on; ``name`` says in the log which one fails."""
        if name in self._duties or self._tasks:
            raise ValueError(f"{name}: duties have different names, and are added before the start.")
        self._duties[name] = duty

    def start(self) -> None:
        """Call every duty at once, and from then on again and again."""
        self._tasks = [asyncio.create_task(self._keep(name, duty)) for name, duty in self._duties.items()]

    async def stop(self) -> None:
        """End every duty where it stands: what it does durably, it does in one transaction."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _keep(self, name: str, duty: Duty) -> None:
        """Call a duty for ever. A failure is logged when it begins, and its end, not every second in between."""
        failure = ""
        while True:
            try:
                await duty(self._clock.now())
            except Exception as error:  # noqa: BLE001  whatever it is, the next second is another chance
                if failure != repr(error):
                    failure = repr(error)
                    _log.error("a timed duty fails", duty=name, exc_info=error)
            else:
                if failure:
                    failure = ""
                    _log.info("a timed duty works again", duty=name)
            await self._pause()
