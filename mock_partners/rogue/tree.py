"""The tree of a link log: section 5 of docs/protocol.md, RFC 9162 from the definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf(salt: bytes, record: bytes) -> bytes:
    """Hash an entry (R-ENT-02, R-LOG-01)."""
    return leaf_of(hashlib.sha256(salt + record).digest())


def leaf_of(commitment: bytes) -> bytes:
    """Hash a commitment."""
    return hashlib.sha256(b"\x00" + commitment).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the root of the tree with these leaf hashes (R-LOG-02)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:])).digest()
