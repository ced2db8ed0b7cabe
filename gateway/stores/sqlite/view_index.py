"""Finding records by the keys under which they are filed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import merge
from itertools import islice

import apsw

from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.filing import SEGMENT_BITS
from gateway.stores.sqlite.reading import of_sequences
from gateway.views.keys import key_number, keys_of_bytes


def records_under(
    connection: apsw.Connection, keys: Collection[str], *, newest: int, after: int, limit: int
) -> list[StoredRecord]:
    """Find records that have one of the keys, up to the sequence ``newest``."""
    wanted = frozenset(keys)
    numbers = sorted({key_number(key) for key in wanted})
    found: list[StoredRecord] = []
    sequences = _sequences(connection, numbers, after, newest)
    while len(found) < limit and (some := list(islice(sequences, limit - len(found)))):
        found += [each for each in of_sequences(connection, some) if not wanted.isdisjoint(keys_of_bytes(each.record))]
    return found


def _sequences(connection: apsw.Connection, numbers: list[int], after: int, newest: int) -> Iterator[int]:
    """Give the sequences under any of the numbers, each once, in order, reading no further than the caller does."""
    for segment in range((after + 1) >> SEGMENT_BITS, (newest >> SEGMENT_BITS) + 1):
        streams = [
            [
                sequence
                for (sequence,) in connection.execute(
                    "SELECT sequence FROM view_index WHERE segment = ? AND key = ? AND sequence > ? AND sequence <= ?",
                    (segment, number, after, newest),
                )
            ]
            for number in numbers
        ]
        last = 0
        for sequence in merge(*streams):
            if sequence != last:
                last = sequence
                yield sequence
