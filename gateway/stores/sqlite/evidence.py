"""The parts of one entry's proof."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from gateway.errors import Absent, EvidenceErased, NotYetReceipted
from gateway.ports.links import Direction
from gateway.ports.records import EvidenceParts
from gateway.stores.sqlite.reading import NAMED, name_of
from gateway.stores.sqlite.tiles import inclusion_path


@dataclass(frozen=True, slots=True)
class _Entry:
    """A leaf with its record: ``log`` is the log's number in this file."""

    log: int
    origin: str
    index: int
    salt: bytes
    record: bytes


def evidence(connection: apsw.Connection, whose: str, record_id: str, *, partner: str, beyond: int) -> EvidenceParts:
    """Find the entry, the smallest receipt that covers it and more than ``beyond``, and the path between them.

    Raises:
        Absent: no such record, or several partners have it and none was named.
        NotYetReceipted: it waits for its batch or for its receipt.
        EvidenceErased: its content is gone.
    """
    sequence, partner = _choose(connection, whose, record_id, partner or whose)
    entry = _find_entry(connection, sequence, partner)
    receipt = None if entry is None else _smallest_receipt(connection, entry, beyond)
    if entry is not None and not entry.salt:
        raise EvidenceErased(f"The content of the record {record_id} was erased; its log keeps the commitment alone.")
    if entry is None or receipt is None:
        raise NotYetReceipted(f"{partner} has not receipted the record {record_id}.")
    size, note = receipt
    return EvidenceParts(
        partner=partner,
        direction=Direction.RECEIVED if whose else Direction.ISSUED,
        origin=entry.origin,
        index=entry.index,
        salt=entry.salt,
        record=entry.record,
        size=size,
        note=note,
        path=inclusion_path(connection, entry.log, entry.index, size),
    )


def _choose(connection: apsw.Connection, whose: str, record_id: str, partner: str) -> tuple[int, str]:
    """Give where the record lies, and the one partner with which this side has it."""
    query = f"SELECT r.sequence, r.partners FROM record r WHERE {NAMED}"  # noqa: S608  constants
    row = connection.execute(query, name_of(whose, record_id)).fetchone()
    having = row[1].split() if row else []
    if row is None or (partner and partner not in having):
        between = f" between this node and {partner}" if partner else ""
        raise Absent(f"There is no record {record_id}{between}.")
    if not partner and len(having) != 1:
        raise Absent(f"The record {record_id} is in {len(having)} logs; name the partner: {', '.join(having)}.")
    return row[0], partner or having[0]


def _smallest_receipt(connection: apsw.Connection, entry: _Entry, beyond: int) -> tuple[int, bytes] | None:
    row = connection.execute(
        "SELECT size, note FROM receipt WHERE log = ? AND size > ? ORDER BY size LIMIT 1",
        (entry.log, max(entry.index, beyond)),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _find_entry(connection: apsw.Connection, sequence: int, partner: str) -> _Entry | None:
    row = connection.execute(
        "SELECT e.log, l.origin, e.idx, e.salt, coalesce(f.record, r.record)"
        " FROM entry e JOIN log l ON l.id = e.log JOIN link k ON k.id = l.link JOIN record r ON r.sequence = e.sequence"
        " LEFT JOIN released f ON f.id = e.released WHERE e.sequence = ? AND k.partner = ?"
        " ORDER BY e.idx >= l.receipted, l.generation DESC LIMIT 1",
        (sequence, partner),
    ).fetchone()
    return None if row is None else _Entry(*row)
