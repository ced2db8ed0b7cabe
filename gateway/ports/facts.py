"""The one read of a decision: every record that bears on it, how each is proven, and how partners stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from gateway.ports.links import Direction
from gateway.values import value
from mutualrecognition.records.v1.record_pb2 import Record


@value
class PartnerLink:
    """A partner as its link stands: why it is suspended; empty: it is not."""

    partner: str
    suspended: str


@value
class Receipted:
    """A checkpoint with both signatures, and the time in the receipt, POSIX seconds."""

    note: bytes
    at: int


@value
class FoundRecord:
    """A record as a decision reads it, and what proves it.

    ``record`` is the exact bytes, ``said`` what they say: nothing where they cannot be read. ``is_held``
    tells that it is in quarantine. ``partners`` are those that an issued record went to, or the one that a received
    record came from. What follows is of received ones alone: ``origin`` is the log that it came in, ``judgement`` the
    latest word of this node on it. ``receipts`` are the smallest receipted checkpoint that covers it and, where it is
    another, the newest: keys may have been taken back since the first, and the log signed anew.
    """

    sequence: int
    direction: Direction
    record_id: str
    kind: str
    record: bytes
    said: Record
    stored_at: int
    partners: tuple[str, ...]
    is_held: bool
    superseded_by: str
    origin: str = ""
    judgement: str = ""
    receipts: tuple[Receipted, ...] = ()


Follow = Callable[[Sequence[FoundRecord]], Collection[str]]
"""Gives the view keys under which more is to be read, for records that were found. Runs in the store's own thread."""


Hear = Callable[[Sequence[FoundRecord]], Collection[str] | None]
"""Gives the partners of whom must be told how much of what they said is here, for all records that were found.

None is everyone. Runs in the store's own thread, as ``Follow``.
"""


def nobody(_: Sequence[FoundRecord]) -> Collection[str]:
    """Ask how complete what partners said is of none."""
    return ()


@value
class FactRead:
    """What was found, in one snapshot.

    ``links`` are all links by partner, the same object as before when nothing has changed. ``complete_as_of`` is of the
    partners asked for: up to when all that they said is here, by the newest receipt that this node gave or by their own
    word, POSIX seconds; 0: never heard. ``newest`` is the highest sequence that the snapshot could have. ``truncated``:
    there was more.
    """

    records: Sequence[FoundRecord]
    links: Sequence[PartnerLink]
    complete_as_of: Mapping[str, int]
    newest: int
    truncated: bool


class FactReader(Protocol):
    """Reads facts. Nothing here changes anything."""

    async def read(self, start: Collection[str], follow: Follow, *, hear: Hear = nobody, limit: int) -> FactRead:
        """Give records under the view keys ``start``, and under those that ``follow`` gives for what was found.

        On and on until nothing new is found, at most ``limit`` records, all from one snapshot, in this node's order.
        What was erased says nothing, and is not among them.
        """
        ...
