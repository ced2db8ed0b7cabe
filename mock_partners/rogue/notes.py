"""Keys and signed notes: sections 3 and 6 of docs/protocol.md."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NOTE: Final = 0x01
RECEIPT: Final = 0x04
_DASH: Final = "— "
_TIME_BYTES: Final = 8
_KEY_ID_BYTES: Final = 4


class NoteUnreadable(ValueError):
    """The bytes are no signed note, or a line that is required does not hold."""


def b64(data: bytes) -> str:
    """Write bytes in the one alphabet of R-CNV-02."""
    return base64.b64encode(data).decode()


def digest_of(text: bytes) -> bytes:
    """Give the digest of a document's text (R-DOC-01)."""
    return hashlib.sha256(text).digest()


def bare(kind: int, public: bytes) -> str:
    """Write a public key as a descriptor lists it (R-KEY-01)."""
    return b64(bytes([kind]) + public)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Give the four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A private Ed25519 key of one of the two types; the name under which it signs is said each time."""

    kind: int
    seed: bytes

    @classmethod
    def new(cls, kind: int) -> Self:
        """Make one."""
        return cls(kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def bare(self) -> str:
        """The public half as a descriptor lists it."""
        return bare(self.kind, self.public)

    def sign(self, message: bytes) -> bytes:
        """Sign any bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def line(self, name: str, text: bytes) -> bytes:
        """Sign a note's text: one line of type 0x01."""
        return self.line_with(name, self.sign(text))

    def cosignature(self, name: str, checkpoint: bytes, time: int) -> bytes:
        """Sign the three lines of a checkpoint at a time: one line of type 0x04 (R-RCT-02)."""
        message = f"cosignature/v1\ntime {time}\n".encode() + checkpoint
        return self.line_with(name, time.to_bytes(_TIME_BYTES, "big") + self.sign(message))

    def line_with(self, name: str, signature: bytes) -> bytes:
        """Write a signature line with any bytes for a signature."""
        return signature_line(name, key_id(name, self.kind, self.public), signature)


def signature_line(name: str, identity: bytes, signature: bytes) -> bytes:
    """Write a signature line (R-NOT-02)."""
    return f"{_DASH}{name} {b64(identity + signature)}\n".encode()


def note(text: bytes, *lines: bytes) -> bytes:
    """Put text and signature lines together (R-NOT-01)."""
    return text + b"\n" + b"".join(lines)


def text_of(signed: bytes) -> bytes:
    """Give the text of a note: everything above its last empty line."""
    text, found, _ = signed.rpartition(b"\n\n")
    if not found:
        raise NoteUnreadable("There is no empty line between text and signatures.")
    return text + b"\n"


def lines_of(signed: bytes) -> list[bytes]:
    """Give the signature lines of a note."""
    return signed.rpartition(b"\n\n")[2].splitlines(keepends=True)


@dataclass(frozen=True, slots=True)
class Verifier:
    """A partner's public key, as its descriptor lists it."""

    kind: int
    public: bytes

    @classmethod
    def parse(cls, bare_key: str) -> Self:
        """Read a bare key."""
        raw = base64.b64decode(bare_key, validate=True)
        return cls(raw[0], raw[1:])

    def verifies(self, name: str, text: bytes, line: bytes) -> int | None:
        """Say whether a line is this key's and holds: gives its time, 0 for a type without; None if it is another's.

        Raises:
            NoteUnreadable: it is this key's, and does not hold.
        """
        shown, _, blob = line.decode().removeprefix(_DASH).rstrip("\n").partition(" ")
        raw = base64.b64decode(blob, validate=True)
        if shown != name or raw[:_KEY_ID_BYTES] != key_id(name, self.kind, self.public):
            return None
        signature, time = raw[_KEY_ID_BYTES:], 0
        if self.kind == RECEIPT:
            time, signature = int.from_bytes(signature[:_TIME_BYTES], "big"), signature[_TIME_BYTES:]
            text = f"cosignature/v1\ntime {time}\n".encode() + text
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            raise NoteUnreadable(f"The signature of {name} does not hold.") from None
        return time


def verified(name: str, text: bytes, lines: Sequence[bytes], keys: Sequence[Verifier]) -> int:
    """Demand a line of one of these keys under this name; gives its time (R-NOT-03).

    Raises:
        NoteUnreadable: there is none, or one of them does not hold.
    """
    times = [time for key in keys for line in lines if (time := key.verifies(name, text, line)) is not None]
    if not times:
        raise NoteUnreadable(f"No line of {name} is there.")
    return times[0]
