"""Decisions, kept durably with the facts that they were made from, and found by goods and by what they stand on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Protocol

from gateway.ports.ledger import LedgerEntry
from gateway.values import value


class Change(IntEnum):
    """What happened to a decision; the numbers are those of the API."""

    MADE = 1
    RESOLVED = 2
    DEFAULTED = 3
    OVERRIDDEN = 4


@value
class SharedFacts:
    """Facts that are the same for many decisions, serialized as those of one, and kept once.

    ``digest`` is their SHA-256. A decision's own facts followed by these are all its facts: protobuf merges them.
    """

    digest: bytes
    facts: bytes


@value
class Made:
    """A decision to be kept, or the next revision of one.

    ``digest`` is SHA-256 of the question, so that a repeat is told from a reused request id. ``answer`` and ``facts``
    are serialized; ``shared`` has the facts that are not its own. ``keys`` are the view keys of the goods;
    ``relied_on`` the sequences of the records that it stands on. ``pending_until`` is POSIX seconds, None unless it
    waits. ``from_sequence`` is the newest record that its facts could have. ``entry`` goes into the reliance ledger in
    the same transaction.
    """

    decision_id: str
    client: str
    request_id: str
    digest: bytes
    at: int
    outcome: int
    answer: bytes
    facts: bytes
    shared: SharedFacts
    keys: Collection[str]
    relied_on: Collection[int]
    pending_until: int | None
    from_sequence: int
    entry: LedgerEntry


@value
class StoredDecision:
    """A decision as it stands.

    ``number`` is its place in this node's order, ``overridden`` a serialized override; ``facts`` are all its facts.
    """

    number: int
    decision_id: str
    client: str
    request_id: str
    digest: bytes
    revision: int
    answer: bytes
    overridden: bytes
    pending_until: int | None
    from_sequence: int
    facts: bytes


@value
class DecisionQuery:
    """Which decisions; what is empty leaves nothing out. ``keys`` are view keys, all of which must be the goods'.

    ``relied_on`` is the id of a record of ``partner``, or with no partner of anybody's.
    """

    keys: frozenset[str] = frozenset()
    relied_on: str = ""
    partner: str = ""
    outcomes: frozenset[int] = frozenset()
    overridden: bool = False
    since: int | None = None
    until: int | None = None


@value
class DecisionEvent:
    """One change, at its place in the order of changes."""

    number: int
    change: Change
    at: int
    decision: StoredDecision


class Decisions(Protocol):
    """Keeps decisions. What a method has answered is durable."""

    async def sampling_key(self) -> bytes:
        """Give this node's key for drawing the sample: 32 bytes, made when there was none, and never changed."""
        ...

    async def keep(self, made: Sequence[Made]) -> Sequence[StoredDecision]:
        """Keep decisions in one transaction; where a request has one already, that one is given, and nothing kept."""
        ...

    async def revise(self, made: Made, *, revision: int, change: Change) -> StoredDecision | None:
        """Replace a decision that stands at ``revision`` by its next one, and keep the earlier; None: it does not."""
        ...

    async def override(self, decision_id: str, overridden: bytes, *, at: int, client: str) -> StoredDecision | None:
        """Note what an officer did instead, the last word counts; None when there is no such decision."""
        ...

    async def get(self, decision_id: str) -> StoredDecision | None:
        """Give one decision."""
        ...

    async def earlier(self, decision_id: str) -> Sequence[StoredDecision]:
        """Give its earlier revisions, the oldest first."""
        ...

    async def listed(self, query: DecisionQuery, *, before: int, limit: int) -> Sequence[StoredDecision]:
        """Give decisions before a number, the newest first; 0 begins at the newest."""
        ...

    async def pending(self) -> Sequence[StoredDecision]:
        """Give every decision that waits."""
        ...

    async def counts(self, *, since: int, until: int) -> Sequence[tuple[int, int, int]]:
        """Count by outcome: outcome, decisions, overridden."""
        ...

    async def events(self, after: int, *, limit: int) -> Sequence[DecisionEvent]:
        """Give changes after a number, in their order, each with the decision as it stands now."""
        ...

    async def newest_event(self) -> int:
        """Give the number of the last change; 0 when there is none."""
        ...

    async def wait_beyond(self, event: int) -> None:
        """Return when there is a change after this one."""
        ...
