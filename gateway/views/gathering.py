"""Gathering what a fold needs: the records under some keys, and what replaced or withdrew them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.ports.records import StoredRecord
from gateway.ports.views import ViewIndex
from gateway.views.keys import aside
from mutualrecognition.records.v1.record_pb2 import Record

ENOUGH: Final = 1000
"""Records of one subject; more are a mistake or an attack, and no person reads them."""

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Gathered:
    """Records by their sequence; ``truncated`` when there are more than ``ENOUGH``, and the rest is left out."""

    records: tuple[StoredRecord, ...]
    truncated: bool


async def gather(index: ViewIndex, keys: Collection[str], *, without: Collection[int] = ()) -> Gathered:
    """Find all records under the keys and, where one of them was superseded, the records that did it.

    Then those that no rule reads (``aside:``), as far as there is room: there may be any number of them. A withdrawal
    names the record that it takes back, not always the goods or the operator. ``without`` are sequences of records that
    were gathered before.
    """
    found: dict[int, StoredRecord] = {}
    truncated = await _under(index, keys, found, without)
    truncated |= await _under(index, aside(keys), found, without)
    superseded = {each.record_id for each in found.values() if each.superseded_by}
    if superseded:
        successors: dict[int, StoredRecord] = {}
        truncated |= await _under(index, {f"record:{record_id}" for record_id in superseded}, successors, without)
        found.update((sequence, each) for sequence, each in successors.items() if _supersedes(each) in superseded)
    return Gathered(tuple(found[sequence] for sequence in sorted(found)), truncated)


def _supersedes(stored: StoredRecord) -> str:
    """Read what a record supersedes; ``superseded_by`` names one that arrived last, and there may be several."""
    return Record.FromString(stored.record).header.supersedes


async def _under(
    index: ViewIndex, keys: Collection[str], found: dict[int, StoredRecord], without: Collection[int]
) -> bool:
    """Read page after page into ``found``; True when it stopped before the end."""
    after = 0
    while len(found) < ENOUGH:
        page = await index.records_under(keys, after=after, limit=_PAGE, without=without)
        found.update((each.sequence, each) for each in page)
        if len(page) < _PAGE:
            return False
        after = page[-1].sequence
    return True
