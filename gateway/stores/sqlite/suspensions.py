"""The port ``Suspensions`` on SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import apsw

from gateway.errors import Absent, RequestReused
from gateway.ports.suspensions import Scope, Suspension
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer

_COLUMNS = "id, scope, reason, since, until, by_client, lifted_at, lifted_reason"


class SqliteSuspensions:
    """Keeps suspensions; the docstrings of ``gateway.ports.suspensions.Suspensions`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, known: Sequence[Suspension]) -> None:
        self._writer = writer
        self._reader = reader
        self._known = {each.suspension_id: each for each in known}

    async def suspend(self, suspension: Suspension, *, request_id: str) -> Suspension:
        """Keep one."""
        kept = await self._writer.run(lambda connection: _suspend(connection, suspension, request_id))
        self._known[kept.suspension_id] = kept
        return kept

    async def lift(self, suspension_id: str, *, at: int, by: str, reason: str) -> Suspension:
        """End one."""
        ended = await self._writer.run(lambda connection: _lift(connection, suspension_id, at=at, by=by, reason=reason))
        self._known[suspension_id] = ended
        return ended

    def in_effect(self, at: int) -> Sequence[Suspension]:
        """Look through what this process knows, which is all: nobody else writes to the store."""
        return [each for each in self._known.values() if each.in_effect(at)]

    async def all(self) -> Sequence[Suspension]:
        """Read all."""
        return await self._reader.run(read_all)


def _suspend(connection: apsw.Connection, suspension: Suspension, request_id: str) -> Suspension:
    query = f"SELECT {_COLUMNS} FROM suspension WHERE by_client = ? AND request_id = ?"  # noqa: S608  constants
    for row in connection.execute(query, (suspension.by, request_id)).fetchall():
        first = _read(row)
        same = replace(suspension, suspension_id=first.suspension_id, since=first.since)
        if same != replace(first, lifted_at=None, lifted_reason=""):
            raise RequestReused("The request id was used before, with other content.")
        return first
    connection.execute(
        "INSERT INTO suspension (id, by_client, request_id, scope, reason, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            suspension.suspension_id,
            suspension.by,
            request_id,
            json.dumps(asdict(suspension.scope)),
            suspension.reason,
            suspension.since,
            suspension.until,
        ),
    )
    detail = f"{suspension.suspension_id} {suspension.scope.partner}"
    note_change(connection, at=suspension.since, actor=suspension.by, action="suspend_reliance", detail=detail)
    return suspension


def _lift(connection: apsw.Connection, suspension_id: str, *, at: int, by: str, reason: str) -> Suspension:
    connection.execute(
        "UPDATE suspension SET lifted_at = ?, lifted_reason = ? WHERE id = ? AND lifted_at IS NULL",
        (at, reason, suspension_id),
    )
    if connection.changes():
        note_change(connection, at=at, actor=by, action="lift_suspension", detail=suspension_id)
    query = f"SELECT {_COLUMNS} FROM suspension WHERE id = ?"  # noqa: S608  constants
    for row in connection.execute(query, (suspension_id,)).fetchall():
        return _read(row)
    raise Absent(f"There is no suspension of reliance {suspension_id!r}.")


def read_all(connection: apsw.Connection) -> list[Suspension]:
    """Read every suspension, the newest first."""
    query = f"SELECT {_COLUMNS} FROM suspension ORDER BY number DESC"  # noqa: S608  constants
    return [_read(row) for row in connection.execute(query).fetchall()]


def _read(row: tuple[object, ...]) -> Suspension:
    name, scope, *rest = row
    return Suspension(str(name), Scope(**json.loads(str(scope))), *rest)  # type: ignore[arg-type]
