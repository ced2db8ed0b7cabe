"""Filing records in the view index: as they are stored, and all anew."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import apsw

from gateway.ports.links import JudgedEntry, Standing
from gateway.ports.records import StoredRecord
from gateway.stores.sqlite.connection import places_of
from gateway.stores.sqlite.consent import note_anew
from gateway.stores.sqlite.key_places import segment_of
from gateway.stores.sqlite.many import insert_rows
from gateway.views.keys import (
    KEYS_VERSION,
    held_keys,
    held_keys_of_bytes,
    key_number,
    keys_of_bytes,
    keys_of_stored,
    view_keys,
)
from mutualrecognition.records.v1.record_pb2 import Record

REBUILD_RECORDS: Final = 2048
"""Records filed anew in one transaction: others wait for it, so it must be short."""


def file_records(connection: apsw.Connection, records: Iterable[tuple[int, bytes, Record | None]]) -> int:
    """File records in the transaction that stores them; gives the number of rows.

    Each comes by its bytes, and parsed where that was done before. Either way its keys are the same.
    """
    return _file(
        connection,
        (
            (sequence, keys_of_bytes(record) if parsed is None else view_keys(parsed))
            for sequence, record, parsed in records
        ),
    )


def numbers_under(received: JudgedEntry) -> tuple[int, ...]:
    """Give the numbers of the keys under which a received record is found; one in quarantine, those of what is held.

    It takes as long as all the rest of storing a record, so it is done before the transaction for which others wait.
    """
    parsed, written = received.parsed, received.entry.record
    if received.standing is Standing.ACCEPTED:
        keys = keys_of_bytes(written) if parsed is None else view_keys(parsed)
    else:
        keys = held_keys_of_bytes(written) if parsed is None else held_keys(parsed)
    return tuple([key_number(key) for key in keys])


def file_numbered(connection: apsw.Connection, records: Iterable[tuple[int, Iterable[int]]]) -> int:
    """File records by what ``numbers_under`` gave, in the transaction that stores them."""
    return _file_rows(
        connection, [(segment_of(sequence), number, sequence) for sequence, numbers in records for number in numbers]
    )


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
    is_held = stored.standing is not Standing.ACCEPTED
    connection.executemany(
        "DELETE FROM view_index WHERE segment = ? AND key = ? AND sequence = ?",
        [
            (segment_of(stored.sequence), key_number(key), stored.sequence)
            for key in keys_of_stored(stored.record, is_held=is_held, erased_tin=None)
        ],
    )
    _file(connection, [(stored.sequence, keys_of_stored(b"", is_held=is_held, erased_tin=tin))])


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
    filed = _file(
        connection,
        (
            (sequence, keys_of_stored(record, is_held=standing != Standing.ACCEPTED.value, erased_tin=tin))
            for sequence, record, standing, *_, tin in rows
        ),
    )
    return end, filed


def digest(connection: apsw.Connection) -> bytes:
    """Hash all rows, in their order."""
    whole = sha256()
    for row in connection.execute("SELECT segment, key, sequence FROM view_index ORDER BY segment, key, sequence"):
        whole.update(b"%d %d %d\n" % row)
    return whole.digest()


def _file(connection: apsw.Connection, records: Iterable[tuple[int, Iterable[str]]]) -> int:
    """Add rows that may be there already. Where they can lie is noted first: nobody may see one and not find it."""
    return _file_rows(
        connection, [(segment_of(sequence), key_number(key), sequence) for sequence, keys in records for key in keys]
    )


def _file_rows(connection: apsw.Connection, rows: list[tuple[int, int, int]]) -> int:
    rows.sort()  # side by side in the tree, however the keys came
    if places := places_of(connection):
        places.note(rows)
    insert_rows(connection, "view_index", "segment, key, sequence", rows, or_ignore=True)
    return len(rows)
