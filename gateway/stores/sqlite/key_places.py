"""In which segments of the view index a key can lie: a filter in memory, so that few are looked into in vain.

A Bloom filter for each segment: every segment has a bit in every slot, a key's number has three slots, and filing it
sets the segment's bit in them. So a key may be told to lie where it does not (others have set its bits), never the
other way round. Nothing of it is stored: what was filed before the store was opened is read again from the index,
segment by segment beside the work, and until then such a segment counts as one where everything can lie.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Final

import apsw

SEGMENT_BITS: Final = 13
"""Records of one segment, as a power of two: the tree that a batch is filed into stays at a hundred pages."""

_TOGETHER: Final = 64
"""Segments that share a slot, each with its bit."""

_SLOTS: Final = 1 << 20
"""Of such a group: 8 MiB for 524,288 records. With eight keys a record, one segment in 200 is told in vain."""

_LAST: Final = _SLOTS - 1

Filed = tuple[int, int, int]
"""A row of the index: segment, number of the key, sequence."""

Place = tuple[int, int]
"""A segment, and the number of a key that can lie there."""


def segment_of(sequence: int) -> int:
    """Give the segment in which a record is filed."""
    return sequence >> SEGMENT_BITS


class KeyPlaces:
    """Where keys can lie, in one open store: the writer notes, any thread asks.

    While there is one segment alone, nothing is known of it and no memory is used: what is not there costs one look.
    ``newest`` is the sequence of the last record that was filed before; all that comes after it is noted here.
    """

    def __init__(self, newest: int) -> None:
        self._lock = Lock()
        self._groups: list[array[int]] = []
        self._to_learn = list(range(segment_of(newest) + 1))
        self._unknown = [0] * (self._to_learn[-1] // _TOGETHER + 1)
        """Of each group, the bits of its segments that were not read yet."""
        for segment in self._to_learn:
            self._unknown[segment // _TOGETHER] |= 1 << segment % _TOGETHER
        if self._to_learn[-1]:
            self._group(self._to_learn[-1] // _TOGETHER)

    def note(self, rows: Sequence[Filed]) -> None:
        """Note rows, sorted, before they are committed."""
        if not rows or not (self._groups or rows[-1][0]):
            return
        with self._lock:
            self._note(rows)

    def knows_all(self, newest: int) -> bool:
        """Tell whether nothing is to be read that was filed before.

        ``newest`` is the last record that is committed: while it is in the first segment, more may be under way there.
        """
        return not self._to_learn or segment_of(newest) == 0

    def learn(self, connection: apsw.Connection) -> None:
        """Read one more of the segments that were filed before, the newest first: about 25 ms."""
        with self._lock:  # the writer waits for it too: of two threads that change a slot, one would be forgotten
            if self._to_learn:
                segment = self._to_learn.pop()
                query = "SELECT segment, key, sequence FROM view_index WHERE segment = ?"
                rows: list[Filed] = connection.execute(query, (segment,)).fetchall()  # type: ignore[assignment]
                self._note(rows)
                self._unknown[segment // _TOGETHER] &= ~(1 << segment % _TOGETHER)

    def of(self, numbers: Iterable[int], first: int, last: int) -> list[Place]:
        """Give the places from the segment ``first`` to ``last`` where keys of these numbers can lie, in order."""
        if not self._groups:
            return [(0, number) for number in sorted(numbers)] if first == 0 else []
        groups = list(zip(self._groups, self._unknown, strict=False))  # the writer may be adding one
        found: list[Place] = []
        for number in numbers:
            one, two, three = number & _LAST, number >> 6 & _LAST, number >> 12
            below = -1
            for slots, unknown in groups:
                bits = slots[one] & slots[two] & slots[three] | unknown
                while bits:
                    lowest = bits & -bits
                    bits ^= lowest
                    found.append((below + lowest.bit_length(), number))
                below += _TOGETHER
        found.sort()
        if found and (found[0][0] < first or found[-1][0] > last):
            return [each for each in found if first <= each[0] <= last]
        return found

    def _note(self, rows: Sequence[Filed]) -> None:
        noted, bit, slots = -1, 0, self._group(0)
        for segment, number, _ in rows:
            if segment != noted:
                noted, bit, slots = segment, 1 << segment % _TOGETHER, self._group(segment // _TOGETHER)
            slots[number & _LAST] |= bit
            slots[number >> 6 & _LAST] |= bit
            slots[number >> 12] |= bit

    def _group(self, number: int) -> array[int]:
        while len(self._groups) <= number:
            if len(self._unknown) == len(self._groups):
                self._unknown.append(0)
            self._groups.append(array("Q", bytes(8 * _SLOTS)))
        return self._groups[number]
