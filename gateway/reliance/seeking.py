"""Finding a place in this node's order of records by time."""

from __future__ import annotations

from typing import Final

from gateway.ports.records import RecordQuery, Records

_CLOCKS_DIFFER: Final = 3600
"""Seconds by which a clock may have been set back without harm."""


async def before_first_since(records: Records, at: int) -> int:
    """Give the sequence before the first record that was stored at ``at`` or later.

    Nothing is stated before it is done, and records are stored in the order of their sequences; a clock that was set
    back by less than an hour does no harm.
    """
    low, high = 0, await records.newest()
    everything = RecordQuery(include_quarantined=True)
    while low < high:
        middle = (low + high) // 2
        page, _ = await records.after(middle, limit=1, query=everything)
        if page and page[0].stored_at < at - _CLOCKS_DIFFER:
            low = middle + 1
        else:
            high = middle
    return low
