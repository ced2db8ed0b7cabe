"""The lock beside a store's file: whoever has the store open holds it until its process ends, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def lock_beside(store: Path) -> Path:
    """Name the file that is locked for this one."""
    return store.with_name(f"{store.name}.lock")


def is_held(store: Path) -> bool:
    """Say whether some process has this store open now."""
    try:
        lock = os.open(lock_beside(store), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
