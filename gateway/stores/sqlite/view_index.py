"""Finding records by the keys under which they are filed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Final

import apsw

from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.filing import SEGMENT_BITS
from gateway.stores.sqlite.reading import of_sequences
from gateway.views.keys import key_number, keys_of_bytes

_IN_SEGMENTS: Final = (
    "SELECT DISTINCT sequence FROM view_index WHERE segment IN (SELECT value FROM json_each(?))"
    " AND key IN (SELECT value FROM json_each(?)) AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
)


def records_under(
    connection: apsw.Connection, keys: Collection[str], *, newest: int, after: int, limit: int
) -> list[StoredRecord]:
    """Find records that have one of the keys, up to the sequence ``newest``."""
    wanted = frozenset(keys)
    numbers = json.dumps(sorted({key_number(key) for key in wanted}))
    found: list[StoredRecord] = []
    for segments in _spans(after, newest):
        reached = after
        while len(found) < limit:
            room = limit - len(found)
            rows = connection.execute(_IN_SEGMENTS, (json.dumps(segments), numbers, reached, newest, room))
            sequences = [sequence for (sequence,) in rows]
            there = of_sequences(connection, sequences)
            found += [each for each in there if not wanted.isdisjoint(keys_of_bytes(each.record))]
            if len(sequences) < room:
                break
            reached = sequences[-1]
    return found


def _spans(after: int, newest: int) -> Iterator[list[int]]:
    """Give the segments with the sequences beyond ``after``, in order, each time twice as many.

    What is often there is found in the first, and no more is read; what is rare costs a few statements, not one for
    each segment.
    """
    segment, end, width = (after + 1) >> SEGMENT_BITS, newest >> SEGMENT_BITS, 1
    while segment <= end:
        span = list(range(segment, min(segment + width, end + 1)))
        yield span
        segment, width = span[-1] + 1, 2 * width
