"""Any complete node from the few that a store keeps.

A store keeps the leaf hashes and, of the inner nodes, only those at levels 8, 16, 24…: 0.4 % more hashes instead
of 100 %. Every other node is recomputed from at most 128 hashes of the kept level below. A proof in a log of 10^6
entries takes some 500 hashes that stand in three runs, one a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from gateway.errors import Absent
from gateway.linklog.tree import CompactRange, Coordinate

TILE_LEVELS: Final = 8
"""A kept level every so many levels; a tile is 2**8 hashes wide."""

HashReader = Callable[[int, int, int], Sequence[bytes]]
"""Gives ``count`` hashes of kept nodes from (level, start); level is 0 or a multiple of ``TILE_LEVELS``."""


class Run(NamedTuple):
    """Consecutive kept nodes: ``width`` of ``level``, from index ``start``."""

    level: int
    start: int
    width: int


def run_below(level: int, index: int) -> Run:
    """Name the kept nodes that the complete node (level, index) is computed from."""
    kept_level = level - level % TILE_LEVELS
    height = level - kept_level
    return Run(kept_level, index << height, 1 << height)


def node_from_tiles(level: int, index: int, read: HashReader) -> bytes:
    """Give the hash of a complete node, from at most 128 kept hashes.

    Raises:
        Absent: the reader gave fewer hashes than the node stands on, so it is not complete here.
    """
    run = run_below(level, index)
    hashes = read(*run)
    if len(hashes) != run.width:
        raise Absent(f"Node {index} of level {level} is not complete in this log.")
    return CompactRange().append_all(hashes)[0].root()


def runs_needed(nodes: Iterable[Coordinate]) -> list[Run]:
    """Name the runs of kept hashes from which all these nodes are computed, neighbours merged.

    For the nodes of one proof this gives a handful of runs, each within one tile or at the tree's right edge.
    """
    merged: list[Run] = []
    for run in sorted(run_below(*node) for node in nodes):
        last = merged[-1] if merged else None
        if last and last.level == run.level and run.start <= last.start + last.width:
            end = max(last.start + last.width, run.start + run.width)
            merged[-1] = Run(last.level, last.start, end - last.start)
        else:
            merged.append(run)
    return merged


def reader_of(fetched: Mapping[tuple[int, int], bytes]) -> HashReader:
    """Serve kept hashes that were fetched beforehand: ``{(level, index): hash}``."""

    def read(level: int, start: int, count: int) -> Sequence[bytes]:
        try:
            return [fetched[level, index] for index in range(start, start + count)]
        except KeyError as missing:
            raise Absent(f"The hash at {missing.args[0]} was not fetched.") from None

    return read
