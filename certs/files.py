"""Write and read PEM files: keys for their owner alone, nothing overwritten by accident."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write ``content`` to ``path`` with mode 0600, on disk before this returns.

    Raises FileExistsError when something is there already and ``replace`` is False. With ``replace`` the new file
    takes the old one's place in one step, so that no reader sees half of it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not replace:
        _create(path, content)
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _create(beside, content)
    beside.replace(path)


def write_pair(directory: Path, name: str, certificates: bytes, key: bytes, *, replace: bool = False) -> None:
    """Write ``name.pem`` and ``name.key``, or neither when one of them is there already.

    When a pair is replaced, a reader may for a moment find the new key beside the old certificate: a program that
    reloads must check that they fit before it uses them.
    """
    taken = [path for path in (directory / f"{name}.pem", directory / f"{name}.key") if path.exists()]
    if taken and not replace:
        raise FileExistsError(f"{taken[0]} exists already and is not replaced unless asked to.")
    write(directory / f"{name}.key", key, replace=replace)
    write(directory / f"{name}.pem", certificates, replace=replace)


def _create(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()  # half a key is none, and would stand in the way of the next try
        raise OSError(error.errno, error.strerror, str(path)) from error
