"""Finding records by the keys under which they are filed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Final

import apsw

from gateway.ports.links import Standing
from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.connection import places_of
from gateway.stores.sqlite.key_places import Place, segment_of
from gateway.stores.sqlite.reading import of_sequences
from gateway.views.keys import filed_under, key_number, read_record

AT_ONCE: Final = 256
"""Places that one statement looks into, or those of one segment when it has more: SQLite bounds its variables."""


def records_under(
    connection: apsw.Connection,
    keys: Collection[str],
    *,
    newest: int,
    after: int,
    limit: int,
    without: Collection[int] = (),
) -> list[StoredRecord]:
    """Find records that have one of the keys, up to the sequence ``newest``, except those of ``without``.

    They come in this node's order.
    """
    wanted = frozenset(keys)
    portions = _by_segments(places_under(connection, wanted, after=after, newest=newest))
    sequences = _sequences(connection, portions, after=after, newest=newest, page=limit, without=without)
    found: list[StoredRecord] = []
    while len(found) < limit and (some := list(islice(sequences, limit - len(found)))):
        found += [each for each in of_sequences(connection, some) if is_one_of(each, wanted)]
    return found


def is_one_of(stored: StoredRecord, wanted: frozenset[str]) -> bool:
    """Tell whether a record that was found by a key's number has one of the keys themselves."""
    is_held = stored.standing is not Standing.ACCEPTED
    erased_tin = stored.erased.tin if stored.erased else None
    return not wanted.isdisjoint(filed_under(read_record(stored.record), is_held=is_held, erased_tin=erased_tin))


def places_under(connection: apsw.Connection, keys: Iterable[str], *, after: int, newest: int) -> list[Place]:
    """Give every place where something can be, segment by segment."""
    numbers = {key_number(key) for key in keys}
    first, last = segment_of(after + 1), segment_of(newest)
    known = places_of(connection)
    if known is None:
        return [(segment, number) for segment in range(first, last + 1) for number in numbers]
    return known.of(numbers, first, last)


def _by_segments(places: Sequence[Place]) -> Iterator[Sequence[Place]]:
    """Cut places into those of one segment, of the next two, of the next four, as long as these are not too many.

    What is often there fills a page from the first segment alone. What is rare costs few statements all the same.
    """
    portion: list[Place] = []
    segments, most = 0, 1
    for _, some in groupby(places, key=itemgetter(0)):
        segment = list(some)
        if portion and (segments == most or len(portion) + len(segment) > AT_ONCE):
            yield portion
            portion, segments, most = [], 0, most * 2
        portion += segment
        segments += 1
    if portion:
        yield portion


def _sequences(
    connection: apsw.Connection,
    portions: Iterable[Sequence[Place]],
    *,
    after: int,
    newest: int,
    page: int,
    without: Collection[int],
) -> Iterator[int]:
    """Give the sequences filed in these places, each once, in order within a portion, little more than is asked for."""
    given = set(without)
    for places in portions:
        query, values = _query(len(places)), tuple(chain.from_iterable(places))
        reached, is_full = after, True
        while is_full:
            rows: list[tuple[int]] = connection.execute(query, (*values, reached, newest, page)).fetchall()  # type: ignore[assignment]
            for (sequence,) in rows:
                if sequence not in given:  # it may be there under several numbers
                    given.add(sequence)
                    yield sequence
            is_full = len(rows) == page
            reached = rows[-1][0] if rows else reached


@lru_cache(maxsize=512)
def _query(places: int) -> str:
    """Write the query with its places one by one; ``CROSS JOIN`` has SQLite go from place to place."""
    return (
        f"SELECT v.sequence FROM (VALUES {', '.join(['(?, ?)'] * places)}) p CROSS JOIN view_index v"  # noqa: S608  marks
        " ON v.segment = p.column1 AND v.key = p.column2 AND v.sequence > ? AND v.sequence <= ?"
        " ORDER BY v.sequence LIMIT ?"
    )
