"""The rows of links and of their logs' heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import apsw

from gateway.errors import Absent, Conflict
from gateway.linklog.tree import CompactRange
from gateway.ports.links import LogState

ISSUED = 0
RECEIVED = 1
_COLUMNS: Final = "id, origin, generation, size, peaks, receipted, receipt_time, restored_at"


@dataclass(frozen=True, slots=True)
class LogHead:
    """A log's row: ``log`` is its number in this file."""

    log: int
    origin: str
    generation: int
    tree: CompactRange
    receipted: int
    receipt_time: int
    restored_at: int = 0


NO_LOG = LogHead(log=0, origin="", generation=0, tree=CompactRange(), receipted=0, receipt_time=0)
"""Stands for a log of a link that no session has opened yet."""


def find_link(connection: apsw.Connection, partner: str) -> int | None:
    """Give a link's number in this file."""
    found = connection.execute("SELECT id FROM link WHERE partner = ?", (partner,)).get
    return None if found is None else int(found)


def open_link(connection: apsw.Connection, partner: str) -> int:
    """Give a link's number in this file; a new one for a new partner."""
    found = find_link(connection, partner)
    if found is not None:
        return found
    return int(connection.execute("INSERT INTO link (partner) VALUES (?) RETURNING id", (partner,)).get)


def find_head(connection: apsw.Connection, link: int, received: int) -> LogHead | None:
    """Give the head of the log in use in one direction of a link."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM log WHERE link = ? AND received = ? ORDER BY generation DESC LIMIT 1",  # noqa: S608
        (link, received),
    ).fetchone()
    return None if row is None else _head(row)


def find_log(connection: apsw.Connection, link: int, origin: str, received: int | None = None) -> LogHead | None:
    """Give the head of a log of this link by its name, a closed one too; ``received`` None: whoever issues it."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM log WHERE link = ? AND origin = ? AND received = coalesce(?, received)",  # noqa: S608
        (link, origin, received),
    ).fetchone()
    return None if row is None else _head(row)


def log_named(connection: apsw.Connection, partner: str, origin: str) -> LogHead:
    """Give the head of a log of this partner's link by its name.

    Raises:
        Absent: there is none.
    """
    link = find_link(connection, partner)
    head = None if link is None else find_log(connection, link, origin)
    if head is None:
        raise Absent(f"The link with {partner} has no log {origin}.")
    return head


def _head(row: tuple[Any, ...]) -> LogHead:
    log, origin, generation, size, peaks, *rest = row
    return LogHead(log, origin, generation, CompactRange.from_bytes(size, peaks), *rest)


def head_of(connection: apsw.Connection, partner: str, received: int) -> LogHead:
    """Give the head of a log that a session has opened.

    Raises:
        Absent: none has.
    """
    link = find_link(connection, partner)
    head = None if link is None else find_head(connection, link, received)
    if head is None:
        raise Absent(f"The link with {partner} has no log yet.")
    return head


def open_log(connection: apsw.Connection, link: int, received: int, origin: str) -> LogHead:
    """Give the head of the log in use in this direction, whatever its generation; ``origin`` is that of the first.

    An empty one is made for a link that has none.

    Raises:
        Conflict: the log in use is not of this issuer, or not to this partner.
        Absent: there is no log, and this origin is not of generation 1.
    """
    head = find_head(connection, link, received)
    if head is not None:
        if head.origin.rpartition("/")[0] != origin.rpartition("/")[0]:
            raise Conflict(f"The log in use is {head.origin}, not {origin}.")
        return head
    if generation_in(origin) != 1:
        raise Absent(f"There is no log {origin} here, and a new log begins with generation 1.")
    return insert_log(connection, link, received, origin)


def insert_log(connection: apsw.Connection, link: int, received: int, origin: str) -> LogHead:
    """Make an empty log; the one of the highest generation is the one in use."""
    generation = generation_in(origin)
    connection.execute(
        "INSERT INTO log (link, received, generation, origin) VALUES (?, ?, ?, ?)", (link, received, generation, origin)
    )
    return LogHead(connection.last_insert_rowid(), origin, generation, CompactRange(), 0, 0)


def generation_in(origin: str) -> int:
    """Read the generation at the end of an origin."""
    return int(origin.rpartition("/")[2])


def move_head(connection: apsw.Connection, log: int, tree: CompactRange) -> None:
    """Make ``tree`` the log's head. The caller has compared the old one in this transaction."""
    connection.execute("UPDATE log SET size = ?, peaks = ? WHERE id = ?", (tree.size, tree.to_bytes(), log))


def keep_receipt(connection: apsw.Connection, log: int, *, size: int, time: int, note: bytes) -> None:
    """Keep the newest receipt of this log, instead of the one before when both are for one size."""
    connection.execute("REPLACE INTO receipt (log, size, time, note) VALUES (?, ?, ?, ?)", (log, size, time, note))
    connection.execute("UPDATE log SET receipted = ?, receipt_time = ? WHERE id = ?", (size, time, log))


def state_of(connection: apsw.Connection, head: LogHead) -> LogState:
    """Give a head as the port tells it, with the newest receipted checkpoint."""
    note = receipted_note(connection, head)
    return LogState(head.origin, head.generation, head.tree, head.receipted, note, head.receipt_time, head.restored_at)


def receipted_note(connection: apsw.Connection, head: LogHead) -> bytes:
    """Give a log's newest receipted checkpoint; empty while there is none."""
    note = connection.execute("SELECT note FROM receipt WHERE log = ? AND size = ?", (head.log, head.receipted)).get
    return note or b""
