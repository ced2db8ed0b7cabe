"""What clients were answered, against the records that the answers name; and that the audit log has no gap."""

from __future__ import annotations

import apsw

from gateway.stores.sqlite.checking.findings import Repair, Tell

_DIGEST_BYTES = 32


def check_answers(connection: apsw.Connection, tell: Tell) -> None:
    """Check that each row of these two can be what was written."""
    for row, client, request_id in connection.execute(
        "SELECT id, client, request_id FROM submission WHERE length(digest) <> ? OR client = '' OR request_id = ''",
        (_DIGEST_BYTES,),
    ):
        place = f"submission {row}"
        tell(place, f"It is none that a client can make: {client!r}, request {request_id!r}.", Repair.COPY)
    for table in ("submission", "audit"):
        count, first, last = connection.execute(
            f"SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM {table}"  # noqa: S608  one of two names
        ).fetchone() or (0, 1, 0)
        if count != last - first + 1 or first != 1:
            tell(table, f"It has {count} rows, numbered {first} to {last}: some are gone.", Repair.COPY)
