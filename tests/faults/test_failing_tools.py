"""Backup, restore and fsck on a disk that fails at any call, or is full: told, no half thing under a name, nothing in the
way of the next try.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli
from gateway.upkeep.manifest import MANIFEST, Manifest
from tests import nodes
from tests.faults.failing_disk import DISKS, VFS, FailingDisk, Fault

pytestmark = pytest.mark.long

SYSTEM = ("open", "fsync", "link", "replace", "rename", "mkdir")
"""Calls of the system that Python makes; SQLite's go through the VFS."""
TOLD = ("OVERLOADED", "STORE_FAILED", "FILE_ERROR", "STORE_CORRUPT")
DEAREST = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that was never started, with a partner, and a copy of it."""
    place = tmp_path_factory.mktemp("tools") / "made"
    home, _ = nodes.pair(place)
    assert run("backup", place / "copy", "--home", home.path, "--with-keys").exit_code == 0
    return place


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, Fault | None], FailingDisk]]:
    """Give what makes the disk under a directory fail."""

    def use(place: Path, fault: Fault | None) -> FailingDisk:
        disk = DISKS[place] = FailingDisk(fault)
        return disk

    monkeypatch.setattr(apsw, "Connection", partial(apsw.Connection, vfs=VFS))
    for name in SYSTEM:
        monkeypatch.setattr(os, name, partial(called, name, getattr(os, name)))
    yield use
    DISKS.clear()


def called(name: str, call: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Call the system, or fail: as a disk that fails, or one that is full."""
    for disk in DISKS.values():
        try:
            disk.about_to(name, "system")
        except apsw.IOError:
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from None
        except apsw.FullError:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
    return call(*given, **more)


def run(*words: Any) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def faults(disk: FailingDisk) -> Iterator[Fault]:
    """Every call that came, from the first to the last, in a few steps."""
    for (call, file), count in sorted(disk.calls.items()):
        for number in range(1, count + 1, max(1, count // DEAREST)):
            error = apsw.FullError if call in ("write", "fsync") and number % 2 else apsw.IOError
            yield Fault(call, file, number, error, lasts=call not in ("open", "read"))


def each_fault(
    made: Path, place: Path, failing: Callable[[Path, Fault | None], FailingDisk], words: Callable[[Path], list[Any]]
) -> Iterator[Fault]:
    """Run a command on a fresh ``place`` as often as it can fail; gives the fault each time, when it was told."""

    def fresh(fault: Fault | None) -> tuple[FailingDisk, Result]:
        DISKS.clear()
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(made, place)
        disk = failing(place, fault)
        done = run(*words(place))
        DISKS.clear()
        return disk, done

    disk, done = fresh(None)
    assert done.exit_code == 0, done.output
    for fault in faults(disk):
        failed, done = fresh(fault)
        assert failed.hit, fault
        assert isinstance(done.exception, SystemExit | None), (fault, done.exc_info)
        assert done.exit_code == 0 or any(reason in done.output for reason in TOLD), (fault, done.output)
        assert done.exit_code in (0, 1)
        yield fault


def hidden(place: Path) -> list[Path]:
    """Give what was left over, under names that nobody looks for."""
    return [each for each in place.rglob("*") if each.name.startswith(".") or "restoring" in each.name]


def test_a_copy_has_its_name_only_when_it_is_whole(made: Path, tmp_path: Path, failing: Any) -> None:
    tried = 0
    for fault in each_fault(
        made, tmp_path / "p", failing, lambda place: ["backup", place / "monday", "--home", place / "cn", "--with-keys"]
    ):
        tried += 1
        place = tmp_path / "p"
        assert not hidden(place), fault
        if (place / "monday").exists():
            Manifest.read(place / "monday").verify(place / "monday")
        else:
            assert run("backup", place / "monday", "--home", place / "cn").exit_code == 0, fault
    assert tried > 20


def test_a_store_is_put_in_place_whole_or_not_at_all(made: Path, tmp_path: Path, failing: Any) -> None:
    place = tmp_path / "p"
    tried = 0
    for fault in each_fault(made, place, failing, lambda place: ["restore", place / "copy", "--home", place / "new"]):
        tried += 1
        assert not hidden(place), fault
        new = place / "new"
        for each in (each for each in new.rglob("*") if each.is_file() and not each.name.startswith("gateway.db")):
            assert each.read_bytes() == (place / "copy" / each.relative_to(new)).read_bytes(), (fault, each)
        if not (new / "gateway.db").exists():
            assert run("restore", place / "copy", "--home", new).exit_code == 0, fault
        assert run("fsck", new).exit_code == 0, fault
    assert tried > 20


def test_what_stood_there_stays_until_the_copy_is_whole(made: Path, tmp_path: Path, failing: Any) -> None:
    place = tmp_path / "p"
    for fault in each_fault(
        made, place, failing, lambda place: ["restore", place / "copy", "--home", place / "cn", "--replace"]
    ):
        assert not hidden(place), fault
        assert run("fsck", place / "cn").exit_code == 0, fault
        assert run("restore", place / "copy", "--home", place / "cn", "--replace").exit_code == 0, fault


def test_a_check_that_cannot_read_says_so(made: Path, tmp_path: Path, failing: Any) -> None:
    for _ in each_fault(made, tmp_path / "p", failing, lambda place: ["fsck", place / "cn"]):
        pass
    assert (tmp_path / "p" / "copy" / MANIFEST).exists()
