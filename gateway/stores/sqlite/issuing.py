"""The issued log: giving waiting records their indexes, and reading them again."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

import apsw

from gateway.errors import LogRollback, OutOfOrder
from gateway.linklog.hashing import SALT_BYTES, commitment
from gateway.ports.intake import AgreementVersion
from gateway.ports.links import Entry, FormedBatch
from gateway.ports.world import Randomness
from gateway.stores.sqlite.agreements import numbers_of
from gateway.stores.sqlite.links import ISSUED, find_head, find_link, head_of, keep_receipt, move_head, receipted_note
from gateway.stores.sqlite.many import insert_rows
from gateway.stores.sqlite.tiles import grow, tree_of


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one batch may hold; one record is always taken, however large. Nothing under ``held_back`` is."""

    records: int
    size_bytes: int
    held_back: Collection[AgreementVersion] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A row of the outbox with its record."""

    priority: int
    sequence: int
    released: int | None
    record: bytes


def form_batch(
    connection: apsw.Connection, partner: str, *, expected_size: int, limits: Limits, randomness: Randomness
) -> FormedBatch | None:
    """Move the next waiting records from the outbox into the log; None when nothing waits.

    Raises:
        OutOfOrder: the log is not at ``expected_size``.
        LogRollback: the store was restored from a copy.
    """
    head = head_of(connection, partner, ISSUED)
    if head.restored_at:
        raise LogRollback(f"The store was restored from a copy: {head.origin} cannot be gone on with.")
    if head.tree.size != expected_size:
        raise OutOfOrder(f"{head.origin} has {head.tree.size} entries, not {expected_size}: another session owns it.")
    link = find_link(connection, partner)
    assert link is not None
    held_back = json.dumps(numbers_of(connection, limits.held_back))
    waiting = _next_waiting(connection, link, limits, held_back)
    if not waiting:
        return None
    salts = randomness.salts(len(waiting))
    commitments = [commitment(salt, each.record) for salt, each in zip(salts, waiting, strict=True)]
    tree = grow(connection, head.log, head.tree, commitments)
    insert_rows(
        connection,
        "entry",
        "log, idx, sequence, released, salt, commitment",
        [
            (head.log, index, each.sequence, each.released, salt, committed)
            for index, (each, salt, committed) in enumerate(
                zip(waiting, salts, commitments, strict=True), expected_size
            )
        ],
    )
    connection.execute(
        "DELETE FROM outbox WHERE link = ? AND (priority, sequence) <= (?, ?)"
        " AND agreement NOT IN (SELECT value FROM json_each(?))",
        (link, waiting[-1].priority, waiting[-1].sequence, held_back),
    )
    move_head(connection, head.log, tree)
    connection.execute("INSERT INTO batch (log, size) VALUES (?, ?)", (head.log, tree.size))
    entries = tuple(Entry(salt, each.record) for salt, each in zip(salts, waiting, strict=True))
    return FormedBatch(expected_size, entries, tree)


def formed_batch(connection: apsw.Connection, partner: str, *, first: int, limits: Limits) -> FormedBatch | None:
    """Read entries again, up to the last batch end within the limits, or to the limits when there is none."""
    head = head_of(connection, partner, ISSUED)
    entries = _entries_within(connection, head.log, first, limits)
    if not entries:
        return None
    reached = first + len(entries)
    end = connection.execute(
        "SELECT max(size) FROM batch WHERE log = ? AND size > ? AND size <= ?", (head.log, first, reached)
    ).get
    size = reached if end is None else int(end)
    return FormedBatch(first, tuple(entries[: size - first]), tree_of(connection, head.log, size))


def commit_receipt(connection: apsw.Connection, partner: str, *, size: int, note: bytes, time: int) -> bool:
    """Keep a receipt; False when a newer one is there. One for the same size, no earlier, signs it anew.

    Raises:
        OutOfOrder: it covers more than the log has.
    """
    head = head_of(connection, partner, ISSUED)
    if size > head.tree.size:
        raise OutOfOrder(f"{head.origin} has {head.tree.size} entries; a receipt for {size} cannot be kept.")
    if size < head.receipted or (size == head.receipted and time < head.receipt_time):
        return False
    if size == head.receipted and note == receipted_note(connection, head):
        return False  # this very one is there
    keep_receipt(connection, head.log, size=size, time=time, note=note)
    return True


def waiting_and_oldest(connection: apsw.Connection, link: int) -> tuple[int, int | None]:
    """Count what waits for its index, and give the time of the oldest record that no receipt covers."""
    waiting = int(connection.execute("SELECT count(*) FROM outbox WHERE link = ?", (link,)).get)
    sequences = [
        connection.execute("SELECT min(sequence) FROM outbox WHERE link = ? AND priority = ?", (link, priority)).get
        for priority in range(3)
    ]
    head = find_head(connection, link, ISSUED)
    if head is not None:
        under_way = "SELECT min(sequence) FROM entry WHERE log = ? AND idx >= ?"
        sequences.append(connection.execute(under_way, (head.log, head.receipted)).get)
    oldest = min((each for each in sequences if each is not None), default=None)
    stored_at = connection.execute("SELECT stored_at FROM record WHERE sequence = ?", (oldest,)).get
    return waiting, stored_at


def _next_waiting(connection: apsw.Connection, link: int, limits: Limits, held_back: str) -> list[_Waiting]:
    rows = connection.execute(
        "SELECT o.priority, o.sequence, o.released, coalesce(f.record, r.record)"
        " FROM outbox o LEFT JOIN released f ON f.id = o.released"
        " LEFT JOIN record r ON o.released IS NULL AND r.sequence = o.sequence"
        " WHERE o.link = ? AND o.agreement NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY o.priority, o.sequence LIMIT ?",
        (link, held_back, max(limits.records, 1)),
    )
    taken: list[_Waiting] = []
    room = limits.size_bytes
    for priority, sequence, released, record in rows:
        room -= SALT_BYTES + len(record)
        if taken and room < 0:
            break
        taken.append(_Waiting(priority, sequence, released, record))
    return taken


def _entries_within(connection: apsw.Connection, log: int, first: int, limits: Limits) -> list[Entry]:
    rows = connection.execute(
        "SELECT e.salt, coalesce(f.record, r.record)"
        " FROM entry e LEFT JOIN released f ON f.id = e.released"
        " LEFT JOIN record r ON e.released IS NULL AND r.sequence = e.sequence"
        " WHERE e.log = ? AND e.idx >= ? ORDER BY e.idx LIMIT ?",
        (log, first, max(limits.records, 1)),
    )
    taken: list[Entry] = []
    room = limits.size_bytes
    for salt, record in rows:
        room -= SALT_BYTES + len(record)
        if taken and room < 0:
            break
        taken.append(Entry(salt, record))
    return taken
