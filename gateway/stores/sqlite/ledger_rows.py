"""Rows of the reliance ledger: entering decisions, closing them, finding what a recall reaches, and counting."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple
from typing import Any, Final
from uuid import UUID

import apsw

from gateway.errors import Absent
from gateway.ports.ledger import (
    BasisTally,
    Closing,
    DecisionTally,
    Finding,
    Goods,
    LedgerEntry,
    LedgerLine,
    Reach,
    Reached,
    Source,
)
from gateway.stores.sqlite.admission import partner_list
from gateway.stores.sqlite.audit import GATEWAY, note_change
from gateway.stores.sqlite.many import insert_rows
from gateway.stores.sqlite.reading import NAMED, WHOSE, name_of

_OUTCOMES: Final = ("PENDING", "RELY", "RELY_SUBJECT_TO", "RELY_IN_PART", "DO_NOT_RELY", "VERIFY")
_GOODS: Final = tuple(Goods)
_FINDINGS: Final = tuple(Finding)
_RELIED: Final = "outcome BETWEEN 1 AND 3"
_IN_LEDGER: Final = f"({_RELIED} OR outcome = 5)"
_COLUMNS: Final = (
    "decision, decided_at, outcome, overridden, partners, consignment, goods, goods_since, finding, report"
)
_STANDING_ON: Final = (
    "SELECT unhex(d.decision_id, '-') FROM record r JOIN decision_basis b ON b.record = r.sequence"
    " JOIN decision d USING (number)"
)
"""The decisions on records by where these lie, which no two have in common; a condition on the records ends it."""
_OTHERS: Final = f"SELECT 1 FROM record r WHERE r.record_id = ? AND NOT ({WHOSE}) LIMIT 1"  # noqa: S608  constants
"""Whether another administration has used an id too."""

_PLAIN_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = tuple[Any, ...]


def enter(connection: apsw.Connection, entries: Sequence[LedgerEntry]) -> None:
    """Enter new decisions, in the transaction that stores them."""
    rows = [
        (
            _bytes(each.decision_id),
            each.decided_at,
            _OUTCOMES.index(each.outcome),
            partner_list(each.partners),
            each.consignment,
        )
        for each in entries
    ]
    insert_rows(connection, "reliance", "decision, decided_at, outcome, partners, consignment", rows)
    _stand_on(connection, entries)


def enter_again(connection: apsw.Connection, entry: LedgerEntry) -> None:
    """Put the next revision of a decision in the place of the one before."""
    decision = _bytes(entry.decision_id)
    for table in ("reliance_basis", "reliance_record"):
        connection.execute(f"DELETE FROM {table} WHERE decision = ?", (decision,))  # noqa: S608  constants
    connection.execute(
        "UPDATE reliance SET decided_at = ?, outcome = ?, partners = ? WHERE decision = ?",
        (entry.decided_at, _OUTCOMES.index(entry.outcome), partner_list(entry.partners), decision),
    )
    _stand_on(connection, [entry])


def _stand_on(connection: apsw.Connection, entries: Sequence[LedgerEntry]) -> None:
    known: dict[tuple[Source, str], int] = {}
    bases, records = [], []
    for entry in entries:
        decision, outcome = _bytes(entry.decision_id), _OUTCOMES.index(entry.outcome)
        for place, stood in enumerate(entry.stood_on):
            source = stood.source, stood.kind
            if source not in known:
                known[source] = _source_number(connection, *source)
            bases.append((decision, place, known[source], outcome, 0, entry.decided_at, stood.done_at))
        records += [(_bytes(record), decision) for record in entry.records]
    insert_rows(connection, "reliance_basis", "decision, place, source, outcome, finding, decided_at, done_at", bases)
    insert_rows(connection, "reliance_record", "record, decision", sorted(records), or_ignore=True)


def note_override(connection: apsw.Connection, decision_id: str) -> None:
    """Note that an officer did otherwise, in the transaction that keeps why."""
    connection.execute("UPDATE reliance SET overridden = 1 WHERE decision = ?", (_bytes(decision_id),))


def lines(connection: apsw.Connection, decision_ids: Collection[str]) -> list[LedgerLine]:
    """Read entries by their decisions, the newest first."""
    return _lines(connection, sorted(map(_bytes, decision_ids), reverse=True))


def newest(
    connection: apsw.Connection, *, before: str, limit: int, partner: str, record: str, open_only: bool
) -> list[LedgerLine]:
    """Read entries, the newest first."""
    terms, bindings = [_IN_LEDGER], list[Any]()
    if before:
        terms.append("decision < ?")
        bindings.append(_bytes(before))
    if partner:
        terms.append("instr(partners, ?)")
        bindings.append(partner_list([partner]))
    if record and partner:
        terms.append(f"decision IN ({_STANDING_ON} WHERE {NAMED})")
        bindings += name_of(partner, record)
    elif record:
        terms.append("decision IN (SELECT decision FROM reliance_record WHERE record = ?)")
        bindings.append(_bytes(record))
    if open_only:
        terms.append("finding = 0")
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM reliance WHERE {' AND '.join(terms)} ORDER BY decision DESC LIMIT ?",  # noqa: S608  constants
        (*bindings, limit),
    )
    return [_line(connection, row) for row in found.fetchall()]


def note_goods(
    connection: apsw.Connection, decision_ids: Sequence[str], goods: Goods, *, at: int, by: str
) -> list[str]:
    """Note where goods are; gives those without an entry."""
    unknown = []
    for decision_id in decision_ids:
        connection.execute(
            "UPDATE reliance SET goods_since = CASE WHEN goods = ?1 THEN goods_since ELSE ?2 END, goods = ?1"
            " WHERE decision = ?3",
            (_GOODS.index(goods), at, _bytes(decision_id)),
        )
        if not connection.changes():
            unknown.append(decision_id)
    detail = f"{len(decision_ids) - len(unknown)} decisions: {goods}"
    note_change(connection, at=at, actor=by or GATEWAY, action="note_goods", detail=detail)
    return unknown


def close(connection: apsw.Connection, closing: Closing) -> LedgerLine:
    """Keep feedback.

    Raises:
        Absent: there is no such entry.
    """
    decision, finding = _bytes(closing.decision_id), _FINDINGS.index(closing.finding)
    connection.execute(
        f"UPDATE reliance SET finding = ?, report = ? WHERE decision = ? AND {_IN_LEDGER}",  # noqa: S608  constants
        (finding, closing.report, decision),
    )
    if not connection.changes():
        raise Absent(f"No decision {closing.decision_id} relied on a partner: there is nothing to give feedback on.")
    connection.execute("UPDATE reliance_basis SET finding = ? WHERE decision = ?", (finding, decision))
    detail = f"{closing.decision_id} {closing.finding}"
    note_change(connection, at=closing.at, actor=closing.by, action="close_reliance", detail=detail)
    if closing.goods is not None:
        note_goods(connection, [closing.decision_id], closing.goods, at=closing.at, by=closing.by)
    return _lines(connection, [decision])[0]


def reached(connection: apsw.Connection, reach: Reach, *, offset: int, limit: int) -> Reached:
    """Find decisions that relied within a reach."""
    query = f"SELECT goods, finding FROM reliance WHERE decision = ? AND {_RELIED} AND decided_at >= ?"  # noqa: S608
    found = [
        (goods == _GOODS.index(Goods.RELEASED), finding == 0, decision)
        for decision in _decisions_within(connection, reach)
        for goods, finding in connection.execute(query, (decision, reach.decided_from))
    ]
    found.sort(key=lambda each: each[2], reverse=True)
    found.sort(key=lambda each: each[0])
    return Reached(
        decisions=len(found),
        not_released=sum(not released for released, _, _ in found),
        without_feedback=sum(is_open for _, is_open, _ in found),
        page=tuple(_lines(connection, [decision for _, _, decision in found[offset : offset + limit]])),
    )


def tallies(
    connection: apsw.Connection, *, begin: int, end: int, partner: str
) -> tuple[list[DecisionTally], list[BasisTally]]:
    """Count decisions and what they stood on. The counting is done here: SQLite would sort millions of rows for it."""
    rows: Iterable[Any] = connection.execute(
        "SELECT partners, outcome, overridden, finding FROM reliance WHERE decided_at >= ? AND decided_at < ?",
        (begin, end),
    )
    decided: Counter[tuple[str, int, int, int]] = Counter(rows)
    return _by_partner(decided, partner), _by_source(connection, begin, end, partner)


def _by_partner(decided: Counter[tuple[str, int, int, int]], partner: str) -> list[DecisionTally]:
    counted: Counter[tuple[str, int, int, int]] = Counter()
    for (partners, outcome, overridden, finding), count in decided.items():
        for each in partners.split() or [""]:
            if partner in ("", each):
                counted[each, outcome, overridden, finding] += count
    return [
        DecisionTally(each, _OUTCOMES[outcome], bool(overridden), _FINDINGS[finding], count)
        for (each, outcome, overridden, finding), count in sorted(counted.items())
    ]


def _by_source(connection: apsw.Connection, begin: int, end: int, partner: str) -> list[BasisTally]:
    """Group decisions by all that they stood on: few ways, among very many decisions."""
    sources = {str(number): Source(*rest[:4]) for number, *rest in connection.execute("SELECT * FROM reliance_source")}
    rows: Iterable[Any] = connection.execute(
        "SELECT group_concat(source, ' '), outcome, finding FROM reliance_basis"
        " WHERE decided_at >= ? AND decided_at < ? GROUP BY decision",
        (begin, end),
    )
    alike: Counter[tuple[str, int, int, tuple[Source, ...]]] = Counter()
    for (numbers, outcome, finding), count in Counter(rows).items():
        stood_on: dict[str, list[Source]] = {}
        for number in numbers.split():
            stood_on.setdefault(sources[number].partner, []).append(sources[number])
        for each, found in stood_on.items():
            if partner in ("", each):
                alike[each, outcome, finding, tuple(sorted(found, key=astuple))] += count
    return [
        BasisTally(each, _OUTCOMES[outcome], _FINDINGS[finding], found, count)
        for (each, outcome, finding, found), count in alike.items()
    ]


def _decisions_within(connection: apsw.Connection, reach: Reach) -> Iterable[bytes]:
    """Give each decision once that has something to do with the reach, whatever its outcome."""
    if reach.records:
        return {each for record in reach.records for each in _on_record(connection, reach.issuer, record)}
    if reach.receipted_until:
        return _on_records_receipted(connection, reach)
    terms, bindings = [], list[Any]()
    for column, value in (("partner", reach.partner), ("office", reach.office), ("device", reach.device)):
        if value:
            terms.append(f"{column} = ?")
            bindings.append(value)
    if reach.kind:
        terms.append("kind = ?")
        bindings.append(reach.kind)
    if not terms:
        return ()
    sources = f"SELECT id FROM reliance_source WHERE {' AND '.join(terms)}"  # noqa: S608  constants
    query = f"SELECT DISTINCT decision FROM reliance_basis WHERE source IN ({sources}) AND done_at >= ? AND done_at < ?"  # noqa: S608
    return [
        decision
        for (decision,) in connection.execute(query, (*bindings, reach.done_from, min(reach.done_until, 2**62)))
    ]


def _on_record(connection: apsw.Connection, issuer: str, record_id: str) -> set[bytes]:
    """Find decisions on one record of a partner. They are kept by its id, which others may have used too."""
    name = name_of(issuer, record_id)
    if connection.execute(_OTHERS, name).get is None:
        rows = connection.execute("SELECT decision FROM reliance_record WHERE record = ?", (_bytes(record_id),))
    else:
        rows = connection.execute(f"{_STANDING_ON} WHERE {NAMED}", name)
    return {decision for (decision,) in rows}


def _on_records_receipted(connection: apsw.Connection, reach: Reach) -> set[bytes]:
    """Find decisions on records of a partner for which this side signed first in a stretch of time.

    A record is stored in the transaction of its first receipt. That receipt's row may have given way to a later one of
    the same size, under a new key; it only bounds where to look.
    """
    rows = connection.execute(
        "SELECT r.sequence FROM link k JOIN log l ON l.link = k.id AND l.received = 1"
        " JOIN entry e ON e.log = l.id"
        " AND e.idx >= (SELECT coalesce(max(size), 0) FROM receipt WHERE log = l.id AND time < ?)"
        " JOIN record r ON r.sequence = e.sequence AND r.stored_at >= ? AND r.stored_at < ?"
        " WHERE k.partner = ?",
        (reach.receipted_from, reach.receipted_from, reach.receipted_until, reach.partner),
    ).fetchall()
    query = f"{_STANDING_ON} WHERE r.sequence = ?"
    return {decision for row in rows for (decision,) in connection.execute(query, row)}


def _source_number(connection: apsw.Connection, source: Source, kind: str) -> int:
    values = (source.partner, source.method, source.office, source.device, kind)
    query = "SELECT id FROM reliance_source WHERE partner = ? AND method = ? AND office = ? AND device = ? AND kind = ?"
    if (found := connection.execute(query, values).get) is None:
        connection.execute(
            "INSERT INTO reliance_source (partner, method, office, device, kind) VALUES (?, ?, ?, ?, ?)", values
        )
        found = connection.last_insert_rowid()
    return int(found)


def _lines(connection: apsw.Connection, decisions: Iterable[bytes]) -> list[LedgerLine]:
    query = f"SELECT {_COLUMNS} FROM reliance WHERE decision = ?"  # noqa: S608  constants
    rows = [row for decision in decisions for row in connection.execute(query, (decision,)).fetchall()]
    return [_line(connection, row) for row in rows]


def _line(connection: apsw.Connection, row: Row) -> LedgerLine:
    decision, decided_at, outcome, overridden, partners, consignment, goods, goods_since, finding, report = row
    records = connection.execute("SELECT record FROM reliance_record WHERE decision = ? ORDER BY record", (decision,))
    return LedgerLine(
        decision_id=str(UUID(bytes=decision)),
        decided_at=decided_at,
        outcome=_OUTCOMES[outcome],
        overridden=bool(overridden),
        partners=tuple(partners.split()),
        records=tuple(str(UUID(bytes=record)) for (record,) in records),
        consignment=consignment,
        goods=_GOODS[goods],
        goods_since=goods_since,
        finding=_FINDINGS[finding],
        report=report,
    )


def _bytes(name: str) -> bytes:
    """Give a UUID as it is kept. What is none names nothing, and is found nowhere."""
    try:
        if _PLAIN_UUID.fullmatch(name):  # all that this node gives; ``UUID`` takes five times as long
            return bytes.fromhex(name.replace("-", ""))
        return UUID(name).bytes
    except ValueError:
        return b""
