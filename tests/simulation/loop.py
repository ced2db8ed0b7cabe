"""An event loop whose time is made up: it never waits, it jumps to whatever is due next.

The product's own coroutines run on it unchanged. Nothing here depends on the machine: no sockets, no threads, no clock.
What the product hands to a thread runs in the loop, after a little simulated time.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from heapq import heappop
from typing import Any

THREAD_SECONDS = 0.0004


class Stalled(Exception):
    """Nothing will ever happen again, and somebody waits."""


class Process:
    """The tasks of one process: all end at once when it is killed, and nothing of it is heard after that."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine as a part of this process."""
        context = contextvars.copy_context()
        context.run(PROCESS.set, self)
        return context.run(asyncio.get_running_loop().create_task, work)

    def adopt(self, task: asyncio.Task[Any]) -> None:
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    def kill(self) -> None:
        """End it here and now. Its coroutines are unwound, and whatever they try meanwhile has no effect."""
        self.alive = False
        for task in tuple(self._tasks):
            task.cancel()


PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)


class SimulatedLoop(asyncio.BaseEventLoop):
    """``time()`` is simulated seconds from 0."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self.set_task_factory(_owned_task)

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        """Let the time go by until something is due, and run it: the base class's turn, without a selector to ask."""
        ready, timers = self._ready, self._scheduled  # type: ignore[attr-defined]
        while timers and timers[0].cancelled():
            heappop(timers)
        if not ready and not self._stopping:  # type: ignore[attr-defined]
            if not timers:
                raise Stalled
            self._now = timers[0].when()
        while timers and timers[0].when() <= self._now:
            ready.append(heappop(timers))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                self._run(handle)

    def _run(self, handle: asyncio.Handle) -> None:
        handle._run()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = self.create_future()
        self.call_later(THREAD_SECONDS, _run, future, PROCESS.get(), func, args)
        return future

    def _write_to_self(self) -> None:
        pass


def _run(future: asyncio.Future[Any], process: Process | None, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
    if future.done() or (process is not None and not process.alive):
        return
    try:
        future.set_result(func(*args))
    except Exception as error:
        future.set_exception(error)


def _owned_task(loop: asyncio.AbstractEventLoop, work: Any, context: contextvars.Context | None = None) -> Any:
    task = asyncio.Task(work, loop=loop, context=context)
    process = PROCESS.get() if context is None else context.get(PROCESS)
    if process is not None:
        process.adopt(task)
    return task
