"""The port ``ViewIndex`` on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

import apsw

from gateway.ports.records import StoredRecord
from gateway.ports.views import Progress, RebuildProgress
from gateway.ports.world import Clock
from gateway.stores.sqlite import filing, view_index
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.audit import GATEWAY, note_change
from gateway.stores.sqlite.erasing import Eraser
from gateway.stores.sqlite.key_places import KeyPlaces
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteViewIndex:
    """Finds records by keys; the docstrings of ``gateway.ports.views.ViewIndex`` are its contract."""

    def __init__(
        self,
        *,
        writer: Writer,
        reader: Reader,
        eraser: Eraser,
        arrivals: Arrivals,
        places: KeyPlaces,
        clock: Clock,
    ) -> None:
        self._places = places
        self._writer = writer
        self._reader = reader
        self._eraser = eraser
        self._arrivals = arrivals
        self._clock = clock

    async def records_under(
        self, keys: Collection[str], *, after: int = 0, limit: int = 1000, without: Collection[int] = ()
    ) -> Sequence[StoredRecord]:
        """Look keys up."""
        newest = self._arrivals.newest
        return await self._reader.run(
            lambda connection: view_index.records_under(
                connection, keys, newest=newest, after=after, limit=limit, without=without
            )
        )

    async def is_outdated(self) -> bool:
        """Compare versions."""
        return await self._reader.run(filing.is_outdated)

    async def rebuild(self, progress: Progress) -> None:
        """File part after part until nothing is left; what is stored meanwhile is filed by whoever stores it."""
        newest = self._arrivals.newest
        done = keys = 0
        while done < newest:
            done, filed = await self._writer.run(partial(filing.file_anew, after=done), weight=filing.REBUILD_RECORDS)
            keys += filed
            progress(RebuildProgress(done, max(newest, done), keys))
        detail = f"{done} records, {keys} keys"
        await self._writer.run(partial(_finish, at=self._clock.now(), detail=detail))
        await self._eraser.run()

    async def learn(self) -> None:
        """Read segment after segment; half of the time is others'."""
        while not self._places.knows_all(self._arrivals.newest):
            began = self._clock.monotonic()
            await self._reader.run(self._places.learn)
            await asyncio.sleep(self._clock.monotonic() - began)

    async def digest(self) -> bytes:
        """Hash all rows."""
        return await self._reader.run(filing.digest)


def _finish(connection: apsw.Connection, *, at: int, detail: str) -> None:
    filing.note_version(connection)
    note_change(connection, at=at, actor=GATEWAY, action="rebuild", detail=detail)
