"""What can be derived again without loss: the view index, inner nodes and peaks. Nothing else is ever written here."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import apsw

from gateway.linklog.hashing import leaf_hash
from gateway.linklog.tiles import TILE_LEVELS
from gateway.linklog.tree import CompactRange
from gateway.stores.sqlite import filing
from gateway.stores.sqlite.audit import note_change, seal
from gateway.stores.sqlite.checking.findings import Repair
from gateway.stores.sqlite.checking.log_entries import log_rows
from gateway.stores.sqlite.disk_errors import telling
from gateway.stores.sqlite.links import move_head
from gateway.stores.sqlite.many import insert_rows

OPERATOR = "local command"
_AT_ONCE = 4096


def repair_file(path: Path, repairs: Collection[Repair], *, at: int) -> None:
    """Carry out those of ``repairs`` that are safe, each in one transaction, on a store that nobody has open.

    A log is only touched where its number of entries is that of its head: then the entries, which every commitment
    and every signed root was compared with before, say what nodes and peaks must be.

    Raises:
        StoreFull, StoreFailed: its disk is full, or fails; what was not repaired is as it was.
    """
    with (
        telling(f"{path} cannot be written"),
        closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection,
    ):
        connection.pragma("synchronous", "full")
        for repair, act in ((Repair.TREE, _mend_trees), (Repair.VIEWS, _file_anew)):
            if repair in repairs:
                with connection:
                    what = act(connection)
                    note_change(connection, at=at, actor=OPERATOR, action="repair", detail=what)
                    seal(connection)


def _mend_trees(connection: apsw.Connection) -> str:
    mended = []
    for row in log_rows(connection):
        count = connection.execute("SELECT count(*) FROM entry WHERE log = ?", (row.log,)).get
        if count != row.size:
            continue
        tree = CompactRange()
        connection.execute("DELETE FROM node WHERE log = ?", (row.log,))
        for start in range(0, row.size, _AT_ONCE):
            commitments = connection.execute(
                "SELECT commitment FROM entry WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx",
                (row.log, start, start + _AT_ONCE),
            )
            tree, nodes = tree.append_all([leaf_hash(each) for (each,) in commitments], keep_every=TILE_LEVELS)
            insert_rows(connection, "node", "log, level, idx, hash", [(row.log, *node) for node in nodes])
        move_head(connection, row.log, tree)
        mended.append(row.origin)
    return f"computed nodes and peaks anew: {', '.join(mended)}"


def _file_anew(connection: apsw.Connection) -> str:
    connection.execute("DELETE FROM view_index")
    done, keys = 0, 0
    while True:
        end, filed = filing.file_anew(connection, done)
        if end == done:
            break
        done, keys = end, keys + filed
    filing.note_version(connection)
    return f"filed {done} records anew, {keys} keys"
