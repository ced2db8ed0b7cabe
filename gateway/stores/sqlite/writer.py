"""The one thread that changes the store, and its group commit.

Jobs that arrive while a commit runs go into the next transaction: under load many share one ``fdatasync``, on an idle
store a job is committed at once. There is no timer. Each job has its own savepoint, so that one that fails leaves no
trace and does not touch the others. What they wrote into the audit log is sealed in the same commit. A caller hears of
its job only when the transaction is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import apsw

from gateway.errors import GatewayError, Passing, Pressure, StoreCorrupt, StoreFailed
from gateway.stores.sqlite.audit import seal
from gateway.stores.sqlite.checkpoints import Checkpointer

T = TypeVar("T")
Job = Callable[[apsw.Connection], T]

MAX_WEIGHT: Final = 4000
"""Records in one transaction, about: beyond it the next job waits for the next commit, so that nobody waits long."""


@dataclass(slots=True)
class _Waiting:
    job: Job[Any]
    weight: int
    future: asyncio.Future[Any]


@dataclass(slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs on the only connection that writes. ``on_commit`` gets the newest sequence, in the event loop.

    After the disk failed once, nothing more is written: SQLite cannot know what of a failed ``fdatasync`` is on the
    disk, and a restart finds out.
    """

    def __init__(self, connection: apsw.Connection, *, on_commit: Callable[[int], None]) -> None:
        self._connection = connection
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._checkpointer = Checkpointer(connection)
        self._failure: str = ""
        self._closing = False
        self._thread = Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def run(self, job: Job[T], *, weight: int = 1) -> T:
        """Run a job in a transaction and give its result once that is durable.

        A caller that is cancelled leaves its job where it is: it is committed or not, as if the answer was lost.

        Raises:
            StoreFailed: the disk failed, now or before, or the store is closed.
            Pressure: the disk is full; nothing of the transaction was stored.
        Passing: a person's tool holds the database.
        """
        if self._closing:
            raise StoreFailed("The store is closed.")
        waiting = _Waiting(job, weight, self._loop.create_future())
        self._queue.put(waiting)
        result: T = await waiting.future
        return result

    async def close(self) -> None:
        """Commit what was handed in, write the WAL back and stop."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            jobs, goes_on = self._next_jobs()
            if jobs:
                outcomes, newest = self._transact(jobs)
                self._hand_over(jobs, outcomes, newest)
            self._checkpointer.after_commit(idle=self._queue.empty())

    def _next_jobs(self) -> tuple[list[_Waiting], bool]:
        """Wait for a job, and take with it what else waits; False when the store closes."""
        jobs: list[_Waiting] = []
        weight = 0
        first = self._queue.get()
        while first is not None:
            jobs.append(first)
            weight += first.weight
            if weight >= MAX_WEIGHT:
                return jobs, True
            try:
                first = self._queue.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _transact(self, jobs: list[_Waiting]) -> tuple[list[_Outcome], int]:
        if self._failure:
            return [_Outcome(error=StoreFailed(self._failure)) for _ in jobs], 0
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(waiting.job) for waiting in jobs]
            seal(self._connection)
            newest = newest_sequence(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  whatever it is, every caller must hear of it
            self._abandon()
            told = self._diagnose(error)
            return [_Outcome(error=told) for _ in jobs], 0
        return outcomes, newest

    def _attempt(self, job: Job[Any]) -> _Outcome:
        self._connection.execute("SAVEPOINT job")
        try:
            value = job(self._connection)
        except Exception as error:
            if isinstance(error, apsw.FullError) or not self._connection.in_transaction:
                raise  # the disk is full, or failed and SQLite has rolled everything back by itself
            self._connection.execute("ROLLBACK TO job; RELEASE job")
            is_full = isinstance(error, apsw.FullError)  # SQLite may take back the statement alone
            return _Outcome(error=self._diagnose(error) if is_full else error)
        self._connection.execute("RELEASE job")
        return _Outcome(value)

    def _abandon(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _diagnose(self, error: Exception) -> GatewayError:
        if isinstance(error, apsw.FullError):
            return Pressure("The disk of the store is full; nothing was stored.")
        if isinstance(error, apsw.BusyError):
            return Passing("Another program holds the database of the store; nothing was stored.")
        if isinstance(error, StoreCorrupt):
            self._failure = error.sentence
            return error
        self._failure = f"The store cannot write any more since a transaction failed: {error}."
        return StoreFailed(self._failure)

    def _hand_over(self, jobs: list[_Waiting], outcomes: list[_Outcome], newest: int) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, jobs, outcomes, newest)
        except RuntimeError:  # the loop has gone: nobody is left to tell, what is committed stays
            self._closing = True

    def _settle(self, jobs: list[_Waiting], outcomes: list[_Outcome], newest: int) -> None:
        self._on_commit(newest)
        for waiting, outcome in zip(jobs, outcomes, strict=True):
            if waiting.future.done():
                continue
            if outcome.error is not None:
                waiting.future.set_exception(outcome.error)
            else:
                waiting.future.set_result(outcome.value)


def newest_sequence(connection: apsw.Connection) -> int:
    """The highest sequence of a record, 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(sequence), 0) FROM record").get)
