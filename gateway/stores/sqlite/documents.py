"""The port ``Documents`` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.errors import Conflict, DescriptorFork
from gateway.ports.documents import DocumentType, StoredDocument
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteDocuments:
    """Keeps trust documents; the docstrings of ``gateway.ports.documents.Documents`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def documents(self) -> Sequence[StoredDocument]:
        """Read all."""
        return await self._reader.run(_documents)

    async def add_document(self, document: StoredDocument) -> None:
        """Add one version."""
        await self._writer.run(lambda connection: _add(connection, document))


def _documents(connection: apsw.Connection) -> list[StoredDocument]:
    rows = connection.execute(
        "SELECT type, identity, version, digest, note, added_at, added_by FROM document ORDER BY id"
    )
    return [StoredDocument(DocumentType(type_), *others) for type_, *others in rows]


def _add(connection: apsw.Connection, document: StoredDocument) -> None:
    what = f"{document.type.lower()} {document.identity} version {document.version}"
    held = connection.execute(
        "SELECT digest FROM document WHERE type = ? AND identity = ? AND version = ?",
        (document.type.value, document.identity, document.version),
    ).get
    if held == document.digest:
        return
    if held is not None:
        fork = DescriptorFork if document.type is DocumentType.DESCRIPTOR else Conflict
        raise fork(f"Of {what} another text is stored, with the digest {held.hex()}.")
    connection.execute(
        "INSERT INTO document (type, identity, version, digest, added_at, added_by, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            document.type.value,
            document.identity,
            document.version,
            document.digest,
            document.added_at,
            document.added_by,
            document.note,
        ),
    )
    note_change(
        connection,
        at=document.added_at,
        actor=document.added_by,
        action="add_document",
        detail=f"{what}, digest {document.digest.hex()}",
    )
