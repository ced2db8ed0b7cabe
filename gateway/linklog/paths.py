"""Proofs of inclusion and of consistency: which nodes they consist of, and how they are checked.

Making a proof is split in two, so that a store can fetch all it needs in one read: ``nodes_needed_for_…`` names
the complete nodes, ``inclusion_proof`` and ``consistency_proof`` put them together. Proofs are those of RFC 9162
2.1.3 and 2.1.4: hashes from the bottom upwards. A proof's element may be the hash over the incomplete right edge
of the tree; it is joined here from the complete subtrees there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from gateway.errors import ConsistencyInvalid, InclusionInvalid
from gateway.linklog.hashing import HASH_BYTES, node_hash
from gateway.linklog.tree import Coordinate, fold_peaks

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete node at (level, index)."""


def nodes_needed_for_inclusion(index: int, size: int) -> list[Coordinate]:
    """Name every complete node that the proof for leaf ``index`` in a tree of ``size`` leaves is made of."""
    return list(chain.from_iterable(_inclusion_ranges(index, size)))


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Give the proof that leaf ``index`` is in the tree of the first ``size`` leaves (RFC 9162, 2.1.3.1)."""
    return [fold_peaks([node(*at) for at in part]) for part in _inclusion_ranges(index, size)]


def nodes_needed_for_consistency(old: int, new: int) -> list[Coordinate]:
    """Name every complete node that the proof from ``old`` to ``new`` leaves is made of."""
    return list(chain.from_iterable(_consistency_ranges(old, new)))


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """Give the proof that the tree of ``old`` leaves is the beginning of that of ``new`` (RFC 9162, 2.1.4.1).

    Between equal sizes the proof is empty. A proof from the empty tree does not exist.
    """
    return [fold_peaks([node(*at) for at in part]) for part in _consistency_ranges(old, new)]


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``proof`` leads from the leaf at ``index`` to ``root`` (RFC 9162, 2.1.3.2).

    Raises:
        InclusionInvalid: it does not, or no such leaf can be in a tree of this size.
    """
    if not 0 <= index < size:
        raise InclusionInvalid(f"A tree of {size} leaves has no leaf {index}.")
    _require_hashes(InclusionInvalid, leaf_hash, root, *proof)
    computed, last = leaf_hash, size - 1
    for sibling in proof:
        if last == 0:
            raise InclusionInvalid(f"The proof for leaf {index} of {size} is too long.")
        if index & 1 or index == last:
            computed = node_hash(sibling, computed)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise InclusionInvalid("The proof is too short for a tree of this size.")
    if computed != root:
        raise InclusionInvalid("The proof does not lead from the leaf to the root.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree with ``old_root`` is the beginning of the one with ``new_root`` (RFC 9162, 2.1.4.2).

    Raises:
        ConsistencyInvalid: the proof does not show it.
    """
    if not 0 < old <= new:
        raise ConsistencyInvalid(f"A tree of {old} leaves cannot be shown to be the beginning of one of {new}.")
    _require_hashes(ConsistencyInvalid, old_root, new_root, *proof)
    if old == new:
        if proof or old_root != new_root:
            raise ConsistencyInvalid(f"Two trees of {old} leaves with different roots, or a proof where none is due.")
        return
    _verify_growth(old, new, old_root, new_root, proof)


def _verify_growth(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    steps = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    if not steps:
        raise ConsistencyInvalid("The proof is empty.")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    seen_old = seen_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ConsistencyInvalid("The proof is too long.")
        if at & 1 or at == last:
            seen_old, seen_new = node_hash(step, seen_old), node_hash(step, seen_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            seen_new = node_hash(seen_new, step)
        at, last = at >> 1, last >> 1
    if last or seen_old != old_root or seen_new != new_root:
        raise ConsistencyInvalid(f"The proof does not show that {old} leaves are the beginning of {new}.")


def _inclusion_ranges(index: int, size: int) -> list[list[Coordinate]]:
    if not 0 <= index < size:
        raise InclusionInvalid(f"A tree of {size} leaves has no leaf {index}.")
    siblings: list[list[Coordinate]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append(_complete_nodes(middle, end))
            end = middle
        else:
            siblings.append(_complete_nodes(start, middle))
            start = middle
    siblings.reverse()
    return siblings


def _consistency_ranges(old: int, new: int) -> list[list[Coordinate]]:
    if not 0 < old <= new:
        raise ConsistencyInvalid(f"There is no proof from {old} to {new} leaves.")
    parts: list[list[Coordinate]] = []
    start, end = 0, new
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            parts.append(_complete_nodes(middle, end))
            end = middle
        else:
            parts.append(_complete_nodes(start, middle))
            start = middle
    if start:  # else this subtree is the old tree itself, whose root the verifier has
        parts.append(_complete_nodes(start, end))
    parts.reverse()
    return parts


def _split(size: int) -> int:
    """Give the largest power of two below ``size``: where RFC 9162 cuts a tree in two."""
    return 1 << ((size - 1).bit_length() - 1)


def _complete_nodes(start: int, end: int) -> list[Coordinate]:
    """Name the complete subtrees that make up the leaves from ``start`` to ``end``, largest first.

    ``start`` must be a multiple of the largest power of two in the range, as it is wherever RFC 9162 cuts.
    """
    nodes: list[Coordinate] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Coordinate(level, start >> level))
        start += 1 << level
    return nodes


def _require_hashes(error: type[InclusionInvalid | ConsistencyInvalid], *hashes: bytes) -> None:
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise error(f"A hash in the proof does not have {HASH_BYTES} bytes.")
