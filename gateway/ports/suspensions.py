"""Suspensions of reliance on a part of what a partner states: narrower than the partner, and in effect at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what. Every field that is set narrows it: all of them must fit. Empty texts and None leave nothing out.

    ``threat`` is a threat's name without prefix; ``loaded_at`` and ``discharged_at`` are LOCODEs, or their first two
    letters; ``done_from`` and ``done_until`` bound when the partner did it, POSIX seconds, the end excluded.
    """

    partner: str
    office: str = ""
    device: str = ""
    kind: str = ""
    threat: str = ""
    loaded_at: str = ""
    discharged_at: str = ""
    done_from: int | None = None
    done_until: int | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """One suspension. ``since`` and ``until`` are when decisions heed it, POSIX seconds; until None: until lifted."""

    suspension_id: str
    scope: Scope
    reason: str
    since: int
    until: int | None
    by: str
    lifted_at: int | None = None
    lifted_reason: str = ""

    def in_effect(self, at: int) -> bool:
        """Tell whether a decision made at this time heeds it."""
        return (
            self.since <= at
            and (self.until is None or at < self.until)
            and (self.lifted_at is None or at < self.lifted_at)
        )


class Suspensions(Protocol):
    """Keeps suspensions. There are few; all of them are read at once."""

    async def suspend(self, suspension: Suspension, *, request_id: str) -> Suspension:
        """Keep one, with an audit entry; the same client's request id again gives the first one.

        Raises RequestReused when that one says something else.
        """
        ...

    async def lift(self, suspension_id: str, *, at: int, by: str, reason: str) -> Suspension:
        """End one before its time; one that is lifted stays as it is. Raises Absent when there is none."""
        ...

    def in_effect(self, at: int) -> Sequence[Suspension]:
        """Those that a decision made at this time heeds, without a wait: each decision asks."""
        ...

    async def all(self) -> Sequence[Suspension]:
        """Every one, the newest first, those that are over included."""
        ...
