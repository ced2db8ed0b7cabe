"""The port ``Documents`` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.errors import Absent, Conflict, DescriptorFork
from gateway.ports.documents import DocumentType, Pause, StoredDocument
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

    async def pauses(self) -> Sequence[Pause]:
        """Read those that stand."""

        def query(connection: apsw.Connection) -> list[Pause]:
            rows = connection.execute("SELECT agreement, begins, reason, paused_by, paused_at FROM agreement_pause")
            return [Pause(*row) for row in rows]

        return await self._reader.run(query)

    async def pause(self, pause: Pause) -> None:
        """Suspend an agreement."""
        await self._writer.run(lambda connection: _pause(connection, pause))

    async def lift_pause(self, agreement: str, *, reason: str, by: str, at: int) -> None:
        """Let an agreement count again."""

        def job(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM agreement_pause WHERE agreement = ?", (agreement,))
            if not connection.changes():
                raise Absent(f"The agreement {agreement} is not suspended here.")
            note_change(connection, at=at, actor=by, action="lift_pause", detail=f"agreement {agreement}: {reason}")

        await self._writer.run(job)


def _pause(connection: apsw.Connection, pause: Pause) -> None:
    connection.execute(
        "REPLACE INTO agreement_pause (agreement, begins, reason, paused_by, paused_at) VALUES (?, ?, ?, ?, ?)",
        (pause.agreement, pause.begins, pause.reason, pause.by, pause.at),
    )
    detail = f"agreement {pause.agreement} from {pause.begins}: {pause.reason}"
    note_change(connection, at=pause.at, actor=pause.by, action="pause", detail=detail)


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
