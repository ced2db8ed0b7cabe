"""A disk on which one call fails, once or from then on: SQLite's own files go through a VFS of this module."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

VFS = "failing"


@dataclass(frozen=True, slots=True)
class Fault:
    """Which call fails: ``number``, from 1, of those of a kind on the file whose name ends so; with what; how long."""

    call: str
    file: str
    number: int
    error: type[apsw.Error]
    lasts: bool

    def __str__(self) -> str:
        """Give its name in a list of tests."""
        once = "ever-since" if self.lasts else "once"
        return f"{self.error.__name__}-{self.call}-{self.file or 'db'}-{self.number}-{once}"


@dataclass(slots=True)
class FailingDisk:
    """The disk under one directory: counts calls, and fails them as ``fault`` says; ``hit`` when it has."""

    fault: Fault | None = None
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    hit: bool = False

    def about_to(self, call: str, file: str) -> None:
        """Count a call of SQLite's, or fail it."""
        self.calls[call, file] += 1
        wanted = self.fault
        if wanted is None or (wanted.call, wanted.file) != (call, file):
            return
        number = self.calls[call, file]
        if number == wanted.number or (wanted.lasts and number > wanted.number):
            self.hit = True
            raise wanted.error("the disk does not do it")


DISKS: dict[Path, FailingDisk] = {}
"""By directory, whatever lies below it. Files of any other go to the operating system as ever."""


class _File(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, kind: str, name: Any, flags: list[int]) -> None:
        self._disk, self._kind = disk, kind
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._disk.about_to("read", self._kind)
        return super().xRead(amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._disk.about_to("write", self._kind)
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.about_to("truncate", self._kind)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.about_to("sync", self._kind)  # what no power cut follows need not be synced


class _Vfs(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(VFS, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        disk = next((DISKS[each] for each in path.parents if each in DISKS), None)
        if disk is None:
            return apsw.VFSFile("unix", name, flags)
        kind = next((each for each in ("-wal", "-journal") if path.name.endswith(each)), "")
        disk.about_to("open", kind)
        return _File(disk, kind, name, flags)


_vfs = _Vfs()  # registered for as long as this module is
