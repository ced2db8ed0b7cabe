"""When the write-ahead log is written back into the database file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw

from gateway.stores.sqlite.write_back import Pass, WriteBack, write_back

PASSIVE_PAGES: Final = 4000
"""Write back what readers do not hold when the WAL has grown to this: 32 MiB of 8 KiB pages."""
FEW_PAGES: Final = PASSIVE_PAGES // 4
"""So many are written back while nobody writes: on an idle store, and the rest of what another thread has done."""
RESTART_PAGES: Final = 32_000
"""Beyond this, readers held it all the time: wait for them, once, and begin the WAL anew."""
KEPT_WAL_BYTES: Final = 64 * 1024 * 1024


class Checkpointer:
    """Has the WAL written back, and sees that it begins anew; called between commits, on the writer's connection.

    SQLite would write it back inside COMMIT, while the callers of that transaction wait; here they have their answer
    first, and with ``beside`` the next ones need not wait either. A transaction that finds all of the WAL written back
    begins it anew. A pass beside commits that follow each other always leaves those that came meanwhile: they are few,
    and written back here.

    ``failed`` hears when the disk does not take it: nothing is lost then, but nobody else would notice.
    """

    def __init__(
        self, connection: apsw.Connection, failed: Callable[[apsw.Error], None], beside: WriteBack | None = None
    ) -> None:
        self._connection = connection
        self._failed = failed
        self._beside = beside
        self._pages = 0
        self._next = PASSIVE_PAGES
        connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("journal_size_limit", KEPT_WAL_BYTES)
        connection.set_wal_hook(self._committed)

    def after_commit(self, *, idle: bool) -> None:
        """Write back when it is due; a store with nothing else to do does it at a quarter of the size."""
        beside = self._beside
        if beside and beside.is_under_way and self._pages < RESTART_PAGES:
            return
        if beside and (ended := beside.ended()):
            self._go_on_after(ended)
        elif self._pages >= (FEW_PAGES if idle else self._next):
            self._begin()

    def empty_wal(self) -> bool:
        """Write all back and cut the WAL off, so that no old page is left in it; False while a reader holds it."""
        if self._beside:
            self._beside.ended()  # two cannot write back at once
        if write_back(self._connection, apsw.SQLITE_CHECKPOINT_TRUNCATE, self._failed) is None:
            return False
        self._pages, self._next = 0, PASSIVE_PAGES
        return True

    def close(self) -> None:
        """Let what is written back beside the writer end."""
        if self._beside:
            self._beside.close()

    def _begin(self) -> None:
        if self._beside and self._pages < RESTART_PAGES:
            self._next = self._pages + PASSIVE_PAGES
            self._beside.begin()
        else:
            self._write_back()

    def _go_on_after(self, ended: Pass) -> None:
        left = self._pages - ended.written
        if left <= 0:  # all was written back, and the WAL began anew
            self._next = PASSIVE_PAGES
        elif left <= FEW_PAGES:
            self._write_back()
        elif not ended.was_held or self._pages >= RESTART_PAGES:
            self._begin()

    def _write_back(self) -> None:
        mode = apsw.SQLITE_CHECKPOINT_PASSIVE if self._pages < RESTART_PAGES else apsw.SQLITE_CHECKPOINT_RESTART
        done = write_back(self._connection, mode, self._failed) or Pass(self._pages, 0)
        self._pages = done.frames if done.was_held else 0
        self._next = self._pages + PASSIVE_PAGES

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
