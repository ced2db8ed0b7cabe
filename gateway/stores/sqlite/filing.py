"""Filing records in the view index: as they are stored, and all anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

import apsw

from gateway.ports.links import Standing
from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.consent import note_anew
from gateway.stores.sqlite.key_places import places_of, segment_of
from gateway.stores.sqlite.many import insert_rows
from gateway.views.keys import KEYS_VERSION, key_number, keys_of_bytes, keys_of_erased, view_keys
from mutualrecognition.records.v1.record_pb2 import Record

REBUILD_RECORDS: Final = 2048
"""Records filed anew in one transaction: others wait for it, so it must be short."""


def file_records(connection: apsw.Connection, records: Iterable[tuple[int, bytes, Record | None]]) -> int:
    """File records in the transaction that stores them; gives the number of rows.

    Each comes by its bytes, and parsed where that was done before. Either way its keys are the same.
    """
    rows = [
        (segment_of(sequence), key_number(key), sequence)
        for sequence, record, parsed in records
        for key in (keys_of_bytes(record) if parsed is None else view_keys(parsed))
    ]
    rows.sort()  # side by side in the tree, however the keys came
    return _insert(connection, rows)


def is_outdated(connection: apsw.Connection) -> bool:
    """Tell whether some records are filed under other keys than the present ones, or not at all."""
    return bool(connection.execute("SELECT version FROM view_version").get != KEYS_VERSION)


def note_version(connection: apsw.Connection) -> None:
    """Note that every record is filed under the present keys."""
    connection.execute("REPLACE INTO view_version (id, version) VALUES (1, ?)", (KEYS_VERSION,))


def begin_when_empty(connection: apsw.Connection) -> None:
    """Note the version in a store without records: all that come will be filed under the present keys."""
    if connection.execute("SELECT sequence FROM record LIMIT 1").get is None:
        note_version(connection)


def refile_erased(connection: apsw.Connection, stored: StoredRecord, tin: str) -> None:
    """Take a record out of the index, and leave what is left of it under the operator's number alone."""
    segment = segment_of(stored.sequence)
    connection.executemany(
        "DELETE FROM view_index WHERE segment = ? AND key = ? AND sequence = ?",
        [(segment, key_number(key), stored.sequence) for key in keys_of_bytes(stored.record)],
    )
    if stored.standing is Standing.ACCEPTED:
        _file_erased(connection, [(stored.sequence, tin)])


def _file_erased(connection: apsw.Connection, erased: Iterable[tuple[int, str]]) -> int:
    return _insert(
        connection,
        [(segment_of(sequence), key_number(key), sequence) for sequence, tin in erased for key in keys_of_erased(tin)],
    )


def _insert(connection: apsw.Connection, rows: Sequence[tuple[int, int, int]]) -> int:
    """Add rows that may be there already. Where they can lie is noted first: nobody may see one and not find it."""
    if places := places_of(connection):
        places.note(rows)
    insert_rows(connection, "view_index", "segment, key, sequence", rows, or_ignore=True)
    return len(rows)


def file_anew(connection: apsw.Connection, after: int) -> tuple[int, int]:
    """Take the rows of the next records away and file these records again; gives how far, and how many rows.

    What they say of withdrawn consent is noted anew too.
    """
    rows: list[tuple[int, bytes, str, int, str, str | None]] = connection.execute(
        "SELECT r.sequence, r.record, r.standing, r.received, r.partners, e.tin"
        " FROM record r LEFT JOIN erased e USING (sequence) WHERE r.sequence > ? ORDER BY r.sequence LIMIT ?",
        (after, REBUILD_RECORDS),
    ).fetchall()  # type: ignore[assignment]
    end = rows[-1][0] if rows else after
    for segment in range(segment_of(after + 1), segment_of(end) + 1):
        connection.execute(
            "DELETE FROM view_index WHERE segment = ? AND sequence > ? AND sequence <= ?", (segment, after, end)
        )
    note_anew(connection, after + 1, end)
    accepted = [row for row in rows if row[2] == Standing.ACCEPTED.value]
    filed = file_records(connection, ((sequence, record, None) for sequence, record, *_, tin in accepted if not tin))
    return end, filed + _file_erased(connection, ((sequence, tin) for sequence, *_, tin in accepted if tin))


def digest(connection: apsw.Connection) -> bytes:
    """Hash all rows, in their order."""
    whole = sha256()
    for row in connection.execute("SELECT segment, key, sequence FROM view_index ORDER BY segment, key, sequence"):
        whole.update(b"%d %d %d\n" % row)
    return whole.digest()
