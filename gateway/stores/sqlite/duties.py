"""The port ``Duties`` on SQLite."""

from __future__ import annotations

import apsw

from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteDuties:
    """Keeps positions; the docstrings of ``gateway.ports.duties.Duties`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def position(self, duty: str) -> str:
        """Read one."""

        def query(connection: apsw.Connection) -> str:
            return str(connection.execute("SELECT position FROM duty WHERE name = ?", (duty,)).get or "")

        return await self._reader.run(query)

    async def keep(self, duty: str, position: str) -> None:
        """Keep one. It needs no audit entry: what a duty does has its own."""

        def job(connection: apsw.Connection) -> None:
            connection.execute("REPLACE INTO duty (name, position) VALUES (?, ?)", (duty, position))

        await self._writer.run(job)
