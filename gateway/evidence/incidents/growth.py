"""That one tree is the beginning of another: a consistency proof (RFC 9162, 2.1.4) in one text.

It is what makes a fork of two different sizes provable. The tree below a signed root has one beginning of every smaller
size; the proof shows its root. Whoever signed another root for that size has signed two histories.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from gateway.errors import EvidenceInvalid, NoteMalformed
from gateway.linklog.hashing import HASH_BYTES
from gateway.linklog.paths import verify_consistency
from gateway.linklog.text import decode_base64, decode_text, parse_decimal

HEADER: Final = "mutualrecognition/growth/v1"
MAX_PATH: Final = 64
MAX_BYTES: Final = 8 * 1024
_FIXED_ROWS: Final = 4


@dataclass(frozen=True, slots=True)
class Growth:
    """The tree of ``old`` leaves with ``root``, and the path from it to a tree of ``new`` leaves."""

    old: int
    new: int
    root: bytes
    path: tuple[bytes, ...]

    def serialize(self) -> bytes:
        """Give its only text."""
        hashes = [base64.b64encode(hash_).decode() for hash_ in (self.root, *self.path)]
        return "".join(f"{row}\n" for row in (HEADER, f"old {self.old}", f"new {self.new}", *hashes)).encode()

    def verify(self, new_root: bytes) -> None:
        """Check that the tree with ``new_root`` begins so.

        Raises:
            ConsistencyInvalid: it does not.
        """
        verify_consistency(self.old, self.new, self.root, new_root, self.path)


def parse_growth(data: bytes) -> Growth:
    """Read a proof; whether it holds is not checked.

    Raises:
        EvidenceInvalid: too long, or not its only form.
    """
    try:
        growth = _parse(data)
    except NoteMalformed as error:
        raise EvidenceInvalid(f"A consistency proof cannot be read: {error.sentence}") from error
    if growth.serialize() != data:
        raise EvidenceInvalid("A consistency proof is not in its only form.")
    return growth


def _parse(data: bytes) -> Growth:
    if len(data) > MAX_BYTES:
        raise NoteMalformed(f"It has more than {MAX_BYTES} bytes.")
    rows = decode_text(data, "The proof").split("\n")[:-1]
    if len(rows) < _FIXED_ROWS or rows[0] != HEADER or len(rows) > _FIXED_ROWS + MAX_PATH:
        raise NoteMalformed(f"It does not begin with {HEADER}, or has too few lines or too many.")
    old, new = (_number(row, word) for row, word in zip(rows[1:3], ("old ", "new "), strict=True))
    root, *path = (_hash(row) for row in rows[3:])
    return Growth(old, new, root, tuple(path))


def _number(row: str, word: str) -> int:
    if not row.startswith(word):
        raise NoteMalformed(f"The line with {word.strip()} is missing.")
    return parse_decimal(row.removeprefix(word), f"the size after {word.strip()}")


def _hash(row: str) -> bytes:
    hash_ = decode_base64(row, "a hash of the proof")
    if len(hash_) != HASH_BYTES:
        raise NoteMalformed(f"A hash of the proof does not have {HASH_BYTES} bytes.")
    return hash_
