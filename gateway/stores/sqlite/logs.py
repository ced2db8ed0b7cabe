"""The port ``LinkLogs`` on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import apsw

from gateway.errors import Absent
from gateway.linklog.tree import CompactRange
from gateway.ports.incidents import Breach
from gateway.ports.intake import AgreementVersion
from gateway.ports.links import Direction, FormedBatch, LinkPositions, LinkStatus, ReceivedBatch, Standing
from gateway.ports.world import Clock, Randomness
from gateway.stores.sqlite import issuing, receiving
from gateway.stores.sqlite.admission import partner_list
from gateway.stores.sqlite.audit import GATEWAY, note_change
from gateway.stores.sqlite.erasing import Eraser
from gateway.stores.sqlite.filing import numbers_under
from gateway.stores.sqlite.incidents import keep_incident
from gateway.stores.sqlite.issuing import Limits
from gateway.stores.sqlite.links import ISSUED, NO_LOG, RECEIVED, find_head, head_of, open_link, open_log, state_of
from gateway.stores.sqlite.many import select_rows
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.tiles import tree_of
from gateway.stores.sqlite.writer import Writer

AT_A_STRETCH: Final = 50
"""Records of a batch that are looked through before others have their turn: less than half a millisecond."""


class SqliteLinkLogs:
    """Both logs of every link; the docstrings of ``gateway.ports.links.LinkLogs`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader, eraser: Eraser, clock: Clock, randomness: Randomness) -> None:
        self._writer = writer
        self._reader = reader
        self._eraser = eraser
        self._clock = clock
        self._randomness = randomness

    async def positions(self, partner: str, *, issued_origin: str, held_origin: str) -> LinkPositions:
        """Read both heads; make empty logs for a new link."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> LinkPositions:
            before = connection.total_changes()
            link = open_link(connection, partner)
            issued = open_log(connection, link, ISSUED, issued_origin)
            held = open_log(connection, link, RECEIVED, held_origin)
            if connection.total_changes() != before:
                _note(connection, now, "positions", f"{partner}: opened {issued_origin} and {held_origin}")
            return LinkPositions(partner, state_of(connection, issued), state_of(connection, held))

        return await self._writer.run(job)

    async def form_batch(
        self,
        partner: str,
        *,
        expected_size: int,
        records: int,
        size_bytes: int,
        held_back: Collection[AgreementVersion] = (),
    ) -> FormedBatch | None:
        """Give waiting records their indexes."""
        now = self._clock.now()
        limits = Limits(records, size_bytes, held_back)

        def job(connection: apsw.Connection) -> FormedBatch | None:
            batch = issuing.form_batch(
                connection, partner, expected_size=expected_size, limits=limits, randomness=self._randomness
            )
            if batch is not None:
                _note(connection, now, "form_batch", f"{partner}: {batch.first} to {batch.tree.size}")
            return batch

        return await self._writer.run(job, weight=records)

    async def formed_batch(self, partner: str, *, first: int, records: int, size_bytes: int) -> FormedBatch | None:
        """Read entries for sending again."""
        limits = Limits(records, size_bytes)
        return await self._reader.run(
            lambda connection: issuing.formed_batch(connection, partner, first=first, limits=limits)
        )

    async def tree_at(self, partner: str, *, direction: Direction, size: int) -> CompactRange:
        """Compute an earlier head."""
        received = ISSUED if direction is Direction.ISSUED else RECEIVED

        def query(connection: apsw.Connection) -> CompactRange:
            head = head_of(connection, partner, received)
            if not 0 <= size <= head.tree.size:
                raise Absent(f"{head.origin} has {head.tree.size} entries, not {size}.")
            return tree_of(connection, head.log, size)

        return await self._reader.run(query)

    async def commit_receipt(self, partner: str, *, size: int, note: bytes, receipt_time: int) -> None:
        """Keep a receipt when it is newer than the newest."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> None:
            if issuing.commit_receipt(connection, partner, size=size, note=note, time=receipt_time):
                _note(connection, now, "commit_receipt", f"{partner}: receipted to {size}")

        await self._writer.run(job)

    async def commit_batch(self, batch: ReceivedBatch) -> None:
        """Store a batch of the partner's log with everything that follows from it."""
        now = self._clock.now()
        numbers: list[tuple[int, ...]] = []
        for start in range(0, len(batch.entries), AT_A_STRETCH):
            numbers += [numbers_under(each) for each in batch.entries[start : start + AT_A_STRETCH]]
            await asyncio.sleep(0)  # others have their turn

        def job(connection: apsw.Connection) -> bool:
            asks_to_erase = receiving.commit_batch(connection, batch, numbers)
            detail = f"{batch.partner}: {batch.before.size} to {batch.after.size}"
            _note(connection, now, "commit_batch", detail)
            return asks_to_erase

        if await self._writer.run(job, weight=len(batch.entries)):
            await self._eraser.run()

    async def known_records(self, partner: str, record_ids: Collection[str]) -> frozenset[str]:
        """Look received records up by their ids."""
        issuer = partner_list([partner])
        wanted = [(record_id,) for record_id in record_ids]

        def query(connection: apsw.Connection) -> frozenset[str]:
            rows = select_rows(
                connection,
                "SELECT record_id FROM record WHERE received = ? AND partners = ? AND record_id IN",
                wanted,
                bindings=(RECEIVED, issuer),
            )
            return frozenset(record_id for (record_id,) in rows)

        return await self._reader.run(query)

    async def accepted_records(self, partner: str, record_ids: Collection[str]) -> Mapping[str, bytes]:
        """Look usable received records up by their ids."""
        issuer = partner_list([partner])
        wanted = [(record_id, RECEIVED, issuer, Standing.ACCEPTED.value) for record_id in record_ids]

        def query(connection: apsw.Connection) -> dict[str, bytes]:
            rows = connection.executemany(
                "SELECT record_id, record FROM record"
                " WHERE record_id = ? AND received = ? AND partners = ? AND standing = ? AND length(record) > 0",
                wanted,
            )
            found: dict[str, Any] = {str(record_id): record for record_id, record in rows}
            return found

        return await self._reader.run(query)

    async def note_complete(self, partner: str, *, at: int) -> None:
        """Keep the time on the link, which outlives its logs."""

        def job(connection: apsw.Connection) -> None:
            connection.execute("UPDATE link SET complete_at = max(complete_at, ?) WHERE partner = ?", (at, partner))

        await self._writer.run(job)

    async def statuses(self) -> Sequence[LinkStatus]:
        """Read every link."""
        return await self._reader.run(_statuses)

    async def suspend(
        self, partner: str, *, reason: str, detail: str, actor: str, breach: Breach | None = None
    ) -> None:
        """Mark a link suspended, or not any more."""
        now = self._clock.now()

        def job(connection: apsw.Connection) -> None:
            link = open_link(connection, partner)
            connection.execute("UPDATE link SET suspended = ? WHERE id = ?", (reason, link))
            if breach is not None:
                keep_incident(connection, link, partner, breach, at=now, reason=reason, detail=detail)
            action, what = ("suspend", f"{reason}, {detail}") if reason else ("resume", detail)
            note_change(connection, at=now, actor=actor, action=action, detail=f"{partner}: {what}")

        await self._writer.run(job)


def _statuses(connection: apsw.Connection) -> list[LinkStatus]:
    links: list[tuple[int, str, str, int]] = connection.execute(
        "SELECT id, partner, suspended, complete_at FROM link ORDER BY partner"
    ).fetchall()  # type: ignore[assignment]
    return [_status(connection, *link) for link in links]


def _status(connection: apsw.Connection, link: int, partner: str, suspended: str, complete_at: int) -> LinkStatus:
    issued = find_head(connection, link, ISSUED) or NO_LOG
    held = find_head(connection, link, RECEIVED) or NO_LOG
    waiting, oldest = issuing.waiting_and_oldest(connection, link)
    return LinkStatus(
        partner,
        state_of(connection, issued),
        state_of(connection, held),
        waiting,
        oldest,
        suspended,
        max(held.receipt_time, complete_at),
    )


def _note(connection: apsw.Connection, now: int, action: str, detail: str) -> None:
    note_change(connection, at=now, actor=GATEWAY, action=action, detail=detail)
