"""Decisions as rows: keeping, revising, finding them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import apsw

from gateway.ports.decisions import Change, DecisionEvent, DecisionQuery, Made, StoredDecision
from gateway.stores.sqlite.admission import partner_list
from gateway.stores.sqlite.ledger_rows import enter, enter_again, note_override
from gateway.stores.sqlite.many import insert_rows, select_rows
from gateway.views.keys import key_number

SEGMENT_BITS: Final = 16

_COLUMNS: Final = (
    "d.number, d.decision_id, d.client, d.request_id, d.digest, d.revision, d.answer, d.overridden,"
    " d.pending_until, d.from_sequence, d.facts, s.facts"
)
_FROM: Final = "decision d LEFT JOIN decision_surroundings s ON s.id = d.surroundings"
_SEGMENTS: Final = (
    "WITH RECURSIVE segments (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM segments"
    " WHERE value < (SELECT coalesce(max(number), 0) >> 16 FROM decision))"
)
_BEFORE_ALL: Final = 2**63 - 1
_NEWEST: Final = (
    "SELECT (SELECT coalesce(max(number), 0) FROM decision), (SELECT coalesce(max(id), 0) FROM decision_event)"
)


def sampling_key(connection: apsw.Connection, fresh: bytes) -> bytes:
    """Give the key; the first one given stays."""
    connection.execute("INSERT OR IGNORE INTO sampling_key (id, key) VALUES (1, ?)", (fresh,))
    return bytes(connection.execute("SELECT key FROM sampling_key").get)


def newest_event(connection: apsw.Connection) -> int:
    """The highest number of a change, 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM decision_event").get)


def _answered(connection: apsw.Connection, client: str, request_ids: Collection[str]) -> dict[str, StoredDecision]:
    """Find decisions by their requests."""
    rows = select_rows(
        connection,
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE (d.client, d.request_id) IN",  # noqa: S608  constants
        [(client, request_id) for request_id in request_ids],
    )
    return {each.request_id: each for each in map(_stored, rows)}


def keep(connection: apsw.Connection, made: Sequence[Made]) -> tuple[list[StoredDecision], int]:
    """Keep what is new, in order; several clients may be among them. Gives the highest number of a change too."""
    known: dict[tuple[str, str], StoredDecision] = {}
    for client in {each.client for each in made}:
        mine = [each.request_id for each in made if each.client == client]
        known |= {(client, key): each for key, each in _answered(connection, client, mine).items()}
    number, event = connection.execute(_NEWEST).get
    fresh: list[tuple[int, Made]] = []
    kept: list[StoredDecision] = []
    for each in made:
        stored = known.get((each.client, each.request_id))
        if stored is None:
            number += 1
            stored = known[each.client, each.request_id] = _first(number, each)
            fresh.append((number, each))
        kept.append(stored)
    _insert(connection, fresh)
    enter(connection, [each.entry for _, each in fresh])
    return kept, event + len(fresh)


def revise(connection: apsw.Connection, made: Made, *, revision: int, change: Change) -> StoredDecision | None:
    """Keep the present revision aside, and put the next one in its place."""
    present = get(connection, made.decision_id)
    if present is None or present.revision != revision:
        return None
    connection.execute(
        "INSERT INTO decision_revision (number, revision, answer, facts, surroundings)"
        " SELECT number, revision, answer, facts, surroundings FROM decision WHERE number = ?",
        (present.number,),
    )
    connection.execute(
        "UPDATE decision SET revision = ?, made_at = ?, outcome = ?, pending_until = ?, from_sequence = ?, answer = ?,"
        " facts = ?, surroundings = ? WHERE number = ?",
        (
            revision + 1,
            made.at,
            made.outcome,
            made.pending_until,
            made.from_sequence,
            made.answer,
            made.facts,
            _shared(connection, [made])[made.shared.digest],
            present.number,
        ),
    )
    _insert_found_by(connection, [(present.number, made)])
    enter_again(connection, made.entry)
    _note(connection, [(present.number, change, made.at)])
    return get(connection, made.decision_id)


def override(connection: apsw.Connection, decision_id: str, overridden: bytes, *, at: int) -> StoredDecision | None:
    """Put the override beside the decision."""
    present = get(connection, decision_id)
    if present is None:
        return None
    connection.execute("UPDATE decision SET overridden = ? WHERE number = ?", (overridden, present.number))
    note_override(connection, decision_id)
    _note(connection, [(present.number, Change.OVERRIDDEN, at)])
    return get(connection, decision_id)


def get(connection: apsw.Connection, decision_id: str) -> StoredDecision | None:
    """Find one."""
    query = f"SELECT {_COLUMNS} FROM {_FROM} WHERE d.decision_id = ?"  # noqa: S608  constants
    return next(map(_stored, connection.execute(query, (decision_id,)).fetchall()), None)


def earlier(connection: apsw.Connection, decision_id: str) -> list[StoredDecision]:
    """Find what a decision was before."""
    rows = connection.execute(
        "SELECT d.number, d.decision_id, d.client, d.request_id, d.digest, r.revision, r.answer, x'', NULL,"
        " d.from_sequence, r.facts, s.facts FROM decision d JOIN decision_revision r USING (number)"
        " LEFT JOIN decision_surroundings s ON s.id = r.surroundings WHERE d.decision_id = ? ORDER BY r.revision",
        (decision_id,),
    )
    return [_stored(row) for row in rows]


