"""Records with their deliveries, as readers see them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import apsw

from gateway.ports.links import Direction, Standing
from gateway.ports.records import Delivery, Erased, RecordQuery, StoredRecord
from gateway.stores.sqlite.admission import partner_list
from gateway.stores.sqlite.links import ISSUED, RECEIVED
from gateway.stores.sqlite.receiving import violations_from_text

WINDOW: Final = 5000
"""Records looked at for one page, so that a narrow query does not hold a thread and a snapshot for long."""

_RECEIVED: Final = {Direction.ISSUED: ISSUED, Direction.RECEIVED: RECEIVED}
_DIRECTION: Final = {number: direction for direction, number in _RECEIVED.items()}

SUCCESSOR: Final = (
    "(SELECT n.record_id FROM record n WHERE n.supersedes = r.record_id AND n.received = r.received"
    " AND n.standing = 'ACCEPTED' AND (n.received = 0 OR n.partners = r.partners)"
    " ORDER BY n.sequence DESC LIMIT 1)"
)
"""The newest record that takes the place of one, of the same side."""

_RECORD_COLUMNS: Final = (
    "r.sequence, r.received, r.record_id, r.kind, r.record, r.stored_at, r.partners, r.standing, r.violations,"  # noqa: S608
    f" {SUCCESSOR},"
    " CASE WHEN length(r.record) = 0 THEN (SELECT x.tin FROM erased x WHERE x.sequence = r.sequence) END,"
    " CASE WHEN length(r.record) = 0 THEN (SELECT x.at FROM erased x WHERE x.sequence = r.sequence) END"
)
_RECORD_COLUMN: Final = 4
WHOSE: Final = "r.received = ? AND (? = '' OR r.partners = ?)"
NAMED: Final = f"r.record_id = ? AND {WHOSE}"
"""The one record of an administration that has an id; ``name_of`` says which. Where a partner uses an id again in its
log, the later record has none here."""

VERDICT: Final = (
    "(SELECT CASE WHEN v.last >= e.idx THEN v.verdict END FROM verdict v WHERE v.log = e.log AND v.first <= e.idx"
    " ORDER BY v.first DESC LIMIT 1)"
)
"""The latest word on an entry, of the log's receiver."""

_ENTRIES: Final = (
    "SELECT e.sequence, k.partner, l.origin, e.idx,"  # noqa: S608  constants
    " (SELECT time FROM receipt t WHERE t.log = e.log AND t.size > e.idx ORDER BY t.size LIMIT 1),"
    f" {VERDICT}"
    " FROM entry e INDEXED BY entry_by_record JOIN log l ON l.id = e.log JOIN link k ON k.id = l.link"
    " WHERE e.sequence "
)
"""The entries of some records; a condition on their sequence ends it."""

_AMONG: Final = "IN (SELECT value FROM json_each(?))"

Row = tuple[Any, ...]


def get(connection: apsw.Connection, whose: str, record_id: str) -> StoredRecord | None:
    """Read one record by whose it is and its id."""
    query = f"SELECT {_RECORD_COLUMNS} FROM record r WHERE {NAMED}"  # noqa: S608  constants
    rows = connection.execute(query, name_of(whose, record_id)).fetchall()
    return next(iter(_with_deliveries(connection, rows)), None)


def several(connection: apsw.Connection, whose: str, record_ids: Collection[str]) -> list[StoredRecord]:
    """Read records by whose they are and their ids."""
    _, *whose_it_is = name_of(whose, "")
    rows: list[Row] = connection.execute(
        f"SELECT r.sequence FROM record r WHERE r.record_id {_AMONG} AND {WHOSE}",  # noqa: S608  constants
        (json.dumps(list(record_ids)), *whose_it_is),
    ).fetchall()
    return of_sequences(connection, [sequence for (sequence,) in rows])


def of_id(connection: apsw.Connection, record_id: str) -> list[StoredRecord]:
    """Read every record of an id: a partner has one at most."""
    rows: list[Row] = connection.execute("SELECT sequence FROM record WHERE record_id = ?", (record_id,)).fetchall()
    found = of_sequences(connection, [sequence for (sequence,) in rows])
    return sorted(found, key=lambda each: each.direction is Direction.RECEIVED)


