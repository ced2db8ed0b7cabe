"""The end of a link log and the beginning of its next generation, on either side."""

from __future__ import annotations

from zlib import crc32

import apsw

from gateway import records
from gateway.errors import Conflict, GatewayError, LogRollback
from gateway.ports.histories import Renewal
from gateway.ports.intake import AgreementVersion, Priority
from gateway.stores.sqlite.agreements import NO_AGREEMENT, number_agreement
from gateway.stores.sqlite.links import (
    ISSUED,
    RECEIVED,
    LogHead,
    find_head,
    find_link,
    generation_in,
    head_of,
    insert_log,
    move_head,
    open_link,
)
from gateway.stores.sqlite.tiles import tree_of


def renew(connection: apsw.Connection, partner: str, *, held_by_partner: int, next_origin: str) -> Renewal:
    """Close this node's log at what the partner holds, and open the next one."""
    head = head_of(connection, partner, ISSUED)
    link = find_link(connection, partner)
    assert link is not None
    waiting = _wait_again(connection, link, head, held_by_partner)
    closed_at = min(head.tree.size, max(held_by_partner, head.receipted))
    _cut(connection, head, closed_at)
    insert_log(connection, link, ISSUED, next_origin)
    _resume(connection, link)
    return Renewal(closed_at, next_origin, waiting)


def accept_generation(connection: apsw.Connection, partner: str, origin: str) -> None:
    """Hold the partner's log ``origin`` from here on.

    Raises:
        Conflict: the log in use is of this generation, or of a higher one.
    """
    link = open_link(connection, partner)
    head = find_head(connection, link, RECEIVED)
    if head is not None and generation_in(origin) <= head.generation:
        raise Conflict(f"The log of {partner} in use is {head.origin}.")
    insert_log(connection, link, RECEIVED, origin)
    _resume(connection, link)


def _resume(connection: apsw.Connection, link: int) -> None:
    """What a lost log has suspended is settled; an operator's suspension, or a fork, is not."""
    connection.execute("UPDATE link SET suspended = '' WHERE id = ? AND suspended = ?", (link, LogRollback.reason))


def _wait_again(connection: apsw.Connection, link: int, head: LogHead, first: int) -> int:
    """Put what the partner does not hold back into the outbox, in the order of the log."""
    rows: list[tuple[int, int | None, str, bytes]] = connection.execute(
        "SELECT e.sequence, e.released, r.subject, coalesce(f.record, r.record)"
        " FROM entry e JOIN record r USING (sequence) LEFT JOIN released f ON f.id = e.released"
        " WHERE e.log = ? AND e.idx >= ? ORDER BY e.idx",
        (head.log, first),
    ).fetchall()  # type: ignore[assignment]
    for sequence, released, subject, record in rows:
        connection.execute(
            "INSERT OR IGNORE INTO outbox (link, priority, sequence, released, subject_key, agreement)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                link,
                int(Priority.NORMAL),
                sequence,
                released,
                crc32(subject.encode()),
                _agreement(connection, record),
            ),
        )
    return len(rows)


def _agreement(connection: apsw.Connection, record: bytes) -> int:
    try:
        header = records.parse(record).header
    except GatewayError:
        return NO_AGREEMENT
    if not header.agreement_id:
        return NO_AGREEMENT
    return number_agreement(connection, AgreementVersion(header.agreement_id, header.agreement_version))


def _cut(connection: apsw.Connection, head: LogHead, size: int) -> None:
    """Take entries beyond ``size`` out of the log: nobody has signed for them, and nobody will."""
    if size >= head.tree.size:
        return
    tree = tree_of(connection, head.log, size)
    connection.execute("DELETE FROM entry WHERE log = ? AND idx >= ?", (head.log, size))
    connection.execute("DELETE FROM batch WHERE log = ? AND size > ?", (head.log, size))
    connection.execute("DELETE FROM node WHERE log = ? AND (idx + 1) << level > ?", (head.log, size))
    move_head(connection, head.log, tree)
