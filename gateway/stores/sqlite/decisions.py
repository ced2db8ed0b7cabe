"""The port ``Decisions`` on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import apsw

from gateway.ports.decisions import Change, DecisionEvent, DecisionQuery, Made, StoredDecision
from gateway.ports.world import Randomness
from gateway.stores.sqlite import decision_rows as rows
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.audit import note_change
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer

T = TypeVar("T")
RESOLVER = "decision"
"""The actor of what resolves by itself."""


class SqliteDecisions:
    """Keeps decisions; the docstrings of ``gateway.ports.decisions.Decisions`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, randomness: Randomness, newest_event: int) -> None:
        self._writer = writer
        self._reader = reader
        self._randomness = randomness
        self._changes = Arrivals(newest_event)

    async def sampling_key(self) -> bytes:
        """Read the key, or make it."""
        fresh = b"".join(self._randomness.salts(2))
        return await self._writer.run(lambda connection: rows.sampling_key(connection, fresh))

    async def keep(self, made: Sequence[Made]) -> Sequence[StoredDecision]:
        """Keep what is new."""

        def job(connection: apsw.Connection) -> tuple[list[StoredDecision], int]:
            kept, newest = rows.keep(connection, made)
            actors = " ".join(sorted({each.client for each in made}))
            note_change(connection, at=made[0].at, actor=actors, action="decide", detail=f"{len(made)} decisions")
            return kept, newest

        return await self._change(job, weight=len(made), ahead=True) if made else []

    async def revise(self, made: Made, *, revision: int, change: Change) -> StoredDecision | None:
        """Replace, when nobody else has."""

        def job(connection: apsw.Connection) -> tuple[StoredDecision | None, int]:
            revised = rows.revise(connection, made, revision=revision, change=change)
            if revised is not None:
                detail = f"{made.decision_id} {change.name}"
                note_change(connection, at=made.at, actor=RESOLVER, action="resolve", detail=detail)
            return revised, rows.newest_event(connection)

        return await self._change(job)

    async def override(self, decision_id: str, overridden: bytes, *, at: int, client: str) -> StoredDecision | None:
        """Note it."""

        def job(connection: apsw.Connection) -> tuple[StoredDecision | None, int]:
            found = rows.override(connection, decision_id, overridden, at=at)
            if found is not None:
                note_change(connection, at=at, actor=client, action="override", detail=decision_id)
            return found, rows.newest_event(connection)

        return await self._change(job)

    async def get(self, decision_id: str) -> StoredDecision | None:
        """Look one up."""
        return await self._reader.run(lambda connection: rows.get(connection, decision_id))

    async def earlier(self, decision_id: str) -> Sequence[StoredDecision]:
        """Look its revisions up."""
        return await self._reader.run(lambda connection: rows.earlier(connection, decision_id))

    async def listed(self, query: DecisionQuery, *, before: int, limit: int) -> Sequence[StoredDecision]:
        """Read a page."""
        return await self._reader.run(lambda connection: rows.listed(connection, query, before=before, limit=limit))

    async def pending(self) -> Sequence[StoredDecision]:
        """Read what waits."""
        return await self._reader.run(rows.pending)

    async def counts(self, *, since: int, until: int) -> Sequence[tuple[int, int, int]]:
        """Count."""
        return await self._reader.run(lambda connection: rows.counts(connection, since=since, until=until))

    async def events(self, after: int, *, limit: int) -> Sequence[DecisionEvent]:
        """Read changes."""
        return await self._reader.run(lambda connection: rows.events(connection, after, limit=limit))

    async def newest_event(self) -> int:
        """Give the newest."""
        return self._changes.newest

    async def wait_beyond(self, event: int) -> None:
        """Wait for a commit."""
        await self._changes.beyond(event)

    async def _change(
        self, job: Callable[[apsw.Connection], tuple[T, int]], *, weight: int = 1, ahead: bool = False
    ) -> T:
        """Run a job that changes decisions, and wake those who watch."""
        value, newest = await self._writer.run(job, weight=weight, ahead=ahead)
        self._changes.advance(newest)
        return value