def after(
    connection: apsw.Connection, sequence: int, *, newest: int, limit: int, size_bytes: int, query: RecordQuery
) -> tuple[list[StoredRecord], int]:
    """Read the records after ``sequence`` that the query lets through, looking no further than ``WINDOW``."""
    end = max(sequence, min(sequence + WINDOW, newest))
    condition, bindings = _condition(query)
    found = connection.execute(
        f"SELECT {_RECORD_COLUMNS} FROM record r WHERE r.sequence > ? AND r.sequence <= ?{condition}"  # noqa: S608  constants
        " ORDER BY r.sequence LIMIT ?",
        (sequence, end, *bindings, limit),
    )
    rows, whole = _as_many_as_fit(found, size_bytes)
    looked: int = end if whole and len(rows) < limit else rows[-1][0]
    return _with_deliveries(connection, rows), looked


def of_sequences(connection: apsw.Connection, sequences: Sequence[int]) -> list[StoredRecord]:
    """Read the records of these sequences, wherever they lie, in this node's order."""
    if not sequences:
        return []
    rows: list[Row] = connection.execute(
        f"SELECT {_RECORD_COLUMNS} FROM record r WHERE r.sequence {_AMONG} ORDER BY r.sequence",  # noqa: S608  constants
        _listed(sequences),
    ).fetchall()
    deliveries = _deliveries(connection, _AMONG, _listed(sequences))
    return [_stored_record(row, deliveries.get(row[0], ())) for row in rows]


def name_of(whose: str, record_id: str) -> tuple[str, int, str, str]:
    """Give the bindings of ``NAMED``."""
    partner = partner_list([whose]) if whose else ""
    return record_id, RECEIVED if whose else ISSUED, partner, partner


def _listed(sequences: Sequence[int]) -> tuple[str]:
    return (f"[{','.join(map(str, sequences))}]",)


def _as_many_as_fit(found: Iterable[Row], size_bytes: int) -> tuple[list[Row], bool]:
    """Take rows while their records fit, but one at least; tells whether that was all of them."""
    rows: list[Row] = []
    taken = 0
    for row in found:
        taken += len(row[_RECORD_COLUMN])
        if rows and taken > size_bytes:
            return rows, False
        rows.append(row)
    return rows, True


def _condition(query: RecordQuery) -> tuple[str, list[str | int]]:
    terms: list[str] = []
    bindings: list[str | int] = []
    if query.direction is not None:
        terms.append("r.received = ?")
        bindings.append(_RECEIVED[query.direction])
    if query.partners:
        terms.append(_any_of("instr(r.partners, ?)", len(query.partners)))
        bindings += [partner_list([partner]) for partner in query.partners]
    if query.kinds:
        terms.append(_any_of("r.kind = ?", len(query.kinds)))
        bindings += query.kinds
    if not query.include_quarantined:
        terms.append("r.standing = 'ACCEPTED'")
    return "".join(f" AND {term}" for term in terms), bindings


def _any_of(term: str, count: int) -> str:
    return f"({' OR '.join([term] * count)})"


def _with_deliveries(connection: apsw.Connection, rows: list[Row]) -> list[StoredRecord]:
    if not rows:
        return []
    deliveries = _deliveries(connection, "BETWEEN ? AND ?", (rows[0][0], rows[-1][0]))  # a page has them side by side
    return [_stored_record(row, deliveries.get(row[0], ())) for row in rows]


def _deliveries(connection: apsw.Connection, among: str, bindings: Sequence[Any]) -> dict[int, list[Delivery]]:
    """Read every entry of some records in one go; ``among`` tells which, as a condition on their sequence."""
    rows = connection.execute(_ENTRIES + among, bindings)
    found: dict[int, list[Delivery]] = defaultdict(list)
    for sequence, partner, origin, index, receipted_at, verdict in rows:
        found[sequence].append(Delivery(partner, origin, index, receipted_at, verdict or ""))
    return found


def _stored_record(row: Row, made: Iterable[Delivery]) -> StoredRecord:
    """Make a record of its row, which has ``_RECORD_COLUMNS``, and of its deliveries."""
    sequence, received, record_id, kind, record, stored_at, partners, standing, violations, superseded_by, tin, at = row
    by_partner = {delivery.partner: delivery for delivery in made}
    return StoredRecord(
        sequence,
        _DIRECTION[received],
        record_id or "",
        kind,
        record,
        stored_at,
        tuple(by_partner.get(partner) or Delivery(partner, "", -1, None, "") for partner in partners.split()),
        Standing(standing),
        violations_from_text(violations),
        superseded_by or "",
        Erased(tin, at) if tin else None,
    )
