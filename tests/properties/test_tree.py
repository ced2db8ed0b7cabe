"""The tree against RFC 9162's own recursive definitions, on sizes and splits that nobody chose."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Absent, ConsistencyInvalid, InclusionInvalid
from gateway.linklog.paths import (
    consistency_proof,
    inclusion_proof,
    nodes_needed_for_consistency,
    nodes_needed_for_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gateway.linklog.tiles import TILE_LEVELS, node_from_tiles, reader_of, runs_needed
from gateway.linklog.tree import CompactRange

LEAVES = [sha256(b"\x00" + b"%d" % i).digest() for i in range(700)]
sizes = st.integers(1, len(LEAVES))


def k_of(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = k_of(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = k_of(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = k_of(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def kept_hashes(size: int) -> dict[tuple[int, int], bytes]:
    nodes = CompactRange().append_all(LEAVES[:size], keep_every=TILE_LEVELS)[1]
    assert all(node.level % TILE_LEVELS == 0 for node in nodes)
    return {(0, i): LEAVES[i] for i in range(size)} | {(node.level, node.index): node.hash for node in nodes}


@given(st.lists(st.integers(0, 60), max_size=12))
def test_appending_in_any_portions_gives_the_same_tree_and_the_same_nodes(portions: list[int]) -> None:
    tree, seen, nodes = CompactRange(), 0, []
    for portion in portions:
        tree, completed = tree.append_all(LEAVES[seen : seen + portion])
        nodes += completed
        seen = min(seen + portion, len(LEAVES))
    assert tree.size == seen
    assert tree.root() == mth(LEAVES[:seen])
    whole, at_once = CompactRange().append_all(LEAVES[:seen])
    assert (whole, sorted(at_once)) == (tree, sorted(nodes))
    assert CompactRange.from_bytes(tree.size, tree.to_bytes()) == tree
    for level, index, hash_ in nodes:
        assert hash_ == mth(LEAVES[index << level : (index + 1) << level])


@settings(max_examples=60)
@given(sizes, st.data())
def test_inclusion_proofs_are_those_of_the_rfc_and_come_from_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    kept = kept_hashes(size)
    needed = nodes_needed_for_inclusion(index, size)
    fetched = {
        (level, at): kept[level, at]
        for level, start, width in runs_needed(needed)
        for at in range(start, start + width)
    }
    read = reader_of(fetched)
    proof = inclusion_proof(index, size, lambda level, at: node_from_tiles(level, at, read))
    assert proof == path(index, LEAVES[:size])
    verify_inclusion(index, size, LEAVES[index], proof, mth(LEAVES[:size]))


@settings(max_examples=60)
@given(sizes, st.data())
def test_consistency_proofs_are_those_of_the_rfc(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    read = reader_of(kept_hashes(new))
    proof = consistency_proof(old, new, lambda level, at: node_from_tiles(level, at, read))
    assert proof == subproof(old, LEAVES[:new], True)
    assert len(nodes_needed_for_consistency(old, new)) >= len(proof)
    verify_consistency(old, new, mth(LEAVES[:old]), mth(LEAVES[:new]), proof)


@settings(max_examples=60)
@given(sizes, st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, proof, root = LEAVES[index], path(index, LEAVES[:size]), mth(LEAVES[:size])
    parts = [leaf, root, *proof]
    part, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[part] = (int.from_bytes(parts[part]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(InclusionInvalid):
        verify_inclusion(index, size, parts[0], parts[2:], parts[1])
    for other in {index - 1, index + 1} - {index}:
        with pytest.raises(InclusionInvalid):
            verify_inclusion(other, size, leaf, proof, root)
    for longer in ([*proof, root], [root, *proof], *([proof[:-1], proof[1:]] if proof else [])):
        with pytest.raises(InclusionInvalid):
            verify_inclusion(index, size, leaf, longer, root)


@settings(max_examples=60)
@given(sizes, st.data())
def test_a_changed_consistency_proof_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    parts = [mth(LEAVES[:old]), mth(LEAVES[:new]), *subproof(old, LEAVES[:new], True)]
    good = list(parts)
    part, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[part] = (int.from_bytes(parts[part]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(ConsistencyInvalid):
        verify_consistency(old, new, parts[0], parts[1], parts[2:])
    for proof in ([*good[2:], good[1]], *([good[2:-1]] if good[2:] else [])):
        with pytest.raises(ConsistencyInvalid):
            verify_consistency(old, new, good[0], good[1], proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (5, 4)])
def test_there_is_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InclusionInvalid):
        nodes_needed_for_inclusion(index, size)
    with pytest.raises(InclusionInvalid):
        verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4), (-1, 4)])
def test_there_is_no_consistency_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ConsistencyInvalid):
        nodes_needed_for_consistency(old, new)
    with pytest.raises(ConsistencyInvalid):
        verify_consistency(old, new, LEAVES[0], LEAVES[0], [])


def test_a_proof_in_a_large_log_takes_a_few_runs_of_hashes() -> None:
    for index in (0, 1, 123_456, 999_999):
        runs = runs_needed(nodes_needed_for_inclusion(index, 1_000_000))
        assert sum(width for _, _, width in runs) <= 3 * 256 + 64
        assert len(runs) <= 12


def test_a_node_that_is_not_complete_is_not_made_up() -> None:
    read = reader_of(kept_hashes(5))
    with pytest.raises(Absent):
        node_from_tiles(3, 0, read)
    with pytest.raises(Absent):
        node_from_tiles(3, 0, lambda _level, start, count: LEAVES[start : start + count - 1])
