"""What receivers said about entries: kept by ranges, since one judgement may speak of a million entries."""

from __future__ import annotations

import apsw

from gateway.ports.intake import Judged
from gateway.stores.sqlite.links import LogHead


def keep_judgement(connection: apsw.Connection, judged: Judged, about: LogHead | None, sequence: int) -> None:
    """Keep what the record ``sequence`` says about the log ``about``; nothing when it speaks of another log.

    Ranges are cut at the log's end: what nobody has sent cannot be judged.
    """
    if about is None or about.origin != judged.origin:
        return
    end = about.tree.size - 1
    connection.executemany(
        "INSERT OR IGNORE INTO judgement (log, first, last, verdict, sequence) VALUES (?, ?, ?, ?, ?)",
        [(about.log, first, min(last, end), judged.verdict, sequence) for first, last in judged.ranges if first <= end],
    )


def judgements_about(connection: apsw.Connection, origin: str, index: int) -> list[str]:
    """Give the record_ids of the judgements that speak of one entry, oldest first."""
    rows = connection.execute(
        "SELECT DISTINCT r.record_id FROM log l JOIN judgement j ON j.log = l.id JOIN record r USING (sequence)"
        " WHERE l.origin = ? AND j.last >= ? AND j.first <= ? ORDER BY r.sequence",
        (origin, index, index),
    )
    return [record_id for (record_id,) in rows]
