"""The port ``AuditLog`` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.evidence.audit import AuditEntry
from gateway.linklog.tree import CompactRange
from gateway.ports.world import Clock
from gateway.stores.sqlite import audit
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteAuditLog:
    """Keeps the audit log; the docstrings of ``gateway.ports.audit.AuditLog`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def note(self, *, actor: str, action: str, detail: str) -> None:
        """Write one entry."""
        now = self._clock.now()
        await self._writer.run(
            lambda connection: audit.note_change(connection, at=now, actor=actor, action=action, detail=detail)
        )

    async def entries(self, *, first: int, limit: int) -> Sequence[AuditEntry]:
        """Read entries."""
        return await self._reader.run(lambda connection: audit.entries(connection, first=first, limit=limit))

    async def head(self) -> CompactRange:
        """Read the tree."""
        return await self._reader.run(audit.head)

    async def keep_checkpoint(self, *, size: int, time: int, note: bytes) -> None:
        """Keep a signed head."""

        def job(connection: apsw.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO audit_checkpoint VALUES (?, ?, ?)", (size, time, note))

        await self._writer.run(job)

    async def newest_checkpoint(self) -> bytes:
        """Read the newest signed head."""

        def query(connection: apsw.Connection) -> bytes:
            return connection.execute("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1").get or b""

        return await self._reader.run(query)
