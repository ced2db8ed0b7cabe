"""The audit log: who changed what, one row a call, in the transaction of the change."""

from __future__ import annotations

import apsw

GATEWAY = "gateway"
"""The actor of what no person asked for: sessions that form batches and keep receipts."""


def note_change(connection: apsw.Connection, *, at: int, actor: str, action: str, detail: str) -> None:
    """Write one entry. ``action`` is the name of the port's method; no record content may stand in ``detail``."""
    connection.execute("INSERT INTO audit (at, actor, action, detail) VALUES (?, ?, ?, ?)", (at, actor, action, detail))
