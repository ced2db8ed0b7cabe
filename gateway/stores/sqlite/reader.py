"""The threads that read: each has its own connection, which cannot write, and sees whole commits only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

import apsw

from gateway.stores.sqlite.disk_errors import telling

T = TypeVar("T")
Query = Callable[[apsw.Connection], T]

THREADS: Final = 2


class Reader:
    """Runs queries beside the writer. A query sees one snapshot, however many statements it has."""

    def __init__(self, connect: Callable[[], apsw.Connection], threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._connections: SimpleQueue[apsw.Connection] = SimpleQueue()
        for _ in range(threads):
            self._connections.put(connect())

    async def run(self, query: Query[T]) -> T:
        """Run a query; what it raises goes to the caller.

        Raises:
            StoreFailed: the disk failed.
            StoreCorrupt: what is there cannot be read as a database.
            Passing: a person's tool holds the database.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, query)

    def at_once(self, query: Query[T]) -> T | None:
        """Run a query in the caller's thread, for which all else there waits; None when no connection is free.

        Raises: as ``run``.
        """
        try:
            connection = self._connections.get_nowait()
        except Empty:
            return None
        return self._query_on(connection, query)

    async def close(self) -> None:
        """Let running queries end, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        while not self._connections.empty():
            self._connections.get().close()

    def _query(self, query: Query[T]) -> T:
        return self._query_on(self._connections.get(), query)

    def _query_on(self, connection: apsw.Connection, query: Query[T]) -> T:
        try:
            with telling("The store cannot be read"):
                connection.execute("BEGIN")
                try:
                    return query(connection)
                finally:
                    if connection.in_transaction:  # SQLite ends it by itself where the disk fails
                        connection.execute("COMMIT")
        finally:
            self._connections.put(connection)
