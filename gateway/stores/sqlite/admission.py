"""Storing submissions: the record, its released forms, who waits for it, and the answer that repeats get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import apsw

from gateway.ports.intake import Admission, Admitted, AgreementVersion, Priority, Reused
from gateway.ports.links import Standing
from gateway.stores.sqlite.agreements import number_agreement
from gateway.stores.sqlite.filing import file_records
from gateway.stores.sqlite.group_commit import newest_sequence
from gateway.stores.sqlite.judgements import keep_judgement
from gateway.stores.sqlite.links import ISSUED, RECEIVED, find_log, open_link
from gateway.stores.sqlite.many import insert_rows, select_rows

Key = tuple[str, str]
ACCEPTED: Final = str(Standing.ACCEPTED)
_RECORD_COLUMNS: Final = (
    "sequence, received, record_id, kind, subject, partners, supersedes, stored_at, standing, record"
)


def admit(connection: apsw.Connection, admissions: Sequence[Admission]) -> list[Admitted | Reused]:
    """Store those that are new, in order, and give each its outcome."""
    answered = _earlier_answers(connection, admissions)
    outcomes: list[Admitted | Reused] = []
    fresh: list[Admission] = []
    for admission in admissions:
        key = (admission.client, admission.request_id)
        earlier = answered.get(key)
        if earlier is None:
            answered[key] = (admission.digest, admission.answer)
            fresh.append(admission)
            outcomes.append(Admitted(admission.answer, repeat=False))
        elif earlier[0] == admission.digest:
            outcomes.append(Admitted(earlier[1], repeat=True))
        else:
            outcomes.append(Reused(admission.request_id))
    if fresh:
        _store(connection, fresh)
    return outcomes


def _earlier_answers(connection: apsw.Connection, admissions: Iterable[Admission]) -> dict[Key, tuple[bytes, bytes]]:
    rows = select_rows(
        connection,
        "SELECT client, request_id, digest, answer FROM submission WHERE (client, request_id) IN",
        [(each.client, each.request_id) for each in admissions],
    )
    return {(client, request_id): (digest, answer) for client, request_id, digest, answer in rows}


@dataclass(slots=True)
class _Rows:
    """What one call adds to each table; the numbers of records and released forms go on from the highest."""

    next_released: int
    links: dict[str, int] = field(default_factory=dict)
    agreements: dict[AgreementVersion | None, int] = field(default_factory=dict)
    records: list[tuple[object, ...]] = field(default_factory=list)
    released: list[tuple[int, bytes]] = field(default_factory=list)
    outbox: list[tuple[int, int, int, int | None, int, int]] = field(default_factory=list)
    sooner: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def released_forms(self, admission: Admission) -> dict[bytes, int | None]:
        """Number the different forms of a record; a form that is the record itself has no row."""
        forms: dict[bytes, int | None] = {admission.statement: None}
        for outgoing in admission.outgoing:
            if outgoing.record not in forms:
                forms[outgoing.record] = self.next_released
                self.released.append((self.next_released, outgoing.record))
                self.next_released += 1
        return forms


def _store(connection: apsw.Connection, admissions: Sequence[Admission]) -> None:
    first = newest_sequence(connection) + 1
    rows = _Rows(int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM released").get))
    for sequence, admission in enumerate(admissions, first):
        _add_rows(connection, rows, admission, sequence)
    insert_rows(connection, "record", _RECORD_COLUMNS, rows.records)
    file_records(
        connection, ((sequence, each.statement, each.parsed) for sequence, each in enumerate(admissions, first))
    )
    insert_rows(connection, "released", "id, record", rows.released)
    insert_rows(connection, "outbox", "link, priority, sequence, released, subject_key, agreement", rows.outbox)
    _take_along(connection, rows)
    insert_rows(
        connection,
        "submission",
        "client, request_id, digest, answer",
        [(each.client, each.request_id, each.digest, each.answer) for each in admissions],
    )
    _keep_judgements(connection, admissions, first, rows.links)


def _add_rows(connection: apsw.Connection, rows: _Rows, admission: Admission, sequence: int) -> None:
    forms = rows.released_forms(admission)
    subject_key = crc32(admission.subject.encode())
    priority = int(admission.priority)
    for outgoing in admission.outgoing:
        link = rows.links.get(outgoing.partner)
        if link is None:
            link = rows.links[outgoing.partner] = open_link(connection, outgoing.partner)
        agreement = rows.agreements.get(outgoing.agreement)
        if agreement is None:
            agreement = rows.agreements[outgoing.agreement] = number_agreement(connection, outgoing.agreement)
        rows.outbox.append((link, priority, sequence, forms[outgoing.record], subject_key, agreement))
        if priority < Priority.BULK:
            rows.sooner.append((priority, link, subject_key, priority, sequence))
    rows.records.append(
        (
            sequence,
            ISSUED,
            admission.record_id,
            admission.kind,
            admission.subject,
            partner_list(each.partner for each in admission.outgoing),
            admission.supersedes or None,
            admission.stored_at,
            ACCEPTED,
            admission.statement,
        )
    )


def _take_along(connection: apsw.Connection, rows: _Rows) -> None:
    """Let what waits about a subject leave as soon as what was stated about it later: none overtakes its own history.

    A record that is not urgent can only overtake bulk, so nothing is searched for on a link where no bulk waits.
    """
    has_bulk = {link: _bulk_waits(connection, link) for link in set(rows.links.values())}
    connection.executemany(
        "UPDATE outbox INDEXED BY outbox_by_subject SET priority = ?"
        " WHERE link = ? AND subject_key = ? AND priority > 0 AND priority > ? AND sequence < ?",
        [each for each in rows.sooner if each[0] == Priority.URGENT or has_bulk[each[1]]],
    )


def _bulk_waits(connection: apsw.Connection, link: int) -> bool:
    bulk = "SELECT 1 FROM outbox WHERE link = ? AND priority = ? LIMIT 1"
    return connection.execute(bulk, (link, int(Priority.BULK))).get is not None


def _keep_judgements(
    connection: apsw.Connection, admissions: Sequence[Admission], first: int, links: dict[str, int]
) -> None:
    for sequence, admission in enumerate(admissions, first):
        if admission.judges is not None:
            for outgoing in admission.outgoing:
                about = find_log(connection, links[outgoing.partner], admission.judges.origin, RECEIVED)
                keep_judgement(connection, admission.judges, about, sequence)


def partner_list(partners: Iterable[str]) -> str:
    """Write partners as the column ``record.partners`` has them; a search is for ``' NL '``."""
    return f" {' '.join(partners)} "
