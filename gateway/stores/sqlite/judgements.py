"""What receivers said about entries: kept by ranges, since one judgement may speak of a million entries."""

from __future__ import annotations

import apsw

from gateway.ports.intake import Judged
from gateway.stores.sqlite.links import LogHead


def keep_judgement(connection: apsw.Connection, judged: Judged, about: LogHead | None, sequence: int) -> None:
    """Keep what the record ``sequence`` says about the log ``about``; nothing when there is no such log.

    Ranges are cut at the log's end: what nobody has sent cannot be judged.
    """
    if about is None:
        return
    log, end = about.log, about.tree.size - 1
    for first, last in [(first, min(last, end)) for first, last in judged.ranges if first <= end]:
        connection.execute(
            "INSERT OR IGNORE INTO judgement (log, first, last, sequence) VALUES (?, ?, ?, ?)",
            (log, first, last, sequence),
        )
        _clear(connection, log, first, last)
        connection.execute(
            "INSERT INTO verdict (log, first, last, verdict) VALUES (?, ?, ?, ?)", (log, first, last, judged.verdict)
        )


def judgements_about(connection: apsw.Connection, origin: str, index: int) -> list[str]:
    """Give the record_ids of the judgements that speak of one entry, oldest first."""
    rows = connection.execute(
        "SELECT DISTINCT r.record_id FROM log l JOIN judgement j ON j.log = l.id JOIN record r USING (sequence)"
        " WHERE l.origin = ? AND j.first <= ? AND j.last >= ? ORDER BY r.sequence",
        (origin, index, index),
    )
    return [record_id for (record_id,) in rows]


def _clear(connection: apsw.Connection, log: int, first: int, last: int) -> None:
    """Cut the range out of the words before: at most one range reaches over each of its ends."""
    connection.execute(
        "INSERT INTO verdict (log, first, last, verdict) SELECT log, ?2 + 1, last, verdict FROM"
        " (SELECT * FROM verdict WHERE log = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1) WHERE last > ?2",
        (log, last),
    )
    connection.execute(
        "UPDATE verdict SET last = ?2 - 1 WHERE log = ?1 AND last >= ?2"
        " AND first = (SELECT max(first) FROM verdict WHERE log = ?1 AND first < ?2)",
        (log, first),
    )
    connection.execute("DELETE FROM verdict WHERE log = ? AND first BETWEEN ? AND ?", (log, first, last))
