"""Files that have their name only when they are whole and on the disk.

A disk that is full or fails in the middle leaves what was there before, and nothing of the new file.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600
_AS_THE_USER_HAS_IT = 0o666


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put ``content`` in the place of what ``path`` names, if anything, in one step; a pipe or device gets it written.

    ``private``: nobody but its owner may read it. Else it is as readable as the user's mask says.

    Raises:
        OSError: with ``path`` in it, whatever failed.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    _write(Path(os.path.realpath(path)), content, mode=OWNER_ONLY if private else _AS_THE_USER_HAS_IT, replace=True)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, which nobody but its owner can ever read.

    Raises:
        FileExistsError: something is there already.
        OSError: with ``path`` in it, whatever failed.
    """
    _write(path, content, mode=OWNER_ONLY, replace=False)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write(path: Path, content: bytes, *, mode: int, replace: bool) -> None:
    beside = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}")
    try:
        _write_durably(beside, content, mode)
        if replace:
            beside.replace(path)
        else:
            os.link(beside, path)  # unlike a rename, it refuses where something is
        sync_directory(path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        beside.unlink(missing_ok=True)


def _write_durably(path: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
