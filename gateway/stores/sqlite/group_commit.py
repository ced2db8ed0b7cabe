"""Group commit: the jobs of one transaction, each undone alone where it fails; what they audit is sealed with them.

What runs the jobs, and when, is not this module's matter: ``writer`` has a thread for it, a simulated world a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import apsw

from gateway.errors import GatewayError, Passing, StoreCorrupt, StoreFailed, StoreFull
from gateway.fail_points import reach
from gateway.stores.sqlite.audit import seal
from gateway.stores.sqlite.disk_errors import is_full

T = TypeVar("T")
Job = Callable[[apsw.Connection], T]
_OF_THE_DISK = (apsw.FullError, apsw.IOError, apsw.CorruptError)


@dataclass(slots=True)
class Outcome:
    """What became of one job: its result, or the error that its caller must hear."""

    value: Any = None
    error: Exception | None = None


class GroupCommit:
    """Runs jobs on the only connection that writes, many in one transaction.

    A job that fails leaves no trace and does not touch the others. After the disk failed once, nothing more is
    written: SQLite cannot know what of a failed ``fdatasync`` is on the disk, and a restart finds out.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._failure: str = ""

    def transact(self, jobs: Sequence[Job[Any]]) -> tuple[list[Outcome], int]:
        """Run the jobs; when this returns they are durable, or none is. Gives the newest sequence too, 0 after that."""
        if self._failure:
            return [Outcome(error=StoreFailed(self._failure)) for _ in jobs], 0
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(job, alone=len(jobs) == 1) for job in jobs]
            seal(self._connection)
            newest = newest_sequence(self._connection)
            reach("before-commit")
            self._connection.execute("COMMIT")
            reach("after-commit")
        except Exception as error:  # noqa: BLE001  whatever it is, every caller must hear of it
            self._abandon()
            told = self._diagnose(error)
            return [Outcome(error=told) for _ in jobs], 0
        return outcomes, newest

    def shut(self, error: apsw.Error) -> None:
        """Write nothing more, as after a transaction that failed: the disk did not take the log back."""
        self._failure = f"The store cannot write any more since its log could not be written back: {error}."

    def _attempt(self, job: Job[Any], *, alone: bool) -> Outcome:
        """Run a job so that it leaves no trace where it fails. Alone it needs no savepoint, which copies every page."""
        if not alone:
            self._connection.execute("SAVEPOINT job")
        try:
            value = job(self._connection)
        except Exception as error:
            if isinstance(error, _OF_THE_DISK) or not self._connection.in_transaction:
                raise  # everybody's matter; SQLite may have rolled everything back by itself
            self._connection.execute("ROLLBACK; BEGIN IMMEDIATE" if alone else "ROLLBACK TO job; RELEASE job")
            return Outcome(error=error)
        if not alone:
            self._connection.execute("RELEASE job")
        return Outcome(value)

    def _abandon(self) -> None:
        if self._connection.in_transaction:
            with suppress(apsw.Error):  # it reads old pages, which may fail as well: the next BEGIN is then refused
                self._connection.execute("ROLLBACK")

    def _diagnose(self, error: Exception) -> GatewayError:
        if is_full(error):
            return StoreFull("The disk of the store is full; nothing was stored.")
        if isinstance(error, apsw.BusyError):
            return Passing("Another program holds the database of the store; nothing was stored.")
        if isinstance(error, StoreCorrupt):
            self._failure = error.sentence
            return error
        self._failure = f"The store cannot write any more since a transaction failed: {error}."
        return StoreFailed(self._failure)


def newest_sequence(connection: apsw.Connection) -> int:
    """The highest sequence of a record, 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(sequence), 0) FROM record").get)
