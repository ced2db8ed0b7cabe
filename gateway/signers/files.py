"""Private keys in files: PKCS#8 PEM, 0600, made with O_EXCL, refused when others could have read or changed them.

A role (root, log, receipt) has one file a key type: ``log.ed25519.key``, ``log.ml-dsa-44.key``. No message of an
error and no repr holds anything of a private key.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.errors import KeyFileUnsafe
from gateway.linklog.keys import KeyType, VerifierKey

PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey
_GENERATE: Final[dict[str, Callable[[], PrivateKey]]] = {
    "ed25519": Ed25519PrivateKey.generate,
    "ml-dsa-44": MLDSA44PrivateKey.generate,
}
_OTHERS_MAY: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, repr=False)
class FileSigner:
    """A private key that was read from a file, under its name at home."""

    key: VerifierKey
    _private: PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Give the bare signature."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Name the public key only."""
        return f"FileSigner({self.key.vkey})"


def create_key(directory: Path, role: str, algorithm: str = "ed25519") -> Path:
    """Make a new key; gives its file.

    Raises:
        KeyFileUnsafe: there is one already: a key is never overwritten.
    """
    private = _GENERATE[algorithm]()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{role}.{algorithm}.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileUnsafe(f"There is a key at {path} already; it is not overwritten.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return path


def load_signers(directory: Path, role: str, name: str) -> tuple[FileSigner, ...]:
    """Read every key of a role, Ed25519 first; ``name`` is what its signature lines bear.

    Raises:
        KeyFileUnsafe: there is none, another user owns it or could read it, or it is no such key.
    """
    paths = [directory / f"{role}.{algorithm}.key" for algorithm in _GENERATE]
    signers = tuple(_load(path, role, name) for path in paths if path.exists())
    if not signers:
        raise KeyFileUnsafe(f"There is no {role} key in {directory}: 'gateway init' makes one.")
    return signers


def _load(path: Path, role: str, name: str) -> FileSigner:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_mode & _OTHERS_MAY or status.st_uid not in (os.geteuid(), 0):
            raise KeyFileUnsafe(f"Others than this process's user may read or change {path}.")
        pem = file.read()
    try:
        private = load_pem_private_key(pem, None)
    except ValueError:
        raise KeyFileUnsafe(f"{path} holds no private key that can be read.") from None
    if isinstance(private, MLDSA44PrivateKey):
        type_ = KeyType.COSIGNATURE_ML_DSA_44
    elif isinstance(private, Ed25519PrivateKey):
        type_ = KeyType.COSIGNATURE_ED25519 if role == "receipt" else KeyType.NOTE_ED25519
    else:
        raise KeyFileUnsafe(f"{path} holds a key of a kind that is not used here.")
    return FileSigner(VerifierKey(name, type_, private.public_key().public_bytes_raw()), private)
