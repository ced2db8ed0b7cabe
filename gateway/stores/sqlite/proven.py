"""Records found under keys, each with what proves it: what a decision reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, islice
from typing import Any, Final

import apsw

from gateway.ports.facts import FoundRecord, Receipted
from gateway.ports.links import Direction, Standing
from gateway.stores.sqlite.key_places import segment_of
from gateway.stores.sqlite.reading import SUCCESSOR, VERDICT
from gateway.stores.sqlite.view_index import places_under
from gateway.values import value
from gateway.views.keys import filed_under, read_record

_FILED: Final = "SELECT sequence FROM view_index WHERE segment = ? AND key = ? ORDER BY sequence"
"""What lies in one place."""

_RECORD: Final = (
    "SELECT r.sequence, r.received, r.record_id, r.kind, r.record, r.stored_at, r.partners, r.standing,"  # noqa: S608
    f" {SUCCESSOR}, e.log, {VERDICT}, t.size, t.note, t.time"
    " FROM record r LEFT JOIN entry e INDEXED BY entry_by_record ON r.received = 1 AND e.sequence = r.sequence"
    " LEFT JOIN receipt t ON t.log = e.log"
    " AND t.size = (SELECT s.size FROM receipt s WHERE s.log = e.log AND s.size > e.idx ORDER BY s.size LIMIT 1)"
    " WHERE r.sequence = ? AND length(r.record) > 0"
)
"""A record that was not erased, with its entry and its smallest receipt. A received record has one entry; an issued one
may have many, of which a decision reads nothing."""

_LOG: Final = (
    "SELECT l.origin, t.size, t.note, t.time FROM log l LEFT JOIN receipt t ON t.log = l.id"
    " WHERE l.id = ? ORDER BY t.size DESC LIMIT 1"
)
"""A log with its newest receipt."""

_ACCEPTED: Final = Standing.ACCEPTED.value


Row = tuple[Any, ...]


@value
class _Log:
    """What the records of one log share: its name, and its newest receipted checkpoint with that one's size."""

    origin: str
    size: int
    newest: Receipted


class ProvenRecords:
    """Finds records in one snapshot, up to the sequence ``newest``."""

    def __init__(self, connection: apsw.Connection, newest: int) -> None:
        self._connection = connection
        self._newest = newest
        self._logs: dict[int, _Log] = {}

    def some_of(self, keys: frozenset[str], *, most: int, without: Collection[int]) -> list[FoundRecord]:
        """Give records that have one of the keys, except those of ``without``, in this node's order."""
        places = places_under(self._connection, keys, after=0, newest=self._newest)
        if not places:
            return []
        filed = self._connection.executemany(_FILED, places)
        rows = self._connection.executemany(_RECORD, self._each_once(filed, without))
        return list(islice(self._with_one_of(keys, rows), most))

    def _each_once(self, filed: Iterable[Row], without: Collection[int]) -> Iterator[Row]:
        """Give where to look, in order. What is filed comes segment by segment, as places do, and none has too many."""
        for _, some in groupby(filed, _segment):
            for row in sorted(set(some)):
                if row[0] <= self._newest and row[0] not in without:
                    yield row

    def _with_one_of(self, keys: frozenset[str], rows: Iterable[Row]) -> Iterator[FoundRecord]:
        """Make records of rows, as far as they have one of the keys themselves: the index knows their numbers alone."""
        for sequence, received, name, kind, record, stored_at, partners, standing, successor, *way in rows:
            said, is_held = read_record(record), standing != _ACCEPTED
            if keys.isdisjoint(filed_under(said, is_held=is_held, erased_tin=None)):
                continue
            yield FoundRecord(
                sequence,
                Direction.RECEIVED if received else Direction.ISSUED,
                name or "",
                kind,
                record,
                said,
                stored_at,
                tuple(partners.split()),
                is_held,
                successor or "",
                *self._proof(*way),
            )

    def _proof(
        self, log: int | None, verdict: str | None, size: int | None, note: bytes | None, at: int | None
    ) -> tuple[str, str, tuple[Receipted, ...]]:
        """Give in which log a record came, what was said of it since, and its receipts; nothing of an issued one."""
        if log is None:
            return "", "", ()
        known = self._logs.get(log) or self._read_log(log)
        if note is None:
            return known.origin, verdict or "", ()
        first = Receipted(note, at or 0)
        return known.origin, verdict or "", (first,) if size == known.size else (first, known.newest)

    def _read_log(self, log: int) -> _Log:
        row: Row = self._connection.execute(_LOG, (log,)).fetchall()[0]
        origin, size, note, at = row
        known = self._logs[log] = _Log(origin, size or 0, Receipted(note or b"", at or 0))
        return known


def _segment(row: Row) -> int:
    return segment_of(row[0])
