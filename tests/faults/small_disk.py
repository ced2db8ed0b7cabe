"""A file system of a few MiB, in a mount namespace of its own: it goes when the test does, and needs no root where
the system lets anybody make user namespaces."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_CHUNK = bytes(64 * 1024)
_MAKE = 'mount -t tmpfs -o size="$1"m,mode=700 small "$2" && echo made && exec cat'


class SmallDisk:
    """The disk of one node: ``place`` is what the node calls it, which sees it when started with ``wrapper``."""

    def __init__(self, place: Path, holder: int, wrapper: list[str]) -> None:
        self.place = place
        self.wrapper = wrapper
        self._seen_from_here = Path(f"/proc/{holder}/root") / place.relative_to("/")

    @property
    def free(self) -> int:
        """Bytes that are left."""
        disk = os.statvfs(self._seen_from_here)
        return disk.f_bavail * disk.f_frsize

    @contextmanager
    def filled(self, *, leave: int) -> Iterator[None]:
        """Have something else take the room, but for so many bytes."""
        other = self._seen_from_here / "something-else"
        try:
            with other.open("wb", buffering=0) as file:
                while (room := self.free - leave) > 0:
                    file.write(_CHUNK[:room])
            yield
        finally:
            other.unlink()

    def take(self, file: Path) -> None:
        """Move a file there."""
        shutil.move(file, self._seen_from_here / file.name)

    def copy_to(self, target: Path) -> None:
        """Copy what a node has left there."""
        for each in self._seen_from_here.glob("gateway.db*"):
            shutil.copyfile(each, target / each.name)


@contextmanager
def small_disk(place: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """Make one at ``place``; where the system does not allow it the test is skipped, with what it said."""
    place.mkdir()
    root = os.geteuid() == 0
    apart = ["unshare", "--mount", *([] if root else ["--user", "--map-root-user"])]
    with subprocess.Popen(
        [*apart, "sh", "-c", _MAKE, "sh", str(mebibytes), str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stderr is not None
        try:
            if holder.stdout.readline() != b"made\n":
                pytest.skip(f"no small file system can be made here: {holder.stderr.read().decode()}")
            enter = ["nsenter", "--target", str(holder.pid), "--mount"]
            yield SmallDisk(place, holder.pid, enter if root else [*enter, "--user", "--preserve-credentials"])
        finally:
            holder.stdin.close()
