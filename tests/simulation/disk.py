"""A disk that keeps what was synced and may lose the rest, under the product's own SQLite store.

SQLite reaches it through a VFS of ours. What a running process reads back stands in real files in memory, as the page
cache of an operating system; beside them, this module knows what a power cut would leave: writes that a sync of their
file followed are there, the others are there, missing or torn, each by chance. A crash makes new files of that.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import apsw

SECTOR = 512
VFS = "simulated"
_MEMORY = Path("/dev/shm")


class _Write(NamedTuple):
    file: str
    offset: int
    data: bytes


class _Truncate(NamedTuple):
    file: str
    size: int


class _Sync(NamedTuple):
    file: str


class _Delete(NamedTuple):
    file: str


_Change = _Write | _Truncate | _Sync | _Delete


class Disk:
    """The disk of one node; ``directory`` is where its present process finds its files."""

    def __init__(self, root: Path, chance: Random, files: dict[str, bytes]) -> None:
        self._root = root
        self._chance = chance
        self._synced = {name: bytearray(data) for name, data in files.items()}
        self._laid_down: dict[str, list[_Write | _Truncate]] = defaultdict(list)  # synced too, and in no file yet
        self._unsynced: dict[str, list[_Write | _Truncate]] = defaultdict(list)
        self._recorded: list[_Change] | None = None
        self._lives = 0
        self.full = self.broken = False
        self.directory = self._new_directory()

    def changed(self, change: _Change) -> None:
        """The present process did this."""
        if self._recorded is not None:
            self._recorded.append(change)
        else:
            self._apply(change)

    def record(self) -> None:
        """From here on keep what the process does apart: it dies in the middle of it."""
        self._recorded = []

    def crash(self) -> None:
        """The power goes. What was recorded was under way: a part of it, up to some moment, had happened."""
        recorded, self._recorded = self._recorded or [], None
        for change in recorded[: self._chance.randint(0, len(recorded))]:
            self._apply(change)
        survival = self._chance.choice((0.0, 0.5, 1.0))
        for name, changes in self._unsynced.items():
            for change in changes:
                if self._chance.random() < survival:
                    self._laid_down[name].append(self._torn(change))
        self._unsynced.clear()

    def forget(self) -> None:
        """Drop what was recorded: nobody did it."""
        self._recorded = None

    def restart(self) -> None:
        """Give the next process its files."""
        self.full = self.broken = False
        BY_DIRECTORY.pop(str(self.directory), None)
        shutil.rmtree(self.directory)
        self.directory = self._new_directory()

    def close(self) -> None:
        BY_DIRECTORY.pop(str(self.directory), None)

    def _new_directory(self) -> Path:
        self._lives += 1
        directory = self._root / str(self._lives)
        directory.mkdir(parents=True)
        for name, changes in self._laid_down.items():
            for change in changes:
                self._put(name, change)
        self._laid_down.clear()
        for name, data in self._synced.items():
            (directory / name).write_bytes(data)
        BY_DIRECTORY[str(directory)] = self
        return directory

    def _apply(self, change: _Change) -> None:
        match change:
            case _Sync(name):
                self._laid_down[name] += self._unsynced.pop(name, ())
            case _Delete(name):
                for kept in (self._unsynced, self._laid_down, self._synced):
                    kept.pop(name, None)
            case _:
                self._unsynced[change.file].append(change)

    def _put(self, name: str, change: _Write | _Truncate) -> None:
        content = self._synced.setdefault(name, bytearray())
        if isinstance(change, _Truncate):
            del content[change.size :]
            return
        if change.offset > len(content):
            content.extend(bytes(change.offset - len(content)))
        content[change.offset : change.offset + len(change.data)] = change.data

    def _torn(self, change: _Write | _Truncate) -> _Write | _Truncate:
        """Give a write of which some sectors may be missing at the end."""
        if isinstance(change, _Truncate) or len(change.data) <= SECTOR or self._chance.random() < 0.5:
            return change
        sectors = self._chance.randrange(1, len(change.data) // SECTOR + 1)
        return _Write(change.file, change.offset, change.data[: sectors * SECTOR])


BY_DIRECTORY: dict[str, Disk] = {}


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str, filename: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = name
        super().__init__("unix", filename, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        if self._disk.full:
            raise apsw.FullError("the disk is full")
        self._disk.changed(_Write(self._name, offset, data))  # apsw hands over bytes of its own
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.changed(_Truncate(self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._disk.broken:
            raise apsw.IOError("the disk does not take it")
        self._disk.changed(_Sync(self._name))


class _Vfs(apsw.VFS):
    """Files of simulated disks are watched; any other goes to the operating system as ever."""

    def __init__(self) -> None:
        super().__init__(VFS, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        found = _place(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if found is None:
            return apsw.VFSFile("unix", name, flags)
        return _File(*found, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        found = _place(filename)
        if found is not None:
            found[0].changed(_Delete(found[1]))
        super().xDelete(filename, syncdir)


def _place(filename: str | None) -> tuple[Disk, str] | None:
    directory, _, name = (filename or "").rpartition("/")
    disk = BY_DIRECTORY.get(directory)
    return None if disk is None else (disk, name)


def memory_directory() -> Path:
    """Make a directory in memory, where the machine has one."""
    return Path(tempfile.mkdtemp(prefix="simulation-", dir=_MEMORY if _MEMORY.is_dir() else None))


_vfs = _Vfs()  # registered for as long as this module is
