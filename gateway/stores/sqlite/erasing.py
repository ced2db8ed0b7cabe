"""Erasing what an operator's withdrawn consent ends: record and salt go, the commitment stays.

It is done in short transactions of its own, with SQLite told to overwrite what it frees, and is struck off only when
the write-ahead log, which had the old pages, is empty too. Whatever stops the node before that, it is begun again.
"""

from __future__ import annotations

import json
from asyncio import Lock
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import apsw

from gateway.ports.links import Direction, Standing
from gateway.ports.records import StoredRecord
from gateway.ports.world import Clock
from gateway.stores.sqlite.admission import partner_list
from gateway.stores.sqlite.audit import GATEWAY, note_change
from gateway.stores.sqlite.filing import refile_erased
from gateway.stores.sqlite.group_commit import newest_sequence
from gateway.stores.sqlite.links import RECEIVED
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.reading import of_sequences
from gateway.stores.sqlite.view_index import records_under
from gateway.stores.sqlite.writer import Writer
from gateway.views.consent import PERSONAL, Withdrawn, personal_of_bytes

PART: Final = 200
"""Records looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Due:
    """An operator of whom a partner's statements are to be erased; ``asked`` is the record that asked for it last."""

    partner: str
    tin: str
    withdrawn: Withdrawn
    tombstone: int
    asked: int


class Eraser:
    """Does what is due. The first to come does it for all."""

    def __init__(self, *, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._one_at_a_time = Lock()

    async def run(self) -> None:
        """Return when all that was due is gone from the file; what a reader's snapshot still holds stays due."""
        async with self._one_at_a_time:
            works = await self._reader.run(_due)
            for work in works:
                await self._erase(work)
            if works and await self._writer.empty_wal():
                await self._writer.run(partial(_strike_off, done=works))

    async def _erase(self, work: Due) -> None:
        after, goes_on = 0, True
        while goes_on:
            job = partial(_erase_part, work=work, after=after, now=self._clock.now())
            after = await self._writer.run(job, weight=PART)
            goes_on = after > 0


def _due(connection: apsw.Connection) -> list[Due]:
    rows = connection.execute(
        "SELECT partner, tin, withdrawn_at, stated_at, tombstone, due FROM consent_withdrawn WHERE due > 0"
    )
    found: list[Due] = []
    for partner, tin, at, stated_at, tombstone, asked in rows:
        found.append(Due(partner, tin, Withdrawn(at, stated_at), tombstone, asked))
    return found


def _strike_off(connection: apsw.Connection, done: Iterable[Due]) -> None:
    """Keep what was asked for meanwhile."""
    connection.executemany(
        "UPDATE consent_withdrawn SET due = 0 WHERE partner = ? AND tin = ? AND due = ?",
        [(each.partner, each.tin, each.asked) for each in done],
    )


def _erase_part(connection: apsw.Connection, *, work: Due, after: int, now: int) -> int:
    """Erase some of what is due after a sequence; gives how far it looked, 0 at the end."""
    page = _statements(connection, work, after)
    ended = [each for each in page if _is_ended(each, work)]
    if ended:
        connection.pragma("secure_delete", 1)
        try:
            for each in ended:
                _erase(connection, each, work, now)
        finally:
            connection.pragma("secure_delete", "fast")
        asked_by = connection.execute("SELECT record_id FROM record WHERE sequence = ?", (work.tombstone,)).get
        detail = f"{work.partner}: {len(ended)} records, for the tombstone {asked_by}"
        note_change(connection, at=now, actor=GATEWAY, action="erase", detail=detail)
    return page[-1].sequence if len(page) == PART else 0


def _statements(connection: apsw.Connection, work: Due, after: int) -> list[StoredRecord]:
    """Give what may be about the operator, in this node's order: what is filed, and what is in quarantine."""
    filed = records_under(connection, [f"tin:{work.tin}"], newest=newest_sequence(connection), after=after, limit=PART)
    rows: list[tuple[int]] = connection.execute(
        "SELECT sequence FROM record WHERE standing = 'QUARANTINED' AND subject = ? AND received = ? AND partners = ?"
        " AND sequence > ? ORDER BY sequence LIMIT ?",
        (f"operator:{work.tin}", RECEIVED, partner_list([work.partner]), after, PART),
    ).fetchall()  # type: ignore[assignment]
    held = of_sequences(connection, [sequence for (sequence,) in rows])
    return sorted([*filed, *held], key=lambda each: each.sequence)[:PART]


def _is_ended(stored: StoredRecord, work: Due) -> bool:
    """Tell whether it is the partner's own, and ended; of what is in quarantine, nothing counts as a tombstone."""
    if stored.erased or stored.kind not in PERSONAL or stored.direction is not Direction.RECEIVED:
        return False
    said = personal_of_bytes(stored.record)
    if said is None or said.tin != work.tin or stored.deliveries[0].partner != work.partner:
        return False
    is_tombstone = said.withdrawn_at is not None and stored.standing is Standing.ACCEPTED
    return not is_tombstone and work.withdrawn.ends(said)


def _erase(connection: apsw.Connection, stored: StoredRecord, work: Due, now: int) -> None:
    refile_erased(connection, stored, work.tin)
    faults = json.dumps([[each.path, each.rule, ""] for each in stored.violations]) if stored.violations else None
    connection.execute(
        "UPDATE record SET record = x'', violations = ? WHERE sequence = ?",  # what a fault says may quote the record
        (faults, stored.sequence),
    )
    connection.execute("UPDATE entry INDEXED BY entry_by_record SET salt = x'' WHERE sequence = ?", (stored.sequence,))
    connection.execute(
        "INSERT INTO erased (sequence, tin, tombstone, at) VALUES (?, ?, ?, ?)",
        (stored.sequence, work.tin, work.tombstone, now),
    )
