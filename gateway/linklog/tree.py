"""A growing RFC 9162 tree, kept as its compact range: what one needs to append and to know the root.

A tree of ``size`` leaves is a row of complete subtrees, one for each 1 bit of ``size``, the largest first. Their
roots, the *peaks*, are all that appending needs; so a log of 10^9 entries is carried on by 30 hashes.

A node is named by ``(level, index)``: leaves are level 0, and node ``(l, i)`` covers the leaves from
``i * 2**l`` up to ``(i + 1) * 2**l``. *Complete* nodes have all their leaves; only they never change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from gateway.errors import NoteMalformed
from gateway.linklog.hashing import EMPTY_ROOT, HASH_BYTES, NODE_PREFIX, node_hash


class Coordinate(NamedTuple):
    """Where a complete node stands."""

    level: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here


class Node(NamedTuple):
    """A complete node and its hash."""

    level: int
    index: int  # type: ignore[assignment]  # as above
    hash: bytes


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The peaks of a tree of ``size`` leaves, largest first. Immutable: appending gives a new one."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves does not have {len(self.peaks)} peaks")

    def append_all(self, leaf_hashes: Sequence[bytes], *, keep_every: int = 1) -> tuple[CompactRange, list[Node]]:
        """Append leaves in order; also give the inner nodes that they completed.

        Of the completed nodes those are given whose level is a multiple of ``keep_every`` (level 0 is never
        among them: the caller has the leaves). A store that keeps tiles passes ``tiles.TILE_LEVELS``.
        The order is by level, then index.

        This is on the path of every record, so it works level by level over whole lists: one SHA-256 a leaf on
        average, and no object but the hashes. Lengths of the hashes are the caller's word.
        """
        peak_at = dict(zip(_peak_levels(self.size), self.peaks, strict=True))
        kept: list[Node] = []
        row = list(leaf_hashes)
        first = self.size
        level = 0
        while row:
            waiting = peak_at.pop(level, None)
            if waiting is not None:
                row.insert(0, waiting)
                first -= 1
            if len(row) % 2:
                peak_at[level] = row.pop()
            row = _parents(row)
            first //= 2
            level += 1
            if level % keep_every == 0:
                kept.extend(Node(level, index, hash_) for index, hash_ in enumerate(row, first))
        size = self.size + len(leaf_hashes)
        return CompactRange(size, tuple(peak_at[level] for level in _peak_levels(size))), kept

    def root(self) -> bytes:
        """Give the tree's root hash; of the empty tree, SHA-256 of nothing."""
        return fold_peaks(self.peaks) if self.peaks else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Give the peaks one after the other; the size is kept beside."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> CompactRange:
        """Read what ``to_bytes`` gave.

        Raises:
            NoteMalformed: the bytes are not the peaks of a tree of this size.
        """
        if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
            raise NoteMalformed(f"{len(data)} bytes are not the peaks of a tree of {size} leaves.")
        return cls(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Join complete subtrees that stand side by side, largest first, into the hash over all of them."""
    joined = peaks[-1]
    for peak in reversed(peaks[:-1]):
        joined = node_hash(peak, joined)
    return joined


def _peak_levels(size: int) -> list[int]:
    return [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]


def _parents(row: list[bytes]) -> list[bytes]:
    pairs = iter(row)
    return [sha256(NODE_PREFIX + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
