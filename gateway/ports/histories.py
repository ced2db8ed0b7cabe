"""Whole histories of link logs, closed ones too: read for a partner that lost its own, taken back, closed, renewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.linklog.tree import CompactRange
from gateway.ports.intake import Judged
from gateway.ports.links import Entry


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An entry as it is given back; without salt and record where its content was erased."""

    entry: Entry
    commitment: bytes


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Consecutive entries of one log, none beyond its newest receipted checkpoint. That is ``note``; empty: none is."""

    entries: tuple[HistoryEntry, ...]
    receipted: int
    note: bytes


@dataclass(frozen=True, slots=True)
class ReturnedRecord:
    """A record of this node's own that came back with its log. ``record_id`` is empty where it is erased or unreadable.

    It is in the form in which it was released; what the agreement withheld does not come back.
    """

    record_id: str
    kind: str
    subject: str
    supersedes: str
    issued_at: int
    judges: Judged | None


@dataclass(frozen=True, slots=True)
class ReturnedEntry:
    """An entry of this node's own log as the partner gave it back, under a root that this node has signed."""

    index: int
    returned: HistoryEntry
    record: ReturnedRecord


@dataclass(frozen=True, slots=True)
class OwnLog:
    """How far this node knows a log of its own; ``restored_at`` as in ``LogState``."""

    origin: str
    generation: int
    tree: CompactRange
    receipted: int
    restored_at: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """The end of a log and the beginning of the next generation: how many records of it wait again, and for which."""

    closed_at: int
    origin: str
    waiting_again: int


class Histories(Protocol):
    """Reads and mends whole logs."""

    async def part(self, partner: str, origin: str, *, first: int, records: int, size_bytes: int) -> HistoryPart | None:
        """Entries of a log between this node and ``partner`` from ``first`` on; None: they have no such log.

        At most ``records`` entries and ``size_bytes`` bytes, but one entry where there is one.
        """
        ...

    async def own_log(self, partner: str, *, first_origin: str) -> OwnLog:
        """This node's log to ``partner`` in use; the first generation is created empty where there is none."""
        ...

    async def open_generation(self, partner: str, origin: str) -> None:
        """Have this node's log of this name, empty where there was none; the highest generation is the one in use."""
        ...

    async def take_back(self, partner: str, origin: str, entries: Sequence[ReturnedEntry]) -> int:
        """Put verified entries in their places, and give how many rows were mended or new.

        An entry that is there is compared, and mended where it differs; one beyond the log's end is appended, with its
        record, unless this node knows the record still and it waited: then it waits no longer.
        """
        ...

    async def keep_receipt(self, partner: str, origin: str, *, size: int, note: bytes, receipt_time: int) -> None:
        """Keep the newest receipted checkpoint of an own log, unless a newer one is there."""
        ...

    async def renew(self, partner: str, *, held_by_partner: int, next_origin: str, actor: str, reason: str) -> Renewal:
        """Close the own log at what the partner holds, and open ``next_origin``.

        Entries that the partner does not hold leave the log, except receipted ones, and wait for the next generation.
        A link that is suspended for LOG_ROLLBACK is resumed, here and by ``accept_generation``; for any other reason it
        stays suspended.
        """
        ...

    async def accept_generation(self, partner: str, *, origin: str, actor: str, reason: str) -> None:
        """Hold the partner's log ``origin`` from here on, empty as yet; the older one stays.

        A generation that is not higher than the one in use is refused with Conflict.
        """
        ...
