"""The port ``WaitingDocuments`` on SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw

from gateway.errors import Pressure
from gateway.ports.documents import WaitingDocument
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteWaitingDocuments:
    """Keeps notes that wait; the docstrings of ``gateway.ports.documents.WaitingDocuments`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def waiting(self) -> Sequence[WaitingDocument]:
        """Read all."""
        return await self._reader.run(_waiting)

    async def keep(self, document: WaitingDocument, *, actor: str, most: int) -> None:
        """Add one."""
        await self._writer.run(lambda connection: _keep(connection, document, actor, most))

    async def settle(self, document: WaitingDocument, *, outcome: str, actor: str, at: int) -> None:
        """Take one away."""

        def job(connection: apsw.Connection) -> None:
            named = (document.source, document.digest)
            connection.execute("DELETE FROM waiting_document WHERE source = ? AND digest = ?", named)
            if connection.changes():
                detail = f"{_named(document)}: {outcome}"
                note_change(connection, at=at, actor=actor, action="settle_document", detail=detail)

        await self._writer.run(job)

    async def versions_held(self) -> Mapping[str, int]:
        """Read all."""
        return await self._reader.run(lambda connection: dict(_versions_held(connection)))

    async def note_held(self, partner: str, version: int) -> None:
        """Write one."""
        sql = "REPLACE INTO descriptor_held (partner, version) VALUES (?, ?)"

        def job(connection: apsw.Connection) -> None:
            connection.execute(sql, (partner, version))

        await self._writer.run(job)


def _waiting(connection: apsw.Connection) -> list[WaitingDocument]:
    rows = connection.execute("SELECT source, digest, note, received_at FROM waiting_document ORDER BY id")
    return [WaitingDocument(source, digest, note, received_at) for source, digest, note, received_at in rows]


def _keep(connection: apsw.Connection, document: WaitingDocument, actor: str, most: int) -> None:
    held: list[bytes] = [
        digest
        for (digest,) in connection.execute("SELECT digest FROM waiting_document WHERE source = ?", (document.source,))
    ]
    if document.digest in held:
        return
    if len(held) >= most:
        raise Pressure(f"{most} documents of {document.source or 'this side'} wait already; decide about these first.")
    connection.execute(
        "INSERT INTO waiting_document (source, digest, received_at, note) VALUES (?, ?, ?, ?)",
        (document.source, document.digest, document.received_at, document.note),
    )
    note_change(connection, at=document.received_at, actor=actor, action="keep_document", detail=_named(document))


def _versions_held(connection: apsw.Connection) -> list[tuple[str, int]]:
    return [(partner, version) for partner, version in connection.execute("SELECT * FROM descriptor_held")]


def _named(document: WaitingDocument) -> str:
    whose = f"offered by {document.source}" if document.source else "planned"
    return f"a document {whose}, digest {document.digest.hex()}"
