"""The trees of the logs in the file: kept nodes, any proof, any earlier head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw

from gateway.linklog.hashing import leaf_hash
from gateway.linklog.paths import (
    consistency_proof,
    inclusion_proof,
    nodes_needed_for_consistency,
    nodes_needed_for_inclusion,
)
from gateway.linklog.tiles import TILE_LEVELS, HashReader, Run, node_from_tiles, reader_of, runs_needed
from gateway.linklog.tree import CompactRange, Coordinate, Node
from gateway.stores.sqlite.many import insert_rows


def grow(connection: apsw.Connection, log: int, tree: CompactRange, commitments: Iterable[bytes]) -> CompactRange:
    """Append leaves to a tree and keep the nodes that proofs are made of; the entries are the caller's to store."""
    grown, nodes = tree.append_all([leaf_hash(each) for each in commitments], keep_every=TILE_LEVELS)
    _keep_nodes(connection, log, nodes)
    return grown


def inclusion_path(connection: apsw.Connection, log: int, index: int, size: int) -> tuple[bytes, ...]:
    """Give the proof of one entry in the tree of ``size`` entries, from some hundred hashes a kept level."""
    read = _fetch(connection, log, nodes_needed_for_inclusion(index, size))
    return tuple(inclusion_proof(index, size, lambda level, at: node_from_tiles(level, at, read)))


def growth_path(connection: apsw.Connection, log: int, old: int, new: int) -> tuple[bytes, ...]:
    """Give the proof that the first ``old`` entries begin the tree of the first ``new``; the log must have as many."""
    read = _fetch(connection, log, nodes_needed_for_consistency(old, new))
    return tuple(consistency_proof(old, new, lambda level, at: node_from_tiles(level, at, read)))


def tree_of(connection: apsw.Connection, log: int, size: int) -> CompactRange:
    """Compute the tree of the first ``size`` entries; the log must have as many."""
    peaks = _peaks(size)
    read = _fetch(connection, log, peaks)
    return CompactRange(size, tuple(node_from_tiles(level, index, read) for level, index in peaks))


def _peaks(size: int) -> list[Coordinate]:
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [Coordinate(level, (size >> level) - 1) for level in levels]


def _keep_nodes(connection: apsw.Connection, log: int, nodes: Sequence[Node]) -> None:
    if nodes:
        insert_rows(
            connection,
            "node",
            "log, level, idx, hash",
            [(log, level, index, hash_) for level, index, hash_ in nodes],
        )


def _fetch(connection: apsw.Connection, log: int, nodes: Iterable[Coordinate]) -> HashReader:
    fetched: dict[tuple[int, int], bytes] = {}
    for run in runs_needed(nodes):
        fetched.update(_leaves(connection, log, run) if run.level == 0 else _inner(connection, log, run))
    return reader_of(fetched)


def _leaves(connection: apsw.Connection, log: int, run: Run) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(
        "SELECT idx, commitment FROM entry WHERE log = ? AND idx >= ? AND idx < ?",
        (log, run.start, run.start + run.width),
    )
    return {(0, index): leaf_hash(commitment) for index, commitment in rows}


def _inner(connection: apsw.Connection, log: int, run: Run) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(
        "SELECT idx, hash FROM node WHERE log = ? AND level = ? AND idx >= ? AND idx < ?",
        (log, run.level, run.start, run.start + run.width),
    )
    return {(run.level, index): hash_ for index, hash_ in rows}
