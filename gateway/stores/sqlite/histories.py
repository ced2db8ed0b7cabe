"""The port ``Histories`` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.ports.histories import HistoryPart, OwnLog, Renewal, ReturnedEntry
from gateway.ports.world import Clock
from gateway.stores.sqlite import renewing, returning
from gateway.stores.sqlite.audit import GATEWAY, note_change
from gateway.stores.sqlite.links import ISSUED, find_log, insert_log, keep_receipt, log_named, open_link, open_log
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteHistories:
    """Reads and mends whole logs; the docstrings of ``gateway.ports.histories.Histories`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def part(self, partner: str, origin: str, *, first: int, records: int, size_bytes: int) -> HistoryPart | None:
        """Read a part."""
        return await self._reader.run(
            lambda connection: returning.part(
                connection, partner, origin, first=first, records=records, size_bytes=size_bytes
            )
        )

    async def own_log(self, partner: str, *, first_origin: str) -> OwnLog:
        """Read the head."""

        def job(connection: apsw.Connection) -> OwnLog:
            head = open_log(connection, open_link(connection, partner), ISSUED, first_origin)
            return OwnLog(head.origin, head.generation, head.tree, head.receipted, head.restored_at)

        return await self._writer.run(job)

    async def open_generation(self, partner: str, origin: str) -> None:
        """Make an empty log where there is none."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> None:
            link = open_link(connection, partner)
            if find_log(connection, link, origin) is None:
                insert_log(connection, link, ISSUED, origin)
                note_change(connection, at=now, actor=GATEWAY, action="open_generation", detail=f"{partner}: {origin}")

        await self._writer.run(job)

    async def take_back(self, partner: str, origin: str, entries: Sequence[ReturnedEntry]) -> int:
        """Compare, mend, append."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> int:
            changed = returning.take_back(connection, partner, origin, entries)
            if changed:
                detail = f"{origin}: {changed} of the entries {entries[0].index} to {entries[-1].index}"
                note_change(connection, at=now, actor=GATEWAY, action="take_back", detail=detail)
            return changed

        return await self._writer.run(job, weight=len(entries))

    async def keep_receipt(self, partner: str, origin: str, *, size: int, note: bytes, receipt_time: int) -> None:
        """Keep a receipt."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> None:
            head = log_named(connection, partner, origin)
            if size > head.receipted:
                keep_receipt(connection, head.log, size=size, time=receipt_time, note=note)
                detail = f"{origin}: receipted to {size}"
                note_change(connection, at=now, actor=GATEWAY, action="take_back", detail=detail)

        await self._writer.run(job)

    async def renew(self, partner: str, *, held_by_partner: int, next_origin: str, actor: str, reason: str) -> Renewal:
        """Close and open."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> Renewal:
            renewal = renewing.renew(connection, partner, held_by_partner=held_by_partner, next_origin=next_origin)
            detail = (
                f"{partner}: closed at {renewal.closed_at}, goes on as {next_origin}, "
                f"{renewal.waiting_again} wait again: {reason}"
            )
            note_change(connection, at=now, actor=actor, action="renew", detail=detail)
            return renewal

        return await self._writer.run(job)

    async def accept_generation(self, partner: str, *, origin: str, actor: str, reason: str) -> None:
        """Begin to hold the next generation."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> None:
            renewing.accept_generation(connection, partner, origin)
            note_change(connection, at=now, actor=actor, action="accept_generation", detail=f"{origin}: {reason}")

        await self._writer.run(job)
