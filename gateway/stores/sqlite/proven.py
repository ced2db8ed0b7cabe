"""Records found under keys, each with what proves it: what a decision reads, in one statement while that is little."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final

import apsw

from gateway.ports.facts import Receipted
from gateway.ports.links import Standing
from gateway.ports.records import Delivery, StoredRecord
from gateway.stores.sqlite.links import ISSUED
from gateway.stores.sqlite.reading import RECORD_COLUMNS, VERDICT, deliveries_of, stored_record
from gateway.stores.sqlite.view_index import AT_ONCE, places_under
from gateway.values import value
from gateway.views.keys import is_found_under

_PROOF: Final = f"k.partner, l.origin, e.idx, {VERDICT}, e.log, t.size, t.time, t.note"
_PROOF_COLUMNS: Final = 8

_FROM: Final = (
    "FROM record r LEFT JOIN entry e INDEXED BY entry_by_record ON r.received = 1 AND e.sequence = r.sequence"
    " LEFT JOIN log l ON l.id = e.log LEFT JOIN link k ON k.id = l.link"
    " LEFT JOIN receipt t ON t.log = e.log"
    " AND t.size = (SELECT s.size FROM receipt s WHERE s.log = e.log AND s.size > e.idx ORDER BY s.size LIMIT 1)"
)
"""Records with their entry and its smallest receipt. A received record has one entry; an issued one may have many, so
they are read apart."""

Row = tuple[Any, ...]


@value
class Proven:
    """A record, and for a received one the log that it came in with its smallest receipted checkpoint.

    ``size`` is that checkpoint's; ``receipted`` is None for an issued record.
    """

    stored: StoredRecord
    log: int
    size: int
    receipted: Receipted | None


def proven_under(
    connection: apsw.Connection, keys: Collection[str], *, newest: int, limit: int, without: Collection[int]
) -> list[Proven]:
    """Find records that have one of the keys, up to the sequence ``newest``, except those of ``without``.

    Little is expected and all of it is wanted, so few statements look into every place; they come in any order.
    """
    rows = list(islice(_rows(connection, frozenset(keys), newest=newest, without=without), limit))
    issued = deliveries_of(connection, [row[0] for row in rows if row[1] == ISSUED])
    return [_proven(row, issued) for row in rows]


def _rows(
    connection: apsw.Connection, wanted: frozenset[str], *, newest: int, without: Collection[int]
) -> Iterator[Row]:
    places = places_under(connection, wanted, after=0, newest=newest)
    given = set(without)
    for start in range(0, len(places), AT_ONCE):
        some = places[start : start + AT_ONCE]
        for row in connection.execute(_query(len(some)), (*chain.from_iterable(some), newest)):
            sequence, *_, record, _, _, standing, _, _, tin, _ = row[:-_PROOF_COLUMNS]
            if sequence not in given and is_found_under(
                wanted, record, is_held=standing != Standing.ACCEPTED.value, erased_tin=tin
            ):
                given.add(sequence)  # it may lie in other places too
                yield row


@lru_cache(maxsize=AT_ONCE)
def _query(places: int) -> str:
    """Write the query with its places one by one; ``CROSS JOIN`` has SQLite go from place to place."""
    return (
        f"SELECT {RECORD_COLUMNS}, {_PROOF} {_FROM} WHERE r.sequence IN (SELECT v.sequence"  # noqa: S608  marks
        f" FROM (VALUES {', '.join(['(?, ?)'] * places)}) p CROSS JOIN view_index v"
        " ON v.segment = p.column1 AND v.key = p.column2 AND v.sequence <= ?) ORDER BY r.sequence"
    )


def _proven(row: Row, issued: Mapping[int, Sequence[Delivery]]) -> Proven:
    of_record = row[:-_PROOF_COLUMNS]
    partner, origin, index, verdict, log, size, time, note = row[-_PROOF_COLUMNS:]
    if log is None:
        return Proven(stored_record(of_record, issued.get(row[0], ())), 0, 0, None)
    delivery = Delivery(partner, origin, index, time, verdict or "")
    receipted = None if note is None else Receipted(note, time)
    return Proven(stored_record(of_record, [delivery]), log, size or 0, receipted)
