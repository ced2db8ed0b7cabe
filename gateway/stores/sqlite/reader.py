"""Who reads beside the writer: some threads and the event loop, on connections that cannot write and see whole commits.

The loop has a connection of its own. Two that took turns would each keep the same pages, and what one has in the
processor's caches the other reads anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, TypeVar

import apsw

from gateway.stores.sqlite.disk_errors import telling

T = TypeVar("T")
Query = Callable[[apsw.Connection], T]

THREADS: Final = 2

_TELLING: Final = telling("The store cannot be read")


class Reader:
    """Runs queries beside the writer. A query sees one snapshot, however many statements it has."""

    def __init__(self, connect: Callable[[], apsw.Connection], threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._connections: SimpleQueue[apsw.Connection] = SimpleQueue()
        for _ in range(threads):
            self._connections.put(connect())
        self._own = connect()

    async def run(self, query: Query[T]) -> T:
        """Run a query; what it raises goes to the caller.

        Raises:
            StoreFailed: the disk failed.
            StoreCorrupt: what is there cannot be read as a database.
            Passing: a person's tool holds the database.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, query)

    def at_once(self, query: Query[T]) -> T:
        """Run a query in the event loop's own thread, where all else waits for it.

        Raises: as ``run``.
        """
        return _in_one_snapshot(self._own, query)

    async def close(self) -> None:
        """Let running queries end, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        while not self._connections.empty():
            self._connections.get().close()
        self._own.close()

    def _query(self, query: Query[T]) -> T:
        connection = self._connections.get()
        try:
            return _in_one_snapshot(connection, query)
        finally:
            self._connections.put(connection)


def _in_one_snapshot(connection: apsw.Connection, query: Query[T]) -> T:
    with _TELLING:
        connection.execute("BEGIN")
        try:
            return query(connection)
        finally:
            if connection.in_transaction:  # SQLite ends it by itself where the disk fails
                connection.execute("COMMIT")
