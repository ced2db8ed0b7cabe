"""Private keys in files: one PKCS#8 PEM a key, for its owner's eyes alone.

A file holds a key and nothing else; under which name and for which role it signs is said by whoever loads it, since
a log key signs under the origin of each of its logs. That one key has one role is checked where descriptors are made
and read, not here.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final, NoReturn, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gateway.errors import KeyFileUnsafe
from gateway.linklog.keys import KeyType, VerifierKey
from gateway.whole_files import write_new

PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey

_LARGEST_FILE: Final = 16 * 1024
_ALGORITHM: Final[dict[KeyType, type[PrivateKey]]] = {
    KeyType.NOTE_ED25519: Ed25519PrivateKey,
    KeyType.COSIGNATURE_ED25519: Ed25519PrivateKey,
    KeyType.COSIGNATURE_ML_DSA_44: MLDSA44PrivateKey,
}


class FileSigner:
    """A ``Signer`` whose private key was read from a file.

    The key stays in this process's memory for as long as the signer lives, and in nothing that is printed.
    """

    __slots__ = ("_key", "_private")

    def __init__(self, key: VerifierKey, private: PrivateKey) -> None:
        self._key = key
        self._private = private

    @classmethod
    def generate(cls, path: Path, *, name: str, key_type: KeyType) -> Self:
        """Make a new key, write it to ``path`` (0600, on disk before this returns) and give its signer.

        Raises:
            KeyFileUnsafe: there is something at ``path`` already; a key is never overwritten.
            NoteMalformed: ``name`` cannot stand in a signature line; nothing was written.
        """
        private = _ALGORITHM[key_type].generate()
        signer = cls(_public_half(private, name, key_type), private)
        _create(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return signer

    @classmethod
    def load(cls, path: Path, *, name: str, key_type: KeyType) -> Self:
        """Read the key at ``path`` and let it sign as ``key_type`` under ``name``.

        Raises:
            KeyFileUnsafe: the file is absent, a link, another user's, open to group or others, or does not hold a
                key of this type.
        """
        private = _parse(read_private(path), path)
        if not isinstance(private, _ALGORITHM[key_type]):
            raise KeyFileUnsafe(f"The key in {path} is not of the algorithm that {key_type.name} needs.")
        return cls(_public_half(private, name, key_type), private)

    @property
    def key(self) -> VerifierKey:
        """The public half, under the name that the signer has at home."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Give the bare signature over ``message``; ML-DSA-44 is pure, with an empty context."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Name the public key only."""
        return f"FileSigner({self._key.vkey})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a private key leaves its process by no side door."""
        raise TypeError("A signer is not copied to another process; load its file there.")


def _public_half(private: PrivateKey, name: str, key_type: KeyType) -> VerifierKey:
    return VerifierKey(name, key_type, private.public_key().public_bytes_raw())


def _parse(pem: bytes, path: Path) -> PrivateKey:
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Not chained: what a parser says about a private key has no place in a log.
        raise KeyFileUnsafe(f"{path} is not a private key in PKCS#8 PEM without a password.") from None
    if not isinstance(private, Ed25519PrivateKey | MLDSA44PrivateKey):
        raise KeyFileUnsafe(f"The key in {path} is neither Ed25519 nor ML-DSA-44.")
    return private


def read_private(path: Path) -> bytes:
    """Read a key file after looking at the very file that was opened, so that none can be slipped in between.

    Raises:
        KeyFileUnsafe: it is absent, a link, another user's, or open to group or others.
    """
    try:
        # O_NONBLOCK: a pipe in the key's place is refused below and does not hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KeyFileUnsafe(f"The key file {path} cannot be opened: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        _require_private(os.fstat(descriptor), path)
        return file.read(_LARGEST_FILE)


def _require_private(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileUnsafe(f"The key file {path} is not a regular file.")
    if status.st_uid != os.geteuid():
        raise KeyFileUnsafe(f"The key file {path} belongs to user {status.st_uid}, not to the user who runs this.")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileUnsafe(f"The key file {path} has mode {stat.S_IMODE(status.st_mode):04o}: others may use it.")


def _create(path: Path, content: bytes) -> None:
    """Write a new file that nobody else could ever read, and its name, to disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_new(path, content)
    except FileExistsError as error:
        raise KeyFileUnsafe(f"{path} exists already; a key file is never overwritten.") from error
