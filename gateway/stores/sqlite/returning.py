"""Giving the entries of a log to whoever lost them, and putting what a partner gave back in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import apsw

from gateway.errors import OutOfOrder
from gateway.linklog.hashing import SALT_BYTES
from gateway.ports.histories import HistoryEntry, HistoryPart, ReturnedEntry
from gateway.ports.links import Entry
from gateway.stores.sqlite.admission import ACCEPTED, partner_list
from gateway.stores.sqlite.filing import file_records
from gateway.stores.sqlite.group_commit import newest_sequence
from gateway.stores.sqlite.judgements import keep_judgement
from gateway.stores.sqlite.links import (
    ISSUED,
    RECEIVED,
    LogHead,
    find_link,
    find_log,
    log_named,
    move_head,
    receipted_note,
)
from gateway.stores.sqlite.tiles import grow

ERASED: Final = Entry(b"", b"")
_ENTRIES: Final = (
    "SELECT e.idx, e.salt, e.commitment, coalesce(f.record, r.record), e.sequence, e.released"
    " FROM entry e LEFT JOIN released f ON f.id = e.released"
    " LEFT JOIN record r ON e.released IS NULL AND r.sequence = e.sequence"
    " WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx"
)


def part(
    connection: apsw.Connection, partner: str, origin: str, *, first: int, records: int, size_bytes: int
) -> HistoryPart | None:
    """Read receipted entries of the log ``origin``, whichever of the two sides issued it."""
    link = find_link(connection, partner)
    head = None if link is None else find_log(connection, link, origin)
    if head is None:
        return None
    end = min(head.receipted, first + max(records, 1))
    taken: list[HistoryEntry] = []
    room = size_bytes
    for _, salt, commitment, record, _, _ in connection.execute(_ENTRIES, (head.log, first, end)):
        content = Entry(salt, record) if salt else ERASED
        room -= SALT_BYTES + len(content.record)
        if taken and room < 0:
            break
        taken.append(HistoryEntry(content, commitment))
    return HistoryPart(tuple(taken), head.receipted, receipted_note(connection, head))


def take_back(connection: apsw.Connection, partner: str, origin: str, entries: Sequence[ReturnedEntry]) -> int:
    """Mend entries that are there, append those that follow, and give how many changed.

    Raises:
        OutOfOrder: they begin beyond the log's end.
    """
    head = log_named(connection, partner, origin)
    if entries and entries[0].index > head.tree.size:
        raise OutOfOrder(f"{origin} has {head.tree.size} entries here; {entries[0].index} cannot be taken back yet.")
    there = [each for each in entries if each.index < head.tree.size]
    new = [each for each in entries if each.index >= head.tree.size]
    return _mend(connection, head, there) + _append(connection, partner, head, new)


def _mend(connection: apsw.Connection, head: LogHead, entries: Sequence[ReturnedEntry]) -> int:
    if not entries:
        return 0
    last = entries[-1].index + 1
    stored = {row[0]: row[1:] for row in connection.execute(_ENTRIES, (head.log, entries[0].index, last))}
    mended = 0
    for each in entries:
        content, commitment = each.returned.entry, each.returned.commitment
        salt, kept, record, sequence, released = stored.get(each.index, (b"", b"", None, None, None))
        if sequence is None:
            raise OutOfOrder(f"Entry {each.index} of {head.origin} has no row here; restore a copy first.")
        if not (content.salt and salt) or (salt, kept, record) == (content.salt, commitment, content.record):
            continue  # erased on one side, or as it should be
        mended += 1
        connection.execute(
            "UPDATE entry SET salt = ?, commitment = ? WHERE log = ? AND idx = ?",
            (content.salt, commitment, head.log, each.index),
        )
        if record != content.record:
            table, key, value = ("record", "sequence", sequence) if released is None else ("released", "id", released)
            connection.execute(f"UPDATE {table} SET record = ? WHERE {key} = ?", (content.record, value))  # noqa: S608
    return mended


def _append(connection: apsw.Connection, partner: str, head: LogHead, entries: Sequence[ReturnedEntry]) -> int:
    if not entries:
        return 0
    tree = grow(connection, head.log, head.tree, (each.returned.commitment for each in entries))
    for each in entries:
        sequence, released = _place(connection, partner, each)
        content = each.returned.entry
        connection.execute(
            "INSERT INTO entry (log, idx, sequence, released, salt, commitment) VALUES (?, ?, ?, ?, ?, ?)",
            (head.log, each.index, sequence, released, content.salt, each.returned.commitment),
        )
        link = find_link(connection, partner)
        assert link is not None
        connection.execute("DELETE FROM outbox WHERE link = ? AND sequence = ?", (link, sequence))
        if each.record.judges is not None:
            keep_judgement(
                connection,
                each.record.judges,
                find_log(connection, link, each.record.judges.origin, RECEIVED),
                sequence,
            )
    move_head(connection, head.log, tree)
    return len(entries)


def _place(connection: apsw.Connection, partner: str, entry: ReturnedEntry) -> tuple[int, int | None]:
    """Give the record of an entry, and the released form that it is in: what is known still, or new rows."""
    known = connection.execute(
        "SELECT sequence, record, partners FROM record WHERE record_id = ? AND received = ? ORDER BY sequence LIMIT 1",
        (entry.record.record_id or None, ISSUED),
    ).fetchone()
    content = entry.returned.entry.record
    if known is None:
        return _new_record(connection, partner, entry), None
    sequence, record, partners = known
    if partner not in partners.split():
        connection.execute(
            "UPDATE record SET partners = ? WHERE sequence = ?", (partner_list([*partners.split(), partner]), sequence)
        )
    if record == content:
        return sequence, None
    return sequence, _released(connection, sequence, content)


def _released(connection: apsw.Connection, sequence: int, content: bytes) -> int:
    found = connection.execute(
        "SELECT f.id FROM released f WHERE f.record = ?2 AND f.id IN (SELECT released FROM outbox WHERE sequence = ?1"
        " UNION SELECT released FROM entry WHERE sequence = ?1)",
        (sequence, content),
    ).get
    if found is not None:
        return int(found)
    return int(connection.execute("INSERT INTO released (record) VALUES (?) RETURNING id", (content,)).get)


def _new_record(connection: apsw.Connection, partner: str, entry: ReturnedEntry) -> int:
    sequence = newest_sequence(connection) + 1
    said, content = entry.record, entry.returned.entry.record
    connection.execute(
        "INSERT INTO record (sequence, received, record_id, kind, subject, partners, supersedes, stored_at, standing,"
        " record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sequence,
            ISSUED,
            said.record_id or None,
            said.kind,
            said.subject,
            partner_list([partner]),
            said.supersedes or None,
            said.issued_at,
            ACCEPTED,
            content,
        ),
    )
    if content:
        file_records(connection, [(sequence, content, None)])
    return sequence
