"""When the write-ahead log is written back into the database file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw

from gateway.fail_points import reach
from gateway.stores.sqlite.disk_errors import is_full

PASSIVE_PAGES: Final = 4000
"""Write back what readers do not hold when the WAL has grown to this: 32 MiB of 8 KiB pages."""
RESTART_PAGES: Final = 32_000
"""Beyond this, readers held it all the time: wait for them, once, and begin the WAL anew."""
KEPT_WAL_BYTES: Final = 64 * 1024 * 1024


class Checkpointer:
    """Writes the WAL back between commits, on the writer's connection: nobody else does.

    SQLite would do it inside COMMIT, while the callers of that transaction wait; here they have their answer first.
    ``failed`` hears when the disk does not take it: nothing is lost then, but nobody else would notice.
    """

    def __init__(self, connection: apsw.Connection, failed: Callable[[apsw.Error], None]) -> None:
        self._connection = connection
        self._failed = failed
        self._pages = 0
        self._next = PASSIVE_PAGES
        connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("journal_size_limit", KEPT_WAL_BYTES)
        connection.set_wal_hook(self._committed)

    def after_commit(self, *, idle: bool) -> None:
        """Write back when it is due; a store with nothing else to do does it at a quarter of the size."""
        if self._pages >= (PASSIVE_PAGES // 4 if idle else self._next):
            self._write_back()

    def empty_wal(self) -> bool:
        """Write all back and cut the WAL off, so that no old page is left in it; False while a reader holds it."""
        if self._moved(apsw.SQLITE_CHECKPOINT_TRUNCATE) is None:
            return False
        self._pages, self._next = 0, PASSIVE_PAGES
        return True

    def _write_back(self) -> None:
        mode = apsw.SQLITE_CHECKPOINT_PASSIVE if self._pages < RESTART_PAGES else apsw.SQLITE_CHECKPOINT_RESTART
        pages, written = self._moved(mode) or (self._pages, 0)
        reach("after-write-back")
        self._pages = 0 if written >= pages else pages
        self._next = self._pages + PASSIVE_PAGES

    def _moved(self, mode: int) -> tuple[int, int] | None:
        """Write back; gives the pages in the log and those that are in the database file, None where it did not go."""
        try:
            return self._connection.wal_checkpoint(mode=mode)
        except apsw.Error as error:
            if not isinstance(error, apsw.BusyError) and not is_full(error):  # readers hold it; the next commit tells
                self._failed(error)
            return None

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
