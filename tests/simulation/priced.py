"""A simulated world in which the work of one node costs time: who works long keeps the others of that node waiting.

One processor runs the node's event loop, and another one its store's writer. What they do there is the product's own code;
how long it takes is made up, in proportion to what was measured, and several times that, as on a slow machine. So how
long one partner's records wait for another's can be told without a clock, and is the same in every run.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import apsw

from gateway.exchange.batches import HeldLog
from gateway.exchange.judging import Judge
from gateway.stores.sqlite import logs
from gateway.stores.sqlite.group_commit import Outcome
from tests.simulation import store
from tests.simulation.loop import PROCESS, SimulatedLoop

SLOW = 6.0
"""How many times slower than the machine on which the prices were found."""

STEP = SLOW * 20e-6
"""Seconds of one turn of the loop, whatever it does."""
VERIFYING = SLOW * 8e-6
"""Seconds for each entry of a batch: hashes, and its place in the tree."""
READING = SLOW * 15e-6
JUDGING = SLOW * 35e-6
READING_BYTE = SLOW * 20e-9
FILING = SLOW * 10e-6
"""Seconds for the keys of a record, before its transaction."""
TRANSACTION = SLOW * 1.5e-3
ROW = SLOW * 2e-6


class PricedLoop(SimulatedLoop):
    """``time()`` goes on while ``priced`` works; what is due for it meanwhile waits until it is done."""

    def __init__(self, priced: str) -> None:
        super().__init__()
        self._priced = priced
        self._busy_until = 0.0
        self._spent = 0.0
        self._queue: deque[asyncio.Handle] = deque()
        self._wakes: asyncio.TimerHandle | None = None

    def time(self) -> float:
        return self._now + self._spent

    def spend(self, seconds: float) -> None:
        """The node has worked for so long, if it is the node that runs now."""
        if self.runs_priced():
            self._spent += seconds

    def runs_priced(self) -> bool:
        process = PROCESS.get()
        return process is not None and process.name == self._priced

    def _run_once(self) -> None:
        ready = self._ready  # type: ignore[attr-defined]
        if self._queue and not ready and (self._wakes is None or self._wakes.cancelled()):
            self._wakes = self.call_at(max(self._now, self._busy_until), self._free)
        super()._run_once()

    def _free(self) -> None:
        """The processor is free again: the next one has it."""
        self._wakes = None
        if self._queue:
            self._work(self._queue.popleft())

    def _run(self, handle: asyncio.Handle) -> None:
        process = handle._context.get(PROCESS)
        if process is not None and process.name == self._priced:
            self._queue.append(handle)
        else:
            handle._run()

    def _work(self, handle: asyncio.Handle) -> None:
        if handle.cancelled():
            return
        self._spent = STEP
        handle._run()
        self._busy_until, self._spent = self._now + self._spent, 0.0


class PricedWriter(store.SimulatedWriter):
    """A transaction of the priced node takes as long as its rows are worth; of the others, always the same."""

    def __init__(self, connection: apsw.Connection, *more: Any) -> None:
        super().__init__(connection, *more)
        self._connection = connection
        self._found: tuple[list[Outcome], int] = ([], 0)

    def _begin(self) -> None:
        self._under_way, self._waiting = self._waiting, []
        before = self._connection.total_changes()
        self._found = super()._transact()  # to know what it is worth; who waits for it hears of it at its end
        rows = self._connection.total_changes() - before
        priced = isinstance(self._loop, PricedLoop) and self._loop.runs_priced()
        self._loop.call_later(TRANSACTION + rows * ROW if priced else TRANSACTION, self._end)

    def _transact(self) -> tuple[list[Outcome], int]:
        return self._found


@contextmanager
def prices(loop: PricedLoop) -> Iterator[None]:
    """Have the product's work cost time in this loop."""

    def priced(owner: Any, name: str, price: Callable[..., float]) -> Any:
        work = getattr(owner, name)

        def working(*arguments: Any, **more: Any) -> Any:
            loop.spend(price(*arguments))
            return work(*arguments, **more)

        return patch.object(owner, name, working)

    def read(_: Judge, entries: Any) -> float:
        return sum(READING + len(each.record) * READING_BYTE for each in entries)

    with ExitStack() as stack:
        stack.enter_context(priced(HeldLog, "take", lambda _, batch, *__: VERIFYING * len(batch.entries)))
        stack.enter_context(priced(Judge, "read", read))
        stack.enter_context(priced(Judge, "judge", lambda _, entries, *__: JUDGING * len(entries)))
        stack.enter_context(priced(logs, "numbers_under", lambda _: FILING))
        stack.enter_context(patch.object(store, "SimulatedWriter", PricedWriter))
        yield
