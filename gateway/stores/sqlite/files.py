"""The file of a store on its disk: who may read it, who has it open, how much room is left."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Final

from gateway.errors import ConfigurationInvalid, StoreFailed, StoreFull, StoreInUse
from gateway.stores.store_lock import lock_beside

OWNER_ONLY: Final = 0o600
DEFAULT_RESERVE: Final = 256 * 1024 * 1024


class StoreFile:
    """A database file that this process alone may open, from ``claim`` until ``release``.

    The lock is advisory, on ``<file>.lock`` beside it: it stops a second gateway, not a person with a tool. The kernel
    drops it when the process ends, however it ends.
    """

    def __init__(self, path: Path, *, reserve: int = DEFAULT_RESERVE) -> None:
        self.path = path
        self._reserve = reserve
        self._lock = -1

    def claim(self, *, make: bool = True) -> None:
        """Lock the file, make it when there is none, and leave nobody but its owner the right to read it.

        Without ``make`` its name alone is locked.

        Raises:
            StoreInUse: another process has it, or this one twice.
            StoreFull, StoreFailed: its disk is full, or fails.
            ConfigurationInvalid: its directory is missing or may not be written to.
        """
        try:
            self._lock = self._locked()
            if make:
                self._make_private()
        except OSError as error:
            self.release()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreFull(f"{self.path} cannot be opened: its disk is full.") from error
            if error.errno == errno.EIO:
                raise StoreFailed(f"{self.path} cannot be opened: {error.strerror}.") from error
            raise ConfigurationInvalid(f"The store {self.path} cannot be opened: {error.strerror}.") from error

    def release(self) -> None:
        """Let others open it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def require_room(self) -> None:
        """Refuse while the disk has less room than the reserve.

        A full disk stops deletions too, so a store refuses new records long before.

        Raises:
            StoreFull: with what is free and what must be.
        """
        disk = os.statvfs(self.path)
        free = disk.f_bavail * disk.f_frsize
        if free < self._reserve:
            raise StoreFull(
                f"The disk of the store has {free >> 20} MiB left, less than the {self._reserve >> 20} kept;"
                " nothing was stored."
            )

    def _locked(self) -> int:
        lock = os.open(lock_beside(self.path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise StoreInUse(f"Another process has {self.path} open.") from None
        return lock

    def _make_private(self) -> None:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            os.fchmod(file, OWNER_ONLY)  # SQLite gives its WAL the same mode
        finally:
            os.close(file)
        directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # so that a new file's name is as durable as its first commit
        finally:
            os.close(directory)
