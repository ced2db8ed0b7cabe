"""The port ``Incidents`` on SQLite, and how an incident is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from gateway.errors import NoteMalformed
from gateway.evidence.incidents.growth import Growth
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, DOCUMENT_LIMITS, parse_note
from gateway.ports.incidents import NOTES_AT_MOST, Breach, Incident
from gateway.stores.sqlite.links import ISSUED, RECEIVED, find_head, find_link, find_log, receipted_note
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.tiles import growth_path, tree_of


class SqliteIncidents:
    """Reads incidents; the docstrings of ``gateway.ports.incidents.Incidents`` are its contract."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def all(self) -> Sequence[Incident]:
        """Read all: an operator has resumed the link after each but the last of a partner, so there are few."""
        return await self._reader.run(_read_all)

    async def growth(self, partner: str, origin: str, *, old: int, new: int) -> Growth | None:
        """Compute a proof from the log's kept nodes."""

        def query(connection: apsw.Connection) -> Growth | None:
            link = find_link(connection, partner)
            head = None if link is None else find_log(connection, link, origin)
            if head is None or not 0 < old <= new <= head.tree.size:
                return None
            root = tree_of(connection, head.log, old).root()
            return Growth(old, new, root, growth_path(connection, head.log, old, new))

        return await self._reader.run(query)


def keep_incident(
    connection: apsw.Connection, link: int, partner: str, breach: Breach, *, at: int, reason: str, detail: str
) -> None:
    """Keep why a link is suspended, with the notes that came and those that this side holds of the same logs."""
    connection.execute(
        "INSERT INTO incident (partner, at, reason, detail, session, by_partner) VALUES (?, ?, ?, ?, ?, ?)",
        (partner, at, reason, detail, breach.session, breach.by_partner),
    )
    incident = connection.last_insert_rowid()
    came = [note for note in breach.notes if 0 < len(note) <= DOCUMENT_LIMITS.max_bytes][:NOTES_AT_MOST]
    notes = dict.fromkeys((*came, *_held_beside(connection, link, came)))
    connection.executemany(
        "INSERT INTO incident_note (incident, place, note) VALUES (?, ?, ?)",
        [(incident, place, note) for place, note in enumerate(notes)],
    )


def _held_beside(connection: apsw.Connection, link: int, came: Sequence[bytes]) -> Iterator[bytes]:
    """Give what this side has of the logs: at or next above each size that came, where a contradiction is proven."""
    for note in came:
        checkpoint = _stated(note)
        head = checkpoint and find_log(connection, link, checkpoint.origin)
        if checkpoint and head:
            yield from _receipt_from(connection, head.log, checkpoint.size)
    for direction in (ISSUED, RECEIVED):
        head = find_head(connection, link, direction)
        newest = receipted_note(connection, head) if head else b""
        if newest:
            yield newest


def _receipt_from(connection: apsw.Connection, log: int, size: int) -> Iterator[bytes]:
    row = connection.execute(
        "SELECT note FROM receipt WHERE log = ? AND size >= ? ORDER BY size LIMIT 1", (log, size)
    ).fetchone()
    if row is not None:
        yield row[0]


def _stated(note: bytes) -> Checkpoint | None:
    try:
        return parse_checkpoint(parse_note(note, CHECKPOINT_LIMITS).text)
    except NoteMalformed:
        return None


def _read_all(connection: apsw.Connection) -> list[Incident]:
    notes: dict[int, list[bytes]] = {}
    for incident, note in connection.execute("SELECT incident, note FROM incident_note ORDER BY incident, place"):
        notes.setdefault(incident, []).append(note)
    rows = connection.execute(
        "SELECT id, partner, at, reason, detail, session, by_partner FROM incident ORDER BY id DESC"
    )
    return [_incident(row, notes.get(row[0], ())) for row in rows]


def _incident(row: tuple[Any, ...], notes: Sequence[bytes]) -> Incident:
    number, partner, at, reason, detail, session, by_partner = row
    return Incident(number, partner, at, reason, detail, session, bool(by_partner), tuple(notes))
