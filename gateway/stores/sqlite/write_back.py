"""The thread that writes the write-ahead log back beside the writer, who goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import apsw

from gateway.fail_points import reach
from gateway.stores.sqlite.disk_errors import is_full


@dataclass(frozen=True, slots=True)
class Pass:
    """How far a write-back came: frames in the log then, and those of them that are in the database file."""

    frames: int
    written: int

    @property
    def was_held(self) -> bool:
        """Whether a reader stood in the way, so that another pass now would come no further."""
        return self.written < self.frames


def write_back(connection: apsw.Connection, mode: int, failed: Callable[[apsw.Error], None]) -> Pass | None:
    """Write the log back as far as readers let it; None where it did not go at all.

    ``failed`` hears when the disk does not take it.
    """
    try:
        done = Pass(*connection.wal_checkpoint(mode=mode))
    except apsw.Error as error:
        if not isinstance(error, apsw.BusyError) and not is_full(error):  # readers hold it; the next commit tells
            failed(error)
        return None
    reach("after-write-back")
    return done


class WriteBack:
    """Passes over the log, one at a time, on a connection of its own. One thread alone calls its methods."""

    def __init__(self, writing: apsw.Connection, failed: Callable[[apsw.Error], None]) -> None:
        self._connection = apsw.Connection(writing.filename, flags=apsw.SQLITE_OPEN_READWRITE, vfs=writing.open_vfs)
        self._connection.pragma("synchronous", "full")
        self._connection.pragma("user_version")  # opens all that it needs: where that fails, the store does not open
        self._failed = failed
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="store-write-back")
        self._pass: Future[Pass | None] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a pass has been begun and has not ended."""
        return self._pass is not None and not self._pass.done()

    def begin(self) -> None:
        """Begin a pass over what is in the log now."""
        mode = apsw.SQLITE_CHECKPOINT_PASSIVE
        self._pass = self._threads.submit(write_back, self._connection, mode, self._failed)

    def ended(self) -> Pass | None:
        """Give what became of the last pass, once, waiting for its end; None when there was none, or it did not go."""
        ended, self._pass = self._pass, None
        return ended.result() if ended else None

    def close(self) -> None:
        """Let the pass end, and let go of the file."""
        self._threads.shutdown()
        self._connection.close()
