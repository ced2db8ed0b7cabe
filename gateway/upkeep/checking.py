"""Checking the store of a node: as it is while the node stands still, a copy of it while the node runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway import config as settings
from gateway.config import Config
from gateway.errors import ConfigurationInvalid, StoreInUse
from gateway.stores.sqlite.checking import CheckReport, Repair, check_file, repair_file
from gateway.stores.sqlite.checking.course import Progress
from gateway.stores.sqlite.copying import copy_store
from gateway.stores.sqlite.files import StoreFile
from gateway.upkeep.manifest import MANIFEST, STORE, Manifest

SAFE: Final = frozenset({Repair.TREE, Repair.VIEWS})


def check(home: Path, progress: Progress) -> CheckReport:
    """Check a node's store, or that of a copy made by ``gateway backup``; gives what was found.

    Raises:
        ConfigurationInvalid: there is no store.
        Malformed: a copy is not as it was made.
        StoreCorrupt: it cannot be read as a database at all.
    """
    if (home / MANIFEST).exists():
        manifest = Manifest.read(home)
        manifest.verify(home)
        return check_file(home / STORE, own=manifest.administration, progress=progress)
    config = settings.load(home)
    path = _existing(config, home)
    try:
        with _claimed(path):
            return check_file(path, own=config.administration, progress=progress)
    except StoreInUse:
        with _copied(path, progress) as copy:
            return check_file(copy, own=config.administration, progress=progress)


def repair_home(home: Path, progress: Progress) -> tuple[CheckReport, CheckReport]:
    """Check a store, repair what can be derived again, and check it once more; gives both reports.

    Inner nodes and peaks follow from the entries; so they are only touched where nothing else is wrong. On a disk that
    fails nothing is.

    Raises:
        StoreInUse: the node runs; stop it first.
        ConfigurationInvalid: there is no store, or this is a copy: those are not repaired.
        StoreCorrupt: it cannot be read as a database at all.
    """
    if (home / MANIFEST).exists():
        raise ConfigurationInvalid(f"{home} is a copy, and stays as it was made; restore it first.")
    config = settings.load(home)
    path = _existing(config, home)
    with _claimed(path):
        before = check_file(path, own=config.administration, progress=progress)
        found = {each.repair for each in before.findings}
        repairs = found & SAFE if found <= SAFE else found & {Repair.VIEWS}
        if not repairs or Repair.DISK in found:
            return before, before
        repair_file(path, repairs, at=int(time.time()))
        return before, check_file(path, own=config.administration, progress=progress)


def _existing(config: Config, home: Path) -> Path:
    path = home / config.store.path
    if not path.is_file():
        raise ConfigurationInvalid(f"There is no store at {path}.")
    return path


@contextmanager
def _claimed(path: Path) -> Iterator[None]:
    file = StoreFile(path)
    file.claim()
    try:
        yield
    finally:
        file.release()


@contextmanager
def _copied(path: Path, progress: Progress) -> Iterator[Path]:
    copy = path.with_name(f"{path.name}.check-{os.getpid()}")
    try:
        copy_store(path, copy, progress=lambda done, of: progress("copy", done, of))
        yield copy
    finally:
        for beside in ("", "-wal", "-shm"):
            Path(f"{copy}{beside}").unlink(missing_ok=True)
