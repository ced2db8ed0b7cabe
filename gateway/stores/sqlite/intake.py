"""The port ``Intake`` on SQLite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import apsw

from gateway.ports.intake import Admission, Admitted, Earlier, Issued, Reused
from gateway.ports.world import Clock
from gateway.stores.sqlite.admission import admit
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.files import StoreFile
from gateway.stores.sqlite.links import ISSUED
from gateway.stores.sqlite.many import select_rows
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteIntake:
    """Takes submissions; the docstrings of ``gateway.ports.intake.Intake`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, file: StoreFile, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._file = file
        self._clock = clock

    async def admit(self, admissions: Sequence[Admission]) -> Sequence[Admitted | Reused]:
        """Store submissions, answer repeats."""
        if not admissions:
            return []
        now = self._clock.now()

        def job(connection: apsw.Connection) -> list[Admitted | Reused]:
            outcomes = admit(connection, admissions)
            actors = " ".join(sorted({each.client for each in admissions}))
            note_change(connection, at=now, actor=actors, action="admit", detail=_summary(outcomes))
            return outcomes

        return await self._writer.run(job, weight=len(admissions))

    async def issued(self, record_ids: Collection[str]) -> Mapping[str, Issued]:
        """Look issued records up by their ids."""
        wanted = [(record_id, ISSUED) for record_id in record_ids]

        def query(connection: apsw.Connection) -> dict[str, Issued]:
            rows = connection.executemany(
                "SELECT record_id, record, partners FROM record WHERE record_id = ? AND received = ?",
                wanted,
            )
            return {record_id: Issued(record, frozenset(partners.split())) for record_id, record, partners in rows}

        return await self._reader.run(query)

    async def answered(self, client: str, request_ids: Collection[str]) -> Mapping[str, Earlier]:
        """Look submissions up."""
        wanted = [(client, each) for each in request_ids]

        def query(connection: apsw.Connection) -> dict[str, Earlier]:
            rows = select_rows(
                connection, "SELECT request_id, digest, answer FROM submission WHERE (client, request_id) IN", wanted
            )
            return {request_id: Earlier(digest, answer) for request_id, digest, answer in rows}

        return await self._reader.run(query)

    async def refuse_when_full(self) -> None:
        """Look at the disk."""
        self._file.require_room()


def _summary(outcomes: Sequence[Admitted | Reused]) -> str:
    reused = sum(isinstance(each, Reused) for each in outcomes)
    repeats = sum(isinstance(each, Admitted) and each.repeat for each in outcomes)
    return f"{len(outcomes) - reused - repeats} stored, {repeats} repeated, {reused} refused as reused"
