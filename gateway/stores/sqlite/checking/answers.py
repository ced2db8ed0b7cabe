"""What clients were answered: that no row is gone, and that each can be one."""

from __future__ import annotations

import apsw

from gateway.stores.sqlite.checking.findings import Repair, Tell

_DIGEST_BYTES = 32


def check_answers(connection: apsw.Connection, tell: Tell) -> None:
    """Check that each row of what clients were answered can be one."""
    for row, client, request_id in connection.execute(
        "SELECT id, client, request_id FROM submission WHERE length(digest) <> ? OR client = '' OR request_id = ''",
        (_DIGEST_BYTES,),
    ):
        place = f"submission {row}"
        tell(place, f"It is none that a client can make: {client!r}, request {request_id!r}.", Repair.COPY)
    count, last = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM submission").fetchall()[0]
    if count != last:
        tell("submission", f"It has {count} rows, numbered up to {last}: some are gone.", Repair.COPY)
