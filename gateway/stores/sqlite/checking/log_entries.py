"""The link logs from their leaves: commitments from salts and records, nodes and peaks from commitments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import apsw

from gateway.errors import NoteMalformed
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.tiles import TILE_LEVELS
from gateway.linklog.tree import CompactRange, Node
from gateway.stores.sqlite.checking.findings import Repair, Tell

_AT_ONCE: Final = 4096
_ENTRIES: Final = (
    "SELECT e.idx, e.salt, e.commitment, coalesce(f.record, r.record)"
    " FROM entry e LEFT JOIN released f ON f.id = e.released"
    " LEFT JOIN record r ON e.released IS NULL AND r.sequence = e.sequence"
    " WHERE e.log = ? ORDER BY e.idx"
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A log as its row has it; ``partner`` is the other side of its link."""

    log: int
    partner: str
    received: bool
    origin: str
    size: int
    peaks: bytes
    receipted: int
    receipt_time: int

    @property
    def other_copy(self) -> Repair:
        """Who else has its entries: the partner, whoever issued them."""
        return Repair.PARTNER


@dataclass(slots=True)
class Derived:
    """What the entries of a log give: its root at every size that was asked for, and the tree of all of them.

    ``altered`` are entries whose content does not fit their commitment; ``whole`` says that no index is missing.
    """

    roots: dict[int, bytes] = field(default_factory=dict)
    tree: CompactRange = field(default_factory=CompactRange)
    altered: list[int] = field(default_factory=list)
    whole: bool = True


def log_rows(connection: apsw.Connection) -> list[LogRow]:
    """Read the row of every log, closed generations too."""
    rows = connection.execute(
        "SELECT l.id, k.partner, l.received, l.origin, l.size, l.peaks, l.receipted, l.receipt_time"
        " FROM log l JOIN link k ON k.id = l.link ORDER BY l.id"
    )
    return [
        LogRow(log, partner, bool(received), origin, size, peaks, receipted, time)
        for log, partner, received, origin, size, peaks, receipted, time in rows
    ]


def check_entries(
    connection: apsw.Connection, row: LogRow, sizes: set[int], tell: Tell, advance: Callable[[int], None]
) -> Derived:
    """Derive one log from its entries and compare what follows from them; ``sizes`` are those of receipts."""
    derived = Derived()
    nodes = _kept_nodes(connection, row.log)
    for leaves in _leaves(connection, row, sizes, derived, tell):
        derived.tree, completed = derived.tree.append_all(leaves, keep_every=TILE_LEVELS)
        _compare_nodes(row, completed, nodes, tell)
        if derived.tree.size in sizes:
            derived.roots[derived.tree.size] = derived.tree.root()
        advance(len(leaves))
    if derived.whole:
        for level, index in nodes:
            tell(row.origin, f"The inner node {index} of level {level} stands on no entries.", Repair.TREE)
        _compare_head(connection, row, derived, tell)
    return derived


def _leaves(
    connection: apsw.Connection, row: LogRow, sizes: set[int], derived: Derived, tell: Tell
) -> Iterator[list[bytes]]:
    """Give the leaf hashes in portions that end where a root is wanted, up to the first index that is missing."""
    portion: list[bytes] = []
    for due, (index, salt, stored, record) in enumerate(connection.execute(_ENTRIES, (row.log,))):
        if index != due:
            missing = f"{due}" if index == due + 1 else f"{due} to {index - 1}"
            tell(row.origin, f"The entry {missing} is missing; the tree cannot be computed beyond.", row.other_copy)
            derived.whole = False
            break
        if record is None and salt:
            tell(f"{row.origin} entry {index}", "Its record is missing, while its salt is there.", row.other_copy)
        elif salt and commitment(salt, record) != stored:
            derived.altered.append(index)
            tell(f"{row.origin} entry {index}", "Salt, record and commitment do not fit each other.", row.other_copy)
        portion.append(leaf_hash(stored))
        if due + 1 in sizes or len(portion) == _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _kept_nodes(connection: apsw.Connection, log: int) -> dict[tuple[int, int], bytes]:
    rows = connection.execute("SELECT level, idx, hash FROM node WHERE log = ?", (log,))
    return {(level, index): hash_ for level, index, hash_ in rows}


def _compare_nodes(row: LogRow, completed: list[Node], kept: dict[tuple[int, int], bytes], tell: Tell) -> None:
    for level, index, hash_ in completed:
        stored = kept.pop((level, index), None)
        if stored != hash_:
            what = "is missing" if stored is None else "is not what its entries give"
            tell(row.origin, f"The inner node {index} of level {level} {what}.", Repair.TREE)


def _compare_head(connection: apsw.Connection, row: LogRow, derived: Derived, tell: Tell) -> None:
    if row.size != derived.tree.size:
        sentence = f"Its head says {row.size} entries, {derived.tree.size} are there."
        tell(row.origin, sentence, row.other_copy if row.size > derived.tree.size else Repair.PEOPLE)
    elif _tree_in(row) != derived.tree:
        tell(row.origin, f"The peaks of its head at size {row.size} are not those of its entries.", Repair.TREE)
    if row.received:
        return
    last = connection.execute("SELECT coalesce(max(size), 0) FROM batch WHERE log = ?", (row.log,)).get
    if last > row.size:
        tell(row.origin, f"A batch is said to have ended at {last}, beyond the head.", Repair.PEOPLE)


def _tree_in(row: LogRow) -> CompactRange | None:
    try:
        return CompactRange.from_bytes(row.size, row.peaks)
    except NoteMalformed:
        return None
