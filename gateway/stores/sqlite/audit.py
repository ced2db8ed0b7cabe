"""The audit log: who changed what, one row a call, in the transaction of the change; a tree over all rows.

A row is written with its effect (``note_change``); before a transaction is committed, all its rows become leaves of the
tree (``seal``). So a commit costs one step of the tree, however many calls share it.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.errors import AuditFailed, StoreCorrupt
from gateway.evidence.audit import AuditEntry, grow
from gateway.linklog.tree import CompactRange

GATEWAY = "gateway"
"""The actor of what no person asked for: sessions that form batches and keep receipts."""

_COLUMNS = "audit.id - 1, at, actor, action, detail"
_UNSEALED = f"SELECT size, peaks, {_COLUMNS} FROM audit_head LEFT JOIN audit ON audit.id > size ORDER BY audit.id"  # noqa: S608
"""The tree with each row that is no leaf of it yet."""


def note_change(connection: apsw.Connection, *, at: int, actor: str, action: str, detail: str) -> None:
    """Write one entry. ``action`` is the name of the port's method; no record content may stand in ``detail``.

    Raises:
        AuditFailed: it cannot be written; the caller's change is then not made either.
    """
    try:
        connection.execute(
            "INSERT INTO audit (at, actor, action, detail) VALUES (?, ?, ?, ?)", (at, actor, action, detail)
        )
    except (apsw.ConstraintError, apsw.SQLError, apsw.ReadOnlyError) as error:
        raise AuditFailed(f"The audit log cannot be written: {error}.") from error


def seal(connection: apsw.Connection) -> None:
    """Make the rows of this transaction leaves of the tree; the last step before the commit.

    Raises:
        StoreCorrupt: a row is missing between the tree and the newest rows.
    """
    rows = connection.execute(_UNSEALED).fetchall()
    tree = CompactRange.from_bytes(*rows[0][:2])  # type: ignore[arg-type]
    new = [AuditEntry(*row[2:]) for row in rows if row[2] is not None]  # type: ignore[arg-type]
    if not new:
        return
    if new[-1].index - tree.size + 1 != len(new):
        raise StoreCorrupt("The audit log has a gap: a row was taken away.")
    grown = grow(tree, new)
    connection.execute("UPDATE audit_head SET size = ?, peaks = ?", (grown.size, grown.to_bytes()))


def head(connection: apsw.Connection) -> CompactRange:
    """Give the tree as the last commit left it."""
    row: tuple[int, bytes] = connection.execute("SELECT size, peaks FROM audit_head").fetchall()[0]  # type: ignore[assignment]
    return CompactRange.from_bytes(*row)


def entries(connection: apsw.Connection, *, first: int, limit: int) -> Sequence[AuditEntry]:
    """Give entries from the index ``first`` on; a negative ``limit`` is none."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM audit WHERE id > ? ORDER BY id LIMIT ?", (first, limit))  # noqa: S608
    return [AuditEntry(*row) for row in rows]
