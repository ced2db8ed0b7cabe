"""Records: columns against bytes, and that each issued one is in one log to each of its partners, or waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import apsw

from gateway import records
from gateway.errors import GatewayError
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.links import ISSUED
from mutualrecognition.records.v1.record_pb2 import Record

_WAYS = (
    "SELECT e.sequence, k.partner, l.origin FROM entry e JOIN log l ON l.id = e.log JOIN link k ON k.id = l.link"
    " UNION ALL SELECT o.sequence, k.partner, '' FROM outbox o JOIN link k ON k.id = o.link ORDER BY 1"
)


def check_records(connection: apsw.Connection, tell: Tell, advance: Callable[[int], None]) -> None:
    """Check every record, in this node's order."""
    ways = _Ways(connection)
    due = 1
    for sequence, received, record_id, kind, supersedes, partners, standing, record in connection.execute(
        "SELECT sequence, received, record_id, kind, supersedes, partners, standing, record FROM record"
        " ORDER BY sequence"
    ):
        if sequence != due:
            gone = f"{due}" if sequence == due + 1 else f"{due} to {sequence - 1}"
            tell(f"record {gone}", "This node's numbering has a gap here.", Repair.COPY)
        due = sequence + 1
        for lost in ways.without_record(sequence):
            tell(f"record {lost}", "A log or an outbox names it, and it is not there.", Repair.PARTNER)
        place = f"record {sequence} {record_id or ''}".strip()
        repair = Repair.PARTNER if received else Repair.COPY
        if record and standing == "ACCEPTED":
            for sentence in _differences(record, record_id or "", kind, supersedes or ""):
                tell(place, sentence, repair)
        found = ways.of(sequence)
        for sentence in _way_faults(str(partners).split(), found, issued=received == ISSUED):
            tell(place, sentence, repair)
        advance(1)
    for lost in ways.without_record(None):
        tell(f"record {lost}", "A log or an outbox names it, and it is not there.", Repair.PARTNER)
    _check_released(connection, tell)


class _Ways:
    """The places of each record in logs and outboxes, read along with the records, in the same order."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._groups = groupby(connection.execute(_WAYS), key=lambda row: row[0])
        self._next = self._take()

    def without_record(self, before: int | None) -> Iterator[int]:
        """Give what is named before this record, or at all, and was not asked for."""
        while self._next is not None and (before is None or self._next[0] < before):
            yield self._next[0]
            self._next = self._take()

    def of(self, sequence: int) -> list[tuple[str, str]]:
        """Give partner and origin of each of its places; the origin is empty where it waits."""
        if self._next is None or self._next[0] != sequence:
            return []
        found = self._next[1]
        self._next = self._take()
        return found

    def _take(self) -> tuple[int, list[tuple[str, str]]] | None:
        group = next(self._groups, None)
        return None if group is None else (int(group[0]), [(partner, origin) for _, partner, origin in group[1]])


def _differences(data: bytes, record_id: str, kind: str, supersedes: str) -> Iterator[str]:
    try:
        record: Record = records.parse(data)
    except GatewayError as error:
        yield f"Its bytes cannot be read any more: {error.sentence}"
        return
    said: dict[str, tuple[Any, Any]] = {
        "record_id": (record.header.record_id, record_id),
        "kind": (records.kind_of(record), kind),
        "supersedes": (record.header.supersedes, supersedes),
    }
    for name, (in_bytes, in_column) in said.items():
        if in_bytes != in_column:
            yield f"Its bytes say {name} {in_bytes!r}, its row {in_column!r}."


def _way_faults(partners: list[str], ways: list[tuple[str, str]], *, issued: bool) -> Iterator[str]:
    named = [partner for partner, _ in ways]
    for partner in partners:
        if partner not in named:
            where = (
                "neither in the log to this partner nor waiting for it" if issued else "in none of its issuer's logs"
            )
            yield f"It is {where}: {partner}."
    for partner in sorted(set(named) - set(partners)):
        yield f"It stands in a log or outbox of {partner}, for whom it is not."
    if len(ways) != len(set(ways)):
        yield "It stands twice in one log."


def _check_released(connection: apsw.Connection, tell: Tell) -> None:
    rows = connection.execute(
        "SELECT 'entry', sequence, released FROM entry"
        " WHERE released IS NOT NULL AND released NOT IN (SELECT id FROM released)"
        " UNION ALL SELECT 'outbox', sequence, released FROM outbox"
        " WHERE released IS NOT NULL AND released NOT IN (SELECT id FROM released)"
    )
    for where, sequence, released in rows:
        tell(f"record {sequence}", f"Its {where} names the released form {released}, which is not there.", Repair.COPY)
