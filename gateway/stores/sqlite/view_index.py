"""Finding records by the keys under which they are filed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import apsw

from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.filing import SEGMENT_BITS
from gateway.stores.sqlite.reading import of_sequences
from gateway.views.keys import key_number, keys_of_bytes, keys_of_erased


def records_under(
    connection: apsw.Connection,
    keys: Collection[str],
    *,
    newest: int,
    after: int,
    limit: int,
    without: Collection[int] = (),
    at_once: bool = False,
) -> list[StoredRecord]:
    """Find records that have one of the keys, up to the sequence ``newest``, except those of ``without``.

    ``at_once``: little is expected, and all of it is wanted, so every segment is looked into by one statement.
    """
    wanted = frozenset(keys)
    numbers = sorted({key_number(key) for key in wanted})
    found: list[StoredRecord] = []
    parts = _parts(after, newest, at_once=at_once)
    filed = _sequences(connection, numbers, parts, after=after, newest=newest, page=limit)
    sequences = (each for each in filed if each not in without)
    while len(found) < limit and (some := list(islice(sequences, limit - len(found)))):
        found += [each for each in of_sequences(connection, some) if not wanted.isdisjoint(_keys_of(each))]
    return found


def _keys_of(stored: StoredRecord) -> tuple[str, ...]:
    return keys_of_erased(stored.erased.tin) if stored.erased else keys_of_bytes(stored.record)


def _parts(after: int, newest: int, *, at_once: bool) -> tuple[Sequence[int], ...]:
    """Give the segments that are looked into by one statement each.

    The first segment is looked into alone: what is often there fills a page from it. For what is rare, all the others
    cost one statement, not one each.
    """
    first, last = (after + 1) >> SEGMENT_BITS, newest >> SEGMENT_BITS
    if at_once:
        return (range(first, last + 1),)
    return (first,), range(first + 1, last + 1)


def _sequences(
    connection: apsw.Connection,
    numbers: Sequence[int],
    parts: Iterable[Sequence[int]],
    *,
    after: int,
    newest: int,
    page: int,
) -> Iterator[int]:
    """Give the sequences under any of the numbers, each once, in order, reading little more than the caller does."""
    for segments in parts:
        query, reached = _query(len(segments), len(numbers)), after
        is_full = True
        while is_full:
            rows: list[tuple[int]] = connection.execute(query, (*segments, *numbers, reached, newest, page)).fetchall()  # type: ignore[assignment]
            for (sequence,) in rows:
                if sequence != reached:  # it may be there under several numbers
                    yield sequence
                reached = sequence
            is_full = len(rows) == page


@lru_cache(maxsize=512)
def _query(segments: int, numbers: int) -> str:
    """Write the query with its values one by one: lists that SQLite has to unpack first take twice as long."""
    return (
        f"SELECT sequence FROM view_index WHERE segment IN ({_marks(segments)}) AND key IN ({_marks(numbers)})"  # noqa: S608  marks
        " AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)
