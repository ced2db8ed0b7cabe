"""The view index against the records: which rows are missing, and which should not be there."""

from __future__ import annotations

from collections.abc import Callable

import apsw

from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.filing import is_outdated
from gateway.stores.sqlite.key_places import SEGMENT_BITS, segment_of
from gateway.views.keys import key_number, keys_of_stored


def check_views(connection: apsw.Connection, tell: Tell, advance: Callable[[int], None]) -> None:
    """Derive every segment of the index anew."""
    if is_outdated(connection):
        tell("views", "The records are filed under the keys of an earlier version.", Repair.VIEWS)
        return
    newest = int(connection.execute("SELECT coalesce(max(sequence), 0) FROM record").get)
    filed = int(connection.execute("SELECT coalesce(max(segment), 0) FROM view_index").get)
    for segment in range(max(segment_of(newest), filed) + 1):
        due = _due(connection, segment, advance)
        rows = connection.execute("SELECT key, sequence FROM view_index WHERE segment = ?", (segment,))
        there = {(int(key), int(sequence)) for key, sequence in rows}
        for what, wrong in (("missing", due - there), ("too many", there - due)):
            if wrong:
                sequences = sorted({sequence for _, sequence in wrong})
                tell(
                    f"views segment {segment}",
                    f"{len(wrong)} keys are {what}, first of the record {sequences[0]}.",
                    Repair.VIEWS,
                )


def _due(connection: apsw.Connection, segment: int, advance: Callable[[int], None]) -> set[tuple[int, int]]:
    rows = connection.execute(
        "SELECT r.sequence, r.record, r.standing = 'ACCEPTED', e.tin FROM record r LEFT JOIN erased e USING (sequence)"
        " WHERE r.sequence >= ? AND r.sequence < ?",
        (segment << SEGMENT_BITS, (segment + 1) << SEGMENT_BITS),
    )
    due: set[tuple[int, int]] = set()
    for sequence, record, accepted, tin in rows:
        keys = keys_of_stored(record, is_held=not accepted, erased_tin=tin)
        due.update((key_number(key), sequence) for key in keys)
        advance(1)
    return due
