"""A copy of a node: made while it runs, verified, and put back in its place.

A copy is a directory: the store as it was at one moment, settings, descriptor, registered clients, code lists, and a
manifest with all digests. Private keys and certificates are in it only when asked for. Its name appears when it is
whole.

What a copy does not know may have been signed since. So a restored store is marked, and each of its links opens only
when its log was recovered from the partner (docs/protocol.md, Recovery).
"""

from __future__ import annotations

import os
import secrets
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
from gateway.stores.sqlite.checking import CheckReport, check_file
from gateway.stores.sqlite.checking.course import Progress
from gateway.stores.sqlite.copying import copy_store, keep_beside, logs_in, mark_restored, write_back
from gateway.stores.sqlite.files import StoreFile
from gateway.upkeep.manifest import STORE, Manifest, digest_of_file
from gateway.whole_files import sync_directory, write_new

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
        report = check_file(beside / STORE, own=config.administration, progress=progress)
        if report.sound:
            return _finish(beside, target, config.administration, with_keys=with_keys)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    raise _unsound(beside / STORE, report)


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
    if store.exists() and not replace:
        raise ConfigurationInvalid(f"{store} is there; --replace keeps it beside and puts the copy in its place.")
    file = StoreFile(store)
    file.claim(make=False)
    try:
        _put_in_place(copy, store, manifest, progress=progress)
    finally:
        file.release()
    return manifest


def _finish(beside: Path, target: Path, administration: str, *, with_keys: bool) -> Manifest:
    """Write down what was copied, and give it its name."""
    logs = tuple(logs_in(beside / STORE))
    for each in ("-wal", "-shm"):  # what SQLite left
        (beside / f"{STORE}{each}").unlink(missing_ok=True)
    names = sorted(str(each.relative_to(beside)) for each in beside.rglob("*") if each.is_file())
    manifest = Manifest(
        administration=administration,
        made_at=int(time.time()),
        version=version("mutual-recognition-gateway"),
        with_keys=with_keys,
        logs=logs,
        files={name: digest_of_file(beside / name) for name in names},
    )
    manifest.write(beside)
    beside.rename(target)
    sync_directory(target.parent)
    return manifest


def _put_in_place(copy: Path, store: Path, manifest: Manifest, *, progress: Progress) -> None:
    """Copy beside it, check, and change places; what stood there, a log without its store too, is kept beside."""
    new = store.with_name(f"{store.name}.restoring")
    new.unlink(missing_ok=True)
    try:
        copy_store(copy / STORE, new, progress=lambda done, of: progress("copy", done, of))
        report = check_file(new, own=manifest.administration, progress=progress)
        if not report.sound:
            raise _unsound(new, report)
        now = int(time.time())
        mark_restored(new, at=now, detail=f"a copy made at {manifest.made_at}")
        if store.exists():
            write_back(store)
        keep_beside(store, f"{store}.replaced-{now}-{secrets.token_hex(2)}")
        new.replace(store)
    finally:
        for each in ("", "-wal", "-shm", "-journal"):
            Path(f"{new}{each}").unlink(missing_ok=True)
    sync_directory(store.parent)


def _unsound(path: Path, report: CheckReport) -> StoreCorrupt:
    first = report.findings[0]
    return StoreCorrupt(f"{path} does not hold: {report.count} findings, first {first.place}: {first.sentence}")


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
    write_new(target, source.read_bytes())
