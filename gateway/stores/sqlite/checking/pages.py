"""The file itself: SQLite's own check of pages and indexes, and the schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import apsw

from gateway.errors import StoreNewer
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.schema import APPLICATION_ID, migrations

_MOST: Final = 50
_AT_ONCE: Final = 1024 * 1024
_NOT_READ: Final = re.compile(r"page (\d+): unable to get the page\. error code=(\d+)")
"""How SQLite speaks of a page that it cannot read; of a failing disk the code's last byte tells."""


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
    words = [str(word) for (word,) in connection.execute(f"PRAGMA integrity_check({_MOST})")]
    _tell_all([line for word in words for line in word.splitlines()], tell)


def gives_all(path: Path) -> bool:
    """Whether the disk gives all of a file back: where it does not, SQLite may well say that the file is malformed."""
    try:
        with path.open("rb", buffering=0) as file:
            while file.read(_AT_ONCE):
                pass
    except OSError:
        return False
    return True


def _tell_all(lines: list[str], tell: Tell) -> None:
    """Tell what SQLite says; pages that the disk does not give are one thing, and what else is wrong is its fault."""
    unread = [int(found[1]) for line in lines if (found := _read_error(line))]
    if unread:
        first, last = min(unread), max(unread)
        pages = "a page" if len(unread) == 1 else f"{len(unread)}{' or more' if len(unread) >= _MOST else ''} pages"
        where = f"{first}" if len(unread) == 1 else f"{first} to {last}"
        tell("disk", f"It cannot read {pages} of the file ({where}).", Repair.DISK)
    for line in lines:
        if line != "ok" and not line.startswith("***") and not _read_error(line):
            tell("file", f"SQLite finds: {line.strip().rstrip('.')}.", Repair.DISK if unread else Repair.COPY)


def _read_error(line: str) -> re.Match[str] | None:
    found = _NOT_READ.search(line)
    return found if found and int(found[2]) & 0xFF == apsw.SQLITE_IOERR else None
