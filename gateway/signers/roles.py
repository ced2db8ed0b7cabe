"""Which key files a role has: ``root``, ``log``, ``receipt``, ``audit``; a file an algorithm (``log.ed25519.key``)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.errors import KeyFileUnsafe
from gateway.linklog.keys import KeyType
from gateway.signers.files import FileSigner

ROOT: Final = "root"
LOG: Final = "log"
RECEIPT: Final = "receipt"
AUDIT: Final = "audit"

_CLASSICAL: Final = {
    ROOT: KeyType.NOTE_ED25519,
    LOG: KeyType.NOTE_ED25519,
    RECEIPT: KeyType.COSIGNATURE_ED25519,
    AUDIT: KeyType.NOTE_ED25519,
}


def create_key(directory: Path, role: str, name: str, *, post_quantum: bool = False) -> FileSigner:
    """Make a new key for a role; it signs under ``name``.

    Raises:
        KeyFileUnsafe: there is one already: a key is never overwritten.
    """
    path, key_type = _files(directory, role)[1 if post_quantum else 0]
    return FileSigner.generate(path, name=name, key_type=key_type)


def load_signers(directory: Path, role: str, name: str) -> tuple[FileSigner, ...]:
    """Read every key of a role, Ed25519 first; they sign under ``name``.

    Raises:
        KeyFileUnsafe: there is none, or one is not to be trusted.
    """
    present = [(path, key_type) for path, key_type in _files(directory, role) if path.exists()]
    if not present:
        raise KeyFileUnsafe(f"There is no {role} key in {directory}: 'gateway init' makes one.")
    return tuple(FileSigner.load(path, name=name, key_type=key_type) for path, key_type in present)


def _files(directory: Path, role: str) -> list[tuple[Path, KeyType]]:
    return [
        (directory / f"{role}.ed25519.key", _CLASSICAL[role]),
        (directory / f"{role}.ml-dsa-44.key", KeyType.COSIGNATURE_ML_DSA_44),
    ]
