"""Verifier keys of the three types that the protocol knows, and what signs with their private halves.

========  ============================  ==========================================  ==============
type      algorithm                     signs                                       source
========  ============================  ==========================================  ==============
``0x01``  Ed25519                       a note's text                               C2SP signed-note
``0x04``  Ed25519                       ``cosignature/v1``, time, checkpoint text   C2SP tlog-cosignature
``0x06``  ML-DSA-44, pure, no context   the ``subtree/v1`` message                  C2SP tlog-cosignature
========  ============================  ==========================================  ==============
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from gateway.errors import KeyRefused, NoteMalformed
from gateway.linklog.curve import require_sound_point
from gateway.linklog.text import decode_base64, require_key_name

KEY_ID_BYTES: Final = 4


class KeyType(IntEnum):
    """The algorithm byte of a verifier key."""

    NOTE_ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


PUBLIC_KEY_BYTES: Final = {
    KeyType.NOTE_ED25519: 32,
    KeyType.COSIGNATURE_ED25519: 32,
    KeyType.COSIGNATURE_ML_DSA_44: 1312,
}
SIGNATURE_BYTES: Final = {
    KeyType.NOTE_ED25519: 64,
    KeyType.COSIGNATURE_ED25519: 64,
    KeyType.COSIGNATURE_ML_DSA_44: 2420,
}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name. Who holds one may use it: it was checked when it was made.

    Raises:
        KeyRefused: a wrong length, a point that is not on the curve, not canonical or of small order.
        NoteMalformed: a name that cannot stand in a signature line.
    """

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        require_key_name(self.name)
        _load(self.type, self.public)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name || LF || type || public key)."""
        return _key_id(self.name, self.type, self.public)

    @property
    def vkey(self) -> str:
        """The key as C2SP signed-note writes it: ``name+hex(key id)+base64(type || public key)``."""
        return f"{self.name}+{self.key_id.hex()}+{self.bare}"

    @property
    def bare(self) -> str:
        """The key without its name, as descriptors write it: base64(type || public key)."""
        return base64.b64encode(bytes([self.type]) + self.public).decode()

    @classmethod
    def from_vkey(cls, text: str) -> Self:
        """Read a vkey; its key id must be the one that its other parts give."""
        name, plus, rest = text.partition("+")
        stated_id, plus_too, bare = rest.partition("+")
        if not (plus and plus_too):
            raise NoteMalformed("A vkey has three parts: name+key id+key.")
        key = cls.from_bare(name, bare)
        if key.key_id.hex() != stated_id:
            raise NoteMalformed(f"The vkey of {name} states another key id than its key has.")
        return key

    @classmethod
    def from_bare(cls, name: str, text: str) -> Self:
        """Read base64(type || public key) and give it a name."""
        decoded = decode_base64(text, "a key")
        if not decoded or decoded[0] not in PUBLIC_KEY_BYTES:
            raise KeyRefused(f"The key of {name} is of a type that is not used here.")
        return cls(name, KeyType(decoded[0]), decoded[1:])

    def with_name(self, name: str) -> VerifierKey:
        """Give the same key under another name: a log key signs under the origin of each of its logs."""
        return self if name == self.name else VerifierKey(name, self.type, self.public)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Say whether ``signature`` is this key's over exactly these bytes (for 0x04 and 0x06 without the time)."""
        try:
            _load(self.type, self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class DatedKey:
    """A key and when it counts: ``valid_from <= t < valid_until``, POSIX seconds."""

    key: VerifierKey
    valid_from: int
    valid_until: int

    def counts_at(self, time: int) -> bool:
        """Say whether what this key signed at ``time`` counts."""
        return self.valid_from <= time < self.valid_until

    def with_name(self, name: str) -> DatedKey:
        """Give the same key and period under another name."""
        return DatedKey(self.key.with_name(name), self.valid_from, self.valid_until)


class Signer(Protocol):
    """A private key somewhere: in memory, in a file, in a hardware module."""

    @property
    def key(self) -> VerifierKey:
        """The public half, under the name that the signer has at home."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the bare signature over ``message``; what the message must be is the caller's to know."""
        ...


@dataclass(frozen=True, slots=True)
class SeedSigner:
    """A signer whose 32 byte seed stands in memory; its maker must keep the seed out of logs and files."""

    key: VerifierKey
    _private: Ed25519PrivateKey | MLDSA44PrivateKey

    @classmethod
    def from_seed(cls, name: str, type: KeyType, seed: bytes) -> Self:  # noqa: A002  the protocol's word
        """Derive the key pair from its seed (RFC 8032, 5.1.5; FIPS 204, algorithm 6)."""
        private: Ed25519PrivateKey | MLDSA44PrivateKey
        if type is KeyType.COSIGNATURE_ML_DSA_44:
            private = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(VerifierKey(name, type, private.public_key().public_bytes_raw()), private)

    def sign(self, message: bytes) -> bytes:
        """Sign with the key in memory."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Name the public key only."""
        return f"SeedSigner({self.key.vkey})"


@lru_cache(maxsize=4096)
def _key_id(name: str, type_: KeyType, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([type_]) + public).digest()[:KEY_ID_BYTES]


@lru_cache(maxsize=4096)
def _load(type_: KeyType, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    """Check a public key once and keep what the library makes of it."""
    if len(public) != PUBLIC_KEY_BYTES[type_]:
        raise KeyRefused(f"A public key of type {type_:#04x} has {PUBLIC_KEY_BYTES[type_]} bytes, not {len(public)}.")
    if type_ is KeyType.COSIGNATURE_ML_DSA_44:
        return MLDSA44PublicKey.from_public_bytes(public)
    require_sound_point(public)
    return Ed25519PublicKey.from_public_bytes(public)
