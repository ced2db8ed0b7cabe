"""The port ``FactReader`` on SQLite: one snapshot, one thread, key after key."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import apsw

from gateway.ports.facts import FactRead, Follow, PartnerLink, Receipted
from gateway.ports.links import Direction
from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.many import select_rows
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.view_index import records_under

ROUNDS: Final = 8
"""How far is followed from the keys asked for; a chain that is longer is a mistake or an attack."""


class SqliteFactReader:
    """Reads facts; the docstrings of ``gateway.ports.facts.FactReader`` are its contract."""

    def __init__(self, *, reader: Reader, arrivals: Arrivals) -> None:
        self._reader = reader
        self._arrivals = arrivals

    async def read(self, start: Collection[str], follow: Follow, *, limit: int) -> FactRead:
        """Read everything in one go."""
        newest = self._arrivals.newest
        return await self._reader.run(
            lambda connection: read_facts(connection, start, follow, newest=newest, limit=limit)
        )


def read_facts(
    connection: apsw.Connection, start: Collection[str], follow: Follow, *, newest: int, limit: int
) -> FactRead:
    """Follow the keys round by round."""
    found: dict[int, StoredRecord] = {}
    asked: set[str] = set()
    keys = set(start)
    truncated = False
    for _ in range(ROUNDS):
        if not keys or truncated:
            break
        room = limit - len(found)
        page = records_under(connection, keys, newest=newest, after=0, limit=room + 1, without=found.keys())
        truncated = len(page) > room
        found.update((each.sequence, each) for each in page[:room])
        asked |= keys
        keys = set(follow(page)) - asked
    records = tuple(found[sequence] for sequence in sorted(found))
    return FactRead(records, _receipts(connection, records), _links(connection), newest, truncated or bool(keys))


def _receipts(connection: apsw.Connection, records: Collection[StoredRecord]) -> dict[int, tuple[Receipted, ...]]:
    """Give the smallest and the newest receipted checkpoint over each received record; many records share them."""
    received = [(each.sequence,) for each in records if each.direction is Direction.RECEIVED]
    rows = list(
        select_rows(
            connection,
            "SELECT e.sequence, e.log, (SELECT size FROM receipt t WHERE t.log = e.log AND t.size > e.idx"
            " ORDER BY t.size LIMIT 1) FROM entry e INDEXED BY entry_by_record WHERE e.sequence IN",
            received,
        )
    )
    covered = [(sequence, log, size) for sequence, log, size in rows if size is not None]
    newest = {log: _newest_size(connection, log) for log in {log for _, log, _ in covered}}
    places = {(log, size) for _, log, size in covered} | set(newest.items())
    found = {place: _receipt(connection, *place) for place in places}
    return {
        sequence: tuple(found[log, each] for each in dict.fromkeys((size, newest[log])))
        for sequence, log, size in covered
    }


def _newest_size(connection: apsw.Connection, log: int) -> int:
    return int(connection.execute("SELECT max(size) FROM receipt WHERE log = ?", (log,)).get)


def _receipt(connection: apsw.Connection, log: int, size: int) -> Receipted:
    query = "SELECT note, time FROM receipt WHERE log = ? AND size = ?"
    row: tuple[bytes, int] = connection.execute(query, (log, size)).fetchall()[0]  # type: ignore[assignment]
    return Receipted(*row)


def _links(connection: apsw.Connection) -> list[PartnerLink]:
    rows = connection.execute(
        "SELECT k.partner, k.suspended, coalesce((SELECT l.receipt_time FROM log l WHERE l.link = k.id"
        " AND l.received = 1 ORDER BY l.generation DESC LIMIT 1), 0) FROM link k ORDER BY k.partner"
    )
    return [PartnerLink(*row) for row in rows]