def pending(connection: apsw.Connection) -> list[StoredDecision]:
    """Find what waits, the nearest deadline first."""
    query = f"SELECT {_COLUMNS} FROM {_FROM} WHERE d.pending_until IS NOT NULL ORDER BY d.pending_until"  # noqa: S608
    return [_stored(row) for row in connection.execute(query)]


def listed(connection: apsw.Connection, query: DecisionQuery, *, before: int, limit: int) -> list[StoredDecision]:
    """Find decisions, the newest first."""
    terms: list[str] = ["d.number < ?"]
    bindings: list[Any] = [before or _BEFORE_ALL]
    for key in sorted(query.keys):
        terms.append("d.number IN (SELECT number FROM decision_goods WHERE segment IN (SELECT value FROM segments)"
                     " AND key = ?)")  # fmt: skip
        bindings.append(key_number(key))
    if query.relied_on:
        terms.append("d.number IN (SELECT b.number FROM decision_basis b JOIN record r ON r.sequence = b.record"
                     " WHERE r.record_id = ? AND (? = '' OR (r.received AND r.partners = ?)))")  # fmt: skip
        bindings += [query.relied_on, query.partner, partner_list([query.partner])]
    if query.outcomes:
        terms.append(f"d.outcome IN ({', '.join('?' * len(query.outcomes))})")
        bindings += sorted(query.outcomes)
    if query.overridden:
        terms.append("d.overridden <> x''")
    if query.since is not None:
        terms.append("d.made_at >= ?")
        bindings.append(query.since)
    if query.until is not None:
        terms.append("d.made_at < ?")
        bindings.append(query.until)
    found = f" SELECT {_COLUMNS} FROM {_FROM} WHERE {' AND '.join(terms)} ORDER BY d.number DESC LIMIT ?"  # noqa: S608
    rows = connection.execute(_SEGMENTS + found, (*bindings, limit))
    return [_stored(row) for row in rows]


def counts(connection: apsw.Connection, *, since: int, until: int) -> list[tuple[int, int, int]]:
    """Count by outcome."""
    rows = connection.execute(
        "SELECT outcome, count(*), sum(overridden <> x'') FROM decision WHERE made_at >= ? AND made_at < ?"
        " GROUP BY outcome ORDER BY outcome",
        (since, until),
    )
    return [(int(outcome), int(count), int(overridden)) for outcome, count, overridden in rows]


def events(connection: apsw.Connection, after: int, *, limit: int) -> list[DecisionEvent]:
    """Read changes in order."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, e.id, e.change, e.at FROM decision_event e JOIN {_FROM} WHERE d.number = e.number"  # noqa: S608
        " AND e.id > ? ORDER BY e.id LIMIT ?",
        (after, limit),
    )
    return [DecisionEvent(row[-3], Change(row[-2]), row[-1], _stored(row[:-3])) for row in rows]


def _shared(connection: apsw.Connection, made: Iterable[Made]) -> dict[bytes, int]:
    """Give the numbers of shared facts by their digests; what is new is kept."""
    found: dict[bytes, int] = {}
    for digest, facts in {each.shared.digest: each.shared.facts for each in made}.items():
        number = connection.execute("SELECT id FROM decision_surroundings WHERE digest = ?", (digest,)).get
        if number is None:
            connection.execute("INSERT INTO decision_surroundings (digest, facts) VALUES (?, ?)", (digest, facts))
            number = connection.last_insert_rowid()
        found[digest] = int(number)
    return found


def _insert(connection: apsw.Connection, fresh: Sequence[tuple[int, Made]]) -> None:
    shared = _shared(connection, [each for _, each in fresh])
    insert_rows(
        connection,
        "decision",
        "number, decision_id, client, request_id, digest, revision, made_at, outcome, pending_until, from_sequence,"
        " answer, facts, surroundings",
        [
            (
                number,
                each.decision_id,
                each.client,
                each.request_id,
                each.digest,
                1,
                each.at,
                each.outcome,
                each.pending_until,
                each.from_sequence,
                each.answer,
                each.facts,
                shared[each.shared.digest],
            )
            for number, each in fresh
        ],
    )
    _insert_found_by(connection, fresh)
    _note(connection, [(number, Change.MADE, each.at) for number, each in fresh])


def _insert_found_by(connection: apsw.Connection, fresh: Sequence[tuple[int, Made]]) -> None:
    goods = sorted((number >> SEGMENT_BITS, key_number(key), number) for number, each in fresh for key in each.keys)
    insert_rows(connection, "decision_goods", "segment, key, number", goods, or_ignore=True)
    bases = sorted((record, number) for number, each in fresh for record in each.relied_on)
    insert_rows(connection, "decision_basis", "record, number", bases, or_ignore=True)


def _note(connection: apsw.Connection, changes: Iterable[tuple[int, Change, int]]) -> None:
    insert_rows(
        connection,
        "decision_event",
        "number, change, at",
        [(number, int(change), at) for number, change, at in changes],
    )


def _first(number: int, made: Made) -> StoredDecision:
    return StoredDecision(
        number,
        made.decision_id,
        made.client,
        made.request_id,
        made.digest,
        1,
        made.answer,
        b"",
        made.pending_until,
        made.from_sequence,
        made.facts + made.shared.facts,
    )


def _stored(row: Sequence[Any]) -> StoredDecision:
    *rest, own, shared = row
    return StoredDecision(*[*rest, own + (shared or b"")])
