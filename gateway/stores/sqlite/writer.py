"""The one thread that changes the store, and its group commit.

Jobs that arrive while a commit runs go into the next transaction: under load many share one ``fdatasync``, on an idle
store a job is committed at once. There is no timer. A caller hears of its job only when the transaction is durable.

Jobs that an officer waits for may go ahead of the others, in a transaction of their own: it is small, and the next one
is everybody's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import apsw

from gateway.errors import StoreFailed
from gateway.stores.sqlite.checkpoints import Checkpointer
from gateway.stores.sqlite.group_commit import GroupCommit, Job, Outcome
from gateway.stores.sqlite.write_back import WriteBack

T = TypeVar("T")

MAX_WEIGHT: Final = 4000
"""Records in one transaction, about: beyond it the next job waits for the next commit, so that nobody waits long."""


@dataclass(slots=True)
class _Waiting:
    job: Job[Any]
    weight: int
    future: asyncio.Future[Any]
    ahead: bool = False
    empties_wal: bool = False


class Writer:
    """Runs jobs on the only connection that writes. ``on_commit`` gets the newest sequence, in the event loop."""

    def __init__(self, connection: apsw.Connection, on_commit: Callable[[int], None]) -> None:
        self._commits = GroupCommit(connection)
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._held: deque[_Waiting] = deque()
        """Taken from the queue, in its order; the writer's thread alone looks at it."""
        self._goes_on = True
        self._went_ahead = False
        shut = self._commits.shut
        self._checkpointer = Checkpointer(connection, shut, WriteBack(connection, shut))
        self._closing = False
        self._thread = Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def run(self, job: Job[T], *, weight: int = 1, ahead: bool = False) -> T:
        """Run a job in a transaction and give its result once that is durable.

        Jobs keep their order, except that those that go ``ahead`` need not wait for the others that wait.
        A caller that is cancelled leaves its job where it is: it is committed or not, as if the answer was lost.

        Raises:
            StoreFailed: the disk failed, now or before, or the store is closed.
            StoreFull: the disk is full; nothing of the transaction was stored.
            Passing: a person's tool holds the database.
        """
        result: T = await self._wait_for(_Waiting(job, weight, self._loop.create_future(), ahead))
        return result

    async def empty_wal(self) -> bool:
        """Leave nothing in the write-ahead log of what was committed by now; False when readers hold it too long.

        Raises: as ``run``.
        """
        waiting = _Waiting(lambda _: None, 1, self._loop.create_future(), empties_wal=True)
        return bool(await self._wait_for(waiting))

    async def _wait_for(self, waiting: _Waiting) -> Any:  # noqa: ANN401  whatever its job gives
        if self._closing:
            raise StoreFailed("The store is closed.")
        self._queue.put(waiting)
        return await waiting.future

    async def close(self) -> None:
        """Commit what was handed in, write the WAL back and stop."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while jobs := self._next_jobs():
            outcomes, newest = self._commits.transact([waiting.job for waiting in jobs])
            self._empty_wal(jobs, outcomes)
            self._hand_over(jobs, outcomes, newest)
            self._checkpointer.after_commit(idle=not self._held and self._queue.empty())
        self._checkpointer.close()

    def _empty_wal(self, jobs: list[_Waiting], outcomes: list[Outcome]) -> None:
        asked = [outcome for waiting, outcome in zip(jobs, outcomes, strict=True) if waiting.empties_wal]
        if asked:
            emptied = self._checkpointer.empty_wal()
            for outcome in asked:
                outcome.value = emptied

    def _next_jobs(self) -> list[_Waiting]:
        """Wait for a job, and take with it what else waits; none when the store closes."""
        while self._goes_on and not (self._held and self._queue.empty()):
            waiting = self._queue.get()
            if waiting is None:
                self._goes_on = False
            else:
                self._held.append(waiting)
        ahead = [waiting for waiting in self._held if waiting.ahead]
        self._went_ahead = not self._went_ahead and 0 < len(ahead) < len(self._held)
        if self._went_ahead:
            self._held = deque(waiting for waiting in self._held if not waiting.ahead)
            return ahead
        jobs: list[_Waiting] = []
        weight = 0
        while self._held and weight < MAX_WEIGHT:
            jobs.append(self._held.popleft())
            weight += jobs[-1].weight
        return jobs

    def _hand_over(self, jobs: list[_Waiting], outcomes: list[Outcome], newest: int) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, jobs, outcomes, newest)
        except RuntimeError:  # the loop has gone: nobody is left to tell, what is committed stays
            self._closing = True

    def _settle(self, jobs: list[_Waiting], outcomes: list[Outcome], newest: int) -> None:
        self._on_commit(newest)
        for waiting, outcome in zip(jobs, outcomes, strict=True):
            if waiting.future.done():
                continue
            if outcome.error is not None:
                waiting.future.set_exception(outcome.error)
            else:
                waiting.future.set_result(outcome.value)
