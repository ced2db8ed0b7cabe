"""The audit log: its tree from its rows, and the signed heads against that tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw

from gateway.errors import GatewayError
from gateway.evidence.audit import AuditEntry, grow
from gateway.linklog.checkpoints import parse_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.tree import CompactRange
from gateway.stores.sqlite.audit import entries, head
from gateway.stores.sqlite.checking.findings import Repair, Tell

_AT_ONCE = 4096


def check_audit(connection: apsw.Connection, tell: Tell) -> None:
    """Derive the tree anew, at the head and wherever a head was signed. With which key, an export's reader checks."""
    if connection.execute("SELECT name FROM sqlite_schema WHERE name = 'audit_head'").get is None:
        return  # of a version that had no tree
    stated = head(connection)
    signed = _signed_heads(connection)
    tree = CompactRange()
    for size in sorted({*signed, stated.size}):
        for rows in _portions(connection, tree.size, size):
            tree = grow(tree, rows)
        if tree.size != size:
            tell("audit", f"The entry {tree.size} is missing; the tree goes on to {stated.size}.", Repair.COPY)
            return
        if size in signed and not _says(signed[size], tree):
            tell(f"audit size {size}", "The entries do not have the root that was signed here.", Repair.COPY)
    if tree.size == stated.size and tree != stated:
        tell("audit", f"The peaks of its head at {tree.size} are not those of its entries.", Repair.COPY)


def _portions(connection: apsw.Connection, first: int, end: int) -> Iterator[Sequence[AuditEntry]]:
    while first < end:
        rows = entries(connection, first=first, limit=min(_AT_ONCE, end - first))
        if not rows or [each.index for each in rows] != list(range(first, first + len(rows))):
            return
        yield rows
        first += len(rows)


def _signed_heads(connection: apsw.Connection) -> dict[int, bytes]:
    return {int(size): bytes(note) for size, note in connection.execute("SELECT size, note FROM audit_checkpoint")}


def _says(note: bytes, tree: CompactRange) -> bool:
    try:
        checkpoint = parse_checkpoint(parse_note(note, CHECKPOINT_LIMITS).text)
    except GatewayError:
        return False
    return (checkpoint.size, checkpoint.root) == (tree.size, tree.root())
