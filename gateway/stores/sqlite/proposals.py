"""The port ``Proposals`` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.errors import Absent
from gateway.ports.documents import DocumentType
from gateway.ports.proposals import Proposal, Settlement
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteProposals:
    """Keeps proposals; the docstrings of ``gateway.ports.proposals.Proposals`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def propose(self, proposal: Proposal) -> int:
        """Add one."""
        return await self._writer.run(lambda connection: _propose(connection, proposal))

    async def pending(self) -> Sequence[Proposal]:
        """Read those that wait."""
        return await self._reader.run(_pending)

    async def settle(self, number: int, settlement: Settlement, *, by: str, detail: str, at: int) -> None:
        """End one."""

        def job(connection: apsw.Connection) -> None:
            connection.execute(
                "UPDATE proposal SET settlement = ?, settled_by = ?, settled_at = ? WHERE id = ? AND settlement = ''",
                (settlement.value, by, at, number),
            )
            if not connection.changes():
                raise Absent(f"No proposal {number} waits for a second officer.")
            what = f"proposal {number}: {settlement.value}{', ' if detail else ''}{detail}"
            note_change(connection, at=at, actor=by, action="settle", detail=what)

        await self._writer.run(job)


def _propose(connection: apsw.Connection, proposal: Proposal) -> int:
    number = int(
        connection.execute(
            "INSERT INTO proposal (type, identity, version, digest, proposed_by, proposed_at, expires_at, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                proposal.type.value,
                proposal.identity,
                proposal.version,
                proposal.digest,
                proposal.proposed_by,
                proposal.proposed_at,
                proposal.expires_at,
                proposal.note,
            ),
        ).get
    )
    what = f"{proposal.type.lower()} {proposal.identity} version {proposal.version}, digest {proposal.digest.hex()}"
    detail = f"proposal {number}: {what}"
    note_change(connection, at=proposal.proposed_at, actor=proposal.proposed_by, action="propose", detail=detail)
    return number


def _pending(connection: apsw.Connection) -> list[Proposal]:
    rows = connection.execute(
        "SELECT id, type, identity, version, digest, note, proposed_by, proposed_at, expires_at FROM proposal"
        " WHERE settlement = '' ORDER BY id"
    )
    return [Proposal(number, DocumentType(type_), *others) for number, type_, *others in rows]
