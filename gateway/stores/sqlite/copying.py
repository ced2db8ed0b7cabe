"""Copying a store while a node works with it, and putting a copy into a node's place."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from gateway.stores.sqlite.audit import note_change, seal
from gateway.stores.sqlite.checking.course import reading
from gateway.stores.sqlite.disk_errors import telling
from gateway.stores.sqlite.files import OWNER_ONLY
from gateway.stores.sqlite.schema import migrate

CopyProgress = Callable[[int, int], None]
"""Hears how many pages are copied, and of how many."""

_PAGES_AT_ONCE: Final = 2048
_OPERATOR: Final = "local command"


@dataclass(frozen=True, slots=True)
class CopiedLog:
    """How far a log stands in a copy."""

    origin: str
    size: int
    receipted: int


def copy_store(source: Path, target: Path, *, progress: CopyProgress = lambda *_: None) -> None:
    """Copy the store in ``source`` as it is at one moment; ``target`` must not exist, and is durable afterwards.

    A node may go on writing: this holds one snapshot, and so keeps the write-ahead log from being begun anew until
    the last page is copied.

    Raises:
        FileExistsError: there is something at ``target``.
        StoreCorrupt: ``source`` is no database.
        StoreFull, StoreFailed: the disk of one of them is full, or fails; what is at ``target`` is worth nothing.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY))
    with (
        telling(f"{source} cannot be copied to {target}"),
        reading(source) as snapshot,
        closing(apsw.Connection(str(target))) as copy,
    ):
        snapshot.execute("BEGIN; SELECT count(*) FROM sqlite_schema").fetchall()
        copy.pragma("synchronous", "full")
        backup = copy.backup("main", snapshot, "main")
        try:
            while not backup.done:
                backup.step(_PAGES_AT_ONCE)
                progress(backup.page_count - backup.remaining, backup.page_count)
            backup.finish()
        finally:
            backup.close(True)  # what failed first is told, not what follows from it
    for beside in ("-wal", "-shm"):
        Path(f"{target}{beside}").unlink(missing_ok=True)


def write_back(path: Path) -> None:
    """Write the write-ahead log of a store that nobody has open back into it; one that is broken stays as it is."""
    with suppress(apsw.Error), closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # before it, SQLite has not looked yet
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def keep_beside(path: Path, name: str) -> None:
    """Give a store a second name, and move what is left of its write-ahead log there: it must not meet another file."""
    with suppress(FileNotFoundError):  # a log may be left of a store that is lost
        Path(name).hardlink_to(path)
    for beside in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{beside}").rename(f"{name}{beside}")


def logs_in(path: Path) -> list[CopiedLog]:
    """Read how far each log stands.

    Raises:
        StoreCorrupt: it is no database.
        StoreFailed: its disk fails.
    """
    with telling(f"{path} cannot be read"), reading(path) as connection:
        rows = connection.execute("SELECT origin, size, receipted FROM log ORDER BY id")
        return [CopiedLog(origin, size, receipted) for origin, size, receipted in rows]


def mark_restored(path: Path, *, at: int, detail: str) -> None:
    """Mark every log that this node issues: what a copy does not know may have been signed since it was made.

    Such a log is never gone on with (docs/protocol.md, Recovery); each link opens when it was recovered.

    Raises:
        StoreFull, StoreFailed: its disk is full, or fails.
    """
    with (
        telling(f"{path} cannot be written"),
        closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection,
    ):
        connection.pragma("synchronous", "full")
        migrate(connection, str(path))
        with connection:
            connection.execute("UPDATE log SET restored_at = ? WHERE received = 0", (at,))
            note_change(connection, at=at, actor=_OPERATOR, action="restore", detail=detail)
            seal(connection)
    for beside in ("-wal", "-shm"):
        Path(f"{path}{beside}").unlink(missing_ok=True)
