"""The three hashes of a link log: commitment, leaf, node (docs/protocol.md, Record, entry, leaf; RFC 9162, 2.1.1)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
SALT_BYTES: Final = 16
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = sha256(b"").digest()


def commitment(salt: bytes, record: bytes) -> bytes:
    """Bind an entry to its record without showing it.

    The salt must be 16 fresh random bytes for every entry of every log: who drops record and salt leaves
    nothing to guess by. Both lengths are fixed by the caller; a salt of another length would make two splits
    of one string collide, so it is refused.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    return sha256(salt + record).digest()


def leaf_hash(commitment: bytes) -> bytes:
    """Give the hash of a leaf; the leaf's content is the commitment."""
    return sha256(LEAF_PREFIX + commitment).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node from those of its two children."""
    return sha256(NODE_PREFIX + left + right).digest()
