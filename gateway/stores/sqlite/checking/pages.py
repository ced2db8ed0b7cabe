"""The file itself: SQLite's own check of pages and indexes, and the schema."""

from __future__ import annotations

from typing import Final

import apsw

from gateway.errors import StoreNewer
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.schema import APPLICATION_ID, migrations

_MOST: Final = 50


def check_pages(connection: apsw.Connection, tell: Tell) -> None:
    """Let SQLite look at every page, and at every index against its table; an older schema is as good as the newest.

    Raises:
        StoreNewer: a later version of this program has written it.
    """
    version = int(connection.pragma("user_version"))
    if version > len(migrations()):
        raise StoreNewer(f"The store has schema {version}; this program knows {len(migrations())}.")
    if connection.pragma("application_id") != APPLICATION_ID or version < 1:
        tell("file", "It is no store of this gateway, or its first page was written over.", Repair.COPY)
    for (word,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
        if word != "ok":
            tell("file", f"SQLite finds: {' '.join(str(word).split())}.", Repair.COPY)
