"""Incidents: why links were suspended, with the signed notes of that moment, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.evidence.incidents.growth import Growth

NOTES_AT_MOST: Final = 8
"""Notes of the other side that are kept with one incident; this side's own that go with them come on top."""


@dataclass(frozen=True, slots=True)
class Breach:
    """How a link came to be suspended by what passed on it, not by an operator's word.

    ``session`` is the correlation id, empty outside a session; ``by_partner``: the partner has said so in its Goodbye.
    ``notes`` are signed notes, none of them checked, exactly as they came.
    """

    session: str
    by_partner: bool
    notes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """One suspension. ``number`` counts from 1 in this store; ``at`` is POSIX seconds.

    ``notes`` are those of the breach, and what this side held itself of the same logs then: the newest checkpoint with
    both signatures, and the one at, or next above, each size that a note of the breach states.
    """

    number: int
    partner: str
    at: int
    reason: str
    detail: str
    session: str
    by_partner: bool
    notes: tuple[bytes, ...]


class Incidents(Protocol):
    """Gives incidents. ``LinkLogs.suspend`` keeps one, in the transaction of the suspension."""

    async def all(self) -> Sequence[Incident]:
        """Every one, the newest first."""
        ...

    async def growth(self, partner: str, origin: str, *, old: int, new: int) -> Growth | None:
        """Prove what the first ``old`` entries of a log are below its first ``new``; None when it has fewer here."""
        ...
