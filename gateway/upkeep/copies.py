"""A copy of a node: made while it runs, verified, and put back in its place.

A copy is a directory: the store as it was at one moment, settings, descriptor, registered clients, code lists, and a
manifest with all digests. Private keys and certificates are in it only when asked for. Its name appears when it is
whole.

What a copy does not know may have been signed since. So a restored store is marked, and each of its links opens only
when its log was recovered from the partner (docs/protocol.md, Recovery).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from gateway import config as settings
from gateway.config import CONFIG_FILE, Config
from gateway.errors import ConfigurationInvalid, StoreCorrupt
from gateway.stores.code_files import DIRECTORY as CODE_LISTS
from gateway.stores.sqlite.checking import check_file
from gateway.stores.sqlite.checking.course import Progress
from gateway.stores.sqlite.copying import copy_store, keep_beside, logs_in, mark_restored, write_back
from gateway.stores.sqlite.files import StoreFile
from gateway.upkeep.manifest import MANIFEST, STORE, Manifest, digest_of_file

PRIVATE: Final = 0o700


def back_up(config: Config, home: Path, target: Path, *, with_keys: bool, progress: Progress) -> Manifest:
    """Copy a node into the directory ``target``, check the copy, and only then give it its name.

    Raises:
        ConfigurationInvalid: there is something at ``target``, or no store to copy.
        StoreCorrupt: the copy does not hold; what was made is left beside ``target``, for looking at it.
    """
    store = home / config.store.path
    if target.exists():
        raise ConfigurationInvalid(f"{target} is there already; a copy is never written over.")
    if not store.is_file():
        raise ConfigurationInvalid(f"There is no store at {store}.")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.mkdir(mode=PRIVATE, parents=True)
    try:
        copy_store(store, beside / STORE, progress=lambda done, of: progress("copy", done, of))
        for file in _files_beside(config, home, with_keys=with_keys):
            _copy(file, beside / file.relative_to(home))
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    require_sound(beside / STORE, config.administration, progress)
    names = sorted(str(each.relative_to(beside)) for each in beside.rglob("*") if each.is_file())
    manifest = Manifest(
        administration=config.administration,
        made_at=int(time.time()),
        version=version("mutual-recognition-gateway"),
        with_keys=with_keys,
        logs=tuple(logs_in(beside / STORE)),
        files={name: digest_of_file(beside / name) for name in names if not name.endswith(("-wal", "-shm"))},
    )
    manifest.write(beside)
    _settle(beside)
    beside.rename(target)
    _sync(target.parent)
    return manifest


def restore(copy: Path, home: Path, *, replace: bool, progress: Progress) -> Manifest:
    """Put a copy in the place of the node at ``home``; what stood there is kept beside, under another name.

    Files of the copy that ``home`` has already, such as its settings, stay as they are there.

    Raises:
        Malformed: it is no copy, or not as it was made.
        ConfigurationInvalid: another administration's, or there is a store and ``replace`` was not said.
        StoreInUse: the node runs.
        StoreCorrupt: the store in the copy does not hold.
    """
    manifest = Manifest.read(copy)
    manifest.verify(copy)
    home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    for name in manifest.files:
        if name != STORE and not (home / name).exists():
            _copy(copy / name, home / name)
    config = settings.load(home)
    if config.administration != manifest.administration:
        raise ConfigurationInvalid(f"{home} is {config.administration}'s, the copy {manifest.administration}'s.")
    store = home / config.store.path
    is_there = store.exists()
    if is_there and not replace:
        raise ConfigurationInvalid(f"{store} is there; --replace keeps it beside and puts the copy in its place.")
    file = StoreFile(store)
    file.claim()
    try:
        _put_in_place(copy, store, manifest, set_aside=is_there, progress=progress)
    finally:
        file.release()
    return manifest


def require_sound(path: Path, administration: str, progress: Progress) -> None:
    """Check a store.

    Raises:
        StoreCorrupt: something does not fit; the sentence names the first.
    """
    report = check_file(path, own=administration, progress=progress)
    if not report.sound:
        first = report.findings[0]
        raise StoreCorrupt(f"{path} does not hold: {report.count} findings, first {first.place}: {first.sentence}")


def _put_in_place(copy: Path, store: Path, manifest: Manifest, *, set_aside: bool, progress: Progress) -> None:
    new = store.with_name(f"{store.name}.restoring")
    new.unlink(missing_ok=True)
    copy_store(copy / STORE, new, progress=lambda done, of: progress("copy", done, of))
    require_sound(new, manifest.administration, progress)
    now = int(time.time())
    mark_restored(new, at=now, detail=f"a copy made at {manifest.made_at}")
    if set_aside:
        write_back(store)
        keep_beside(store, f"{store}.replaced-{now}")
    new.replace(store)
    _sync(store.parent)


def _files_beside(config: Config, home: Path, *, with_keys: bool) -> Iterator[Path]:
    """Name what belongs to a node beside its store; what lies outside ``home`` is its operator's to copy."""
    yield home / CONFIG_FILE
    yield from (home / each for each in (config.files.descriptor, config.files.clients))
    yield from sorted((home / CODE_LISTS).glob("*.csv"))
    if with_keys:
        for directory in (config.files.keys, config.files.tls):
            yield from sorted(each for each in (home / directory).rglob("*") if each.is_file())


def _copy(source: Path, target: Path) -> None:
    """Copy one file, for its owner's eyes alone."""
    if not source.is_file():
        return
    target.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    data = source.read_bytes()
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(file)


def _settle(directory: Path) -> None:
    """Take away what SQLite left, and make names and manifest durable."""
    for each in ("-wal", "-shm"):
        (directory / f"{STORE}{each}").unlink(missing_ok=True)
    (directory / MANIFEST).chmod(0o600)
    with (directory / MANIFEST).open("rb") as file:
        os.fsync(file.fileno())
    _sync(directory)


def _sync(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
