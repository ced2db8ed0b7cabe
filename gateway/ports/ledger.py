"""The reliance ledger: which decisions relied on whose records, where the goods are, and what arrival showed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Protocol

from gateway.values import value


class Finding(StrEnum):
    """What arrival showed of a reliance."""

    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    CONTRADICTED = "CONTRADICTED"
    NOT_CHECKED = "NOT_CHECKED"
    UNDECIDED = "UNDECIDED"


class Goods(StrEnum):
    """Where goods are, as the national system said last."""

    UNKNOWN = "UNKNOWN"
    NOT_ARRIVED = "NOT_ARRIVED"
    HELD = "HELD"
    RELEASED = "RELEASED"


@value
class Source:
    """Who did what: a partner's method, the office that states it and the device used; empty is unknown.

    ``method`` is a control's method, or SCREENING or AEO.
    """

    partner: str
    method: str
    office: str = ""
    device: str = ""


@value
class StoodOn:
    """One part of a basis on which one check was left out. ``done_at``: when the partner did it, POSIX seconds."""

    source: Source
    kind: str
    done_at: int


@value
class LedgerEntry:
    """What one decision enters.

    ``outcome`` is one of the decision's, without prefix; ``consignment`` a serialized ``ConsignmentRef``; ``records``
    are all record_ids that it relied on, mappings and seals included. ``partners`` are those whose records it looked
    at: it counts for them even where it relied on none.
    """

    decision_id: str
    decided_at: int
    outcome: str
    partners: tuple[str, ...]
    stood_on: tuple[StoodOn, ...]
    records: tuple[str, ...]
    consignment: bytes


@value
class LedgerLine:
    """An entry as it stands. ``report`` is the serialized ``ArrivalReport`` of the newest feedback, empty for none."""

    decision_id: str
    decided_at: int
    outcome: str
    overridden: bool
    partners: tuple[str, ...]
    records: tuple[str, ...]
    consignment: bytes
    goods: Goods
    goods_since: int | None
    finding: Finding
    report: bytes


@value
class Reach:
    """Which decisions a recall or a search reaches: those that stood on one of these records, or on such a source.

    ``records`` are ids of records of ``issuer``: what others have stated under them is not meant. With ``records``,
    and with ``receipted_until``, the fields on sources are not looked at. ``done_from`` and
    ``done_until`` bound when the partner did it, ``decided_from`` when it was decided, ``receipted_from`` and
    ``receipted_until`` when this side first signed for the record; POSIX seconds, the ends excluded. Empty texts leave
    nothing out; where there is neither a record nor a source, nothing is reached.
    """

    records: frozenset[str] = frozenset()
    issuer: str = ""
    partner: str = ""
    office: str = ""
    device: str = ""
    kind: str = ""
    done_from: int = 0
    done_until: int = 2**62
    decided_from: int = 0
    receipted_from: int = 0
    receipted_until: int = 0


@value
class Reached:
    """How many decisions relied within a reach, and a page of them.

    ``not_released`` counts those whose goods are not known to be released.
    """

    decisions: int
    not_released: int
    without_feedback: int
    page: tuple[LedgerLine, ...]


@value
class Closing:
    """Feedback: ``goods`` None leaves them as they were."""

    decision_id: str
    report: bytes
    finding: Finding
    goods: Goods | None
    at: int
    by: str


@value
class DecisionTally:
    """How many decisions are alike in this."""

    partner: str
    outcome: str
    overridden: bool
    finding: Finding
    count: int


@value
class BasisTally:
    """How many decisions stood on the same of one partner. A source stands there once a check."""

    partner: str
    outcome: str
    finding: Finding
    sources: tuple[Source, ...]
    count: int


class Ledger(Protocol):
    """Keeps the ledger. Entries come with their decisions, in one transaction: ``gateway.ports.decisions``."""

    async def lines(self, decision_ids: Collection[str]) -> Sequence[LedgerLine]:
        """These entries, the newest first; decisions that have none are left out."""
        ...

    async def newest(
        self, *, before: str, limit: int, partner: str = "", record: str = "", open_only: bool = False
    ) -> Sequence[LedgerLine]:
        """Decisions that relied or were drawn for the sample, the newest first, older than ``before`` (empty: all).

        ``record`` is the id of a record of ``partner``, or with no partner of anybody's.
        """
        ...

    async def note_goods(self, decision_ids: Sequence[str], goods: Goods, *, at: int, by: str) -> Sequence[str]:
        """Note where goods are; gives the decisions that have no entry. All in one transaction."""
        ...

    async def close(self, closing: Closing) -> LedgerLine:
        """Keep feedback with its entry; the newest counts. Raises Absent when there is no such entry."""
        ...

    async def reached(self, reach: Reach, *, offset: int, limit: int) -> Reached:
        """Decisions that relied within a reach: those whose goods are not released first, then the newest first."""
        ...

    async def tallies(
        self, *, begin: int, end: int, partner: str = ""
    ) -> tuple[Sequence[DecisionTally], Sequence[BasisTally]]:
        """Count what was decided from ``begin`` to ``end``, POSIX seconds, the end excluded."""
        ...
