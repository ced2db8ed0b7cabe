"""Which key files a role has: ``root``, ``log``, ``receipt`` and ``audit``; one file a key.

The first key of an algorithm is ``log.ed25519.key``; one that follows it ``log-2.ed25519.key``, and so on. All of them
stay: an old key signs nothing any more once its descriptor says so, whatever lies in the directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_ALGORITHMS: Final = ("ed25519", "ml-dsa-44")


def create_key(directory: Path, role: str, name: str, *, post_quantum: bool = False) -> FileSigner:
    """Make the first key for a role; it signs under ``name``.

    Raises:
        KeyFileUnsafe: there is one already: a key is never overwritten.
    """
    return _generate(directory, role, name, 1, post_quantum=post_quantum)


def add_key(directory: Path, role: str, name: str, *, post_quantum: bool = False) -> tuple[FileSigner, Path]:
    """Make one more key for a role, beside those that are there; gives it and its file.

    Raises:
        KeyFileUnsafe: the file cannot be made.
    """
    algorithm = _ALGORITHMS[post_quantum]
    number = max((number for number, found, _ in _present(directory, role) if found == algorithm), default=0) + 1
    signer = _generate(directory, role, name, number, post_quantum=post_quantum)
    return signer, _file(directory, role, number, algorithm)


def load_signers(directory: Path, role: str, name: str) -> tuple[FileSigner, ...]:
    """Read every key of a role, Ed25519 first, then by age; they sign under ``name``.

    Raises:
        KeyFileUnsafe: there is none, or one is not to be trusted.
    """
    present = sorted(_present(directory, role), key=lambda found: (_ALGORITHMS.index(found[1]), found[0]))
    if not present:
        raise KeyFileUnsafe(f"There is no {role} key in {directory}: 'gateway init' makes one.")
    return tuple(FileSigner.load(path, name=name, key_type=_type(role, algorithm)) for _, algorithm, path in present)


def _generate(directory: Path, role: str, name: str, number: int, *, post_quantum: bool) -> FileSigner:
    algorithm = _ALGORITHMS[post_quantum]
    path = _file(directory, role, number, algorithm)
    return FileSigner.generate(path, name=name, key_type=_type(role, algorithm))


def _present(directory: Path, role: str) -> Iterator[tuple[int, str, Path]]:
    """Give number, algorithm and path of every file that is named as a key of this role."""
    named = re.compile(rf"{role}(?:-([1-9][0-9]{{0,5}}))?\.({'|'.join(_ALGORITHMS)})\.key")
    for path in directory.glob(f"{role}*.key"):
        if found := named.fullmatch(path.name):
            yield int(found[1] or 1), found[2], path


def _file(directory: Path, role: str, number: int, algorithm: str) -> Path:
    return directory / f"{role}{'' if number == 1 else f'-{number}'}.{algorithm}.key"


def _type(role: str, algorithm: str) -> KeyType:
    return _CLASSICAL[role] if algorithm == _ALGORITHMS[0] else KeyType.COSIGNATURE_ML_DSA_44
