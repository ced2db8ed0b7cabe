"""Recalls in hand: those that administrations declare, and those that this node finds in its records.

Nothing is kept ready (decision 6): recalls and what may be a cause are found by their keys, and the ledger tells which
decisions they reach.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.ports.ledger import Ledger, Reach, Reached
from gateway.ports.links import Standing
from gateway.ports.records import Records, StoredRecord
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.reliance.causes import Cause, bears_on_reliance, cause_of
from gateway.reliance.compromises import Compromise, compromises
from gateway.reliance.recalls import RECALL_KINDS, RecallLife, RecallState, recall_lives
from gateway.trust.book import TrustBook
from gateway.views.deadlines import keys_between
from gateway.views.gathering import gather
from gateway.views.keys import CAUSES, GROUNDS
from gateway.views.steps import Saying, read
from mutualrecognition.records.v1.recall_pb2 import RECALL_CAUSE_KEY_COMPROMISED, RecallCause

ALL_RECALLS: Final = frozenset({"kind:recall", CAUSES})
BEARING: Final = RECALL_KINDS | GROUNDS
"""Kinds of record that can make a recall, or change one."""
LONGEST_SUCCESSION: Final = 64
"""Statements that one takes the place of, one after the other; more are a mistake or an attack."""
_PAGE: Final = 500


class Origin(StrEnum):
    """How this node came to a recall."""

    DECLARED = "DECLARED"
    RECEIVED = "RECEIVED"
    FOUND = "FOUND"


@dataclass(frozen=True, slots=True)
class RecallView:
    """A recall as it stands. ``lives`` are one for each partner of a declared one; none of one that was found.

    ``issuer`` is who takes its own word back. ``ack_required_by`` is None for one that was found, ``reach`` which
    decisions of this side it is about.
    """

    recall_id: str
    issuer: str
    origin: Origin
    state: RecallState
    cause: RecallCause.ValueType
    text: str
    at: int
    ack_required_by: int | None
    record_ids: tuple[str, ...]
    lives: tuple[RecallLife, ...]
    record_id: str
    reach: Reach
    decisions: int
    not_released: int
    sequence: int

    @property
    def key(self) -> tuple[Origin, str, str]:
        """Which one it is: another administration may have used its name too."""
        return self.origin, self.issuer, self.recall_id


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of recalls, and the sequence to go on from; 0 at the end."""

    recalls: tuple[RecallView, ...]
    reached: int


class RecallDesk:
    """Answers about recalls; keeps nothing of its own."""

    def __init__(
        self,
        *,
        index: ViewIndex,
        records: Records,
        ledger: Ledger,
        book: Callable[[], TrustBook],
        clock: Clock,
    ) -> None:
        self._own = book().own
        self._book = book
        self._index = index
        self._records = records
        self._ledger = ledger
        self._clock = clock

    async def views(self, recall_id: str) -> tuple[RecallView, ...]:
        """Give the recalls of this name: it is one, unless a partner chose a name that stands here too.

        None hides another: not even one that somebody named after the record by which another was found.
        """
        gathered = await gather(self._index, [f"recall:{recall_id}"])
        lives = recall_lives(gathered.records, self._own, self._clock.now())
        found = [await self._said(of_one) for of_one in _by_issuer(lives) if of_one[0].key.recall_id == recall_id]
        found += [view for view in await self._compromises() if view.recall_id == recall_id]
        said = [each for each in await self._records.of_id(recall_id) if each.standing is Standing.ACCEPTED]
        found += [view for each in said if (view := await self._found(read(each))) is not None]
        return tuple(found)

    async def decisions(self, view: RecallView, *, offset: int, limit: int) -> Reached:
        """Give a page of the decisions that a recall reaches."""
        return await self._ledger.reached(view.reach, offset=offset, limit=limit)

    async def listed(self, *, after: int, limit: int) -> Listed:
        """Give recalls from a sequence on; each stands at the first record that says it, those of keys at the start."""
        page = await self._index.records_under(ALL_RECALLS, after=after, limit=limit)
        of_keys = () if after else await self._compromises()
        return Listed((*of_keys, *await self._standing_at(page)), page[-1].sequence if len(page) == limit else 0)

    async def due(self, keys: frozenset[str], *, after: int, limit: int) -> Listed:
        """As ``listed``, of recalls that are to be answered at a time under one of these keys of deadlines."""
        page = await self._index.records_under(keys, after=after, limit=limit)
        recalls = [stored for stored in page if stored.kind == "recall"]
        return Listed(tuple(await self._standing_at(recalls)), page[-1].sequence if len(page) == limit else 0)

    async def _standing_at(self, records: Sequence[StoredRecord]) -> list[RecallView]:
        """Give the recalls of which one of these is the first record."""
        return [view async for stored, views in self._of(records) for view in views if view.sequence == stored.sequence]

    async def bearing_on(self, records: Iterable[StoredRecord]) -> tuple[RecallView, ...]:
        """Give the recalls that these records make or change, each once."""
        found = {view.key: view async for _, views in self._of(records) for view in views}
        return tuple(found.values())

    async def escalated(self, after: int, until: int) -> tuple[RecallView, ...]:
        """Give the recalls whose time ran out beyond ``after``, up to ``until``, and that nobody has answered."""
        keys = keys_between(after, until)
        names: dict[str, None] = {}
        reached = 0
        while keys and (page := await self._index.records_under(keys, after=reached, limit=_PAGE)):
            reached = page[-1].sequence
            names |= {read(each).record.recall.recall_id: None for each in page if each.kind == "recall"}
        views = [view for name in names for view in await self.views(name)]
        return tuple(
            view
            for view in views
            if view.state is RecallState.ESCALATED and after < (view.ack_required_by or 0) <= until
        )

    async def cause(self, saying: Saying) -> Cause | None:
        """Tell whether a record is a cause, and of what; the ledger is not asked."""
        if not bears_on_reliance(saying):
            return None
        if saying.stored.kind == "aeo_status":
            gathered = await gather(self._index, [f"tin:{saying.record.aeo_status.tin}"])
            standings = [read(each) for each in gathered.records if each.kind == "aeo_status"]
            return cause_of(saying, [each for each in standings if each.issuer == saying.issuer])
        return cause_of(saying, await self._earlier(saying.stored.whose, saying.record.header.supersedes))

    async def _of(self, records: Iterable[StoredRecord]) -> AsyncIterator[tuple[StoredRecord, Sequence[RecallView]]]:
        """Give the recalls that each record makes or changes; one that comes in many parts is looked at once."""
        named: dict[str, Sequence[RecallView]] = {}
        for stored in records:
            saying = read(stored)
            if stored.kind in RECALL_KINDS:
                name: str = getattr(saying.record, stored.kind).recall_id
                if name not in named:
                    named[name] = await self.views(name)
                yield stored, named[name]
            elif (view := await self._found(saying)) is not None:
                yield stored, [view]

    async def _found(self, saying: Saying) -> RecallView | None:
        """Give the recall that a record of a partner is for this side; None when no decision stood on anything."""
        cause = await self.cause(saying) if saying.received else None
        if cause is None or (cause.reach.decided_from and cause.reach.decided_from >= saying.stored.stored_at):
            return None
        reached = await self._ledger.reached(cause.reach, offset=0, limit=0)
        if not reached.decisions:
            return None
        return RecallView(
            recall_id=saying.record_id,
            issuer=saying.stored.whose,
            origin=Origin.FOUND,
            state=RecallState.OPEN if reached.without_feedback else RecallState.SETTLED,
            cause=cause.cause,
            text=saying.record.withdrawal.text,
            at=saying.stored.stored_at,
            ack_required_by=None,
            record_ids=tuple(sorted(cause.reach.records)),
            lives=(),
            record_id=saying.record_id,
            reach=cause.reach,
            decisions=reached.decisions,
            not_released=reached.not_released,
            sequence=saying.stored.sequence,
        )

    async def _compromises(self) -> Sequence[RecallView]:
        """Give the recalls that compromised keys of partners are for this side, where decisions stood on their word."""
        found = [
            (each, await self._ledger.reached(each.reach, offset=0, limit=0)) for each in compromises(self._book())
        ]
        return [_of_key(each, reached) for each, reached in found if reached.decisions]

    async def _said(self, lives: Sequence[RecallLife]) -> RecallView:
        """Give a recall that somebody declared; only a partner's reaches decisions of this side."""
        first, issuer = lives[0], lives[0].key.issuer
        declared = issuer == self._own
        named = {name: None for life in lives for name in life.record_ids}
        reach = Reach() if declared else Reach(records=await self._with_earlier(named, issuer), issuer=issuer)
        reached = Reached(0, 0, 0, ()) if declared else await self._ledger.reached(reach, offset=0, limit=0)
        return RecallView(
            recall_id=first.key.recall_id,
            issuer=issuer,
            origin=Origin.DECLARED if declared else Origin.RECEIVED,
            state=max((life.state for life in lives), key=_URGENCY.index),
            cause=first.cause,
            text=first.text,
            at=first.at if declared else first.known_at,
            ack_required_by=max(life.ack_required_by for life in lives),
            record_ids=tuple(named),
            lives=tuple(lives),
            record_id=first.parts[0].record_id,
            reach=reach,
            decisions=reached.decisions,
            not_released=reached.not_released,
            sequence=min(part.stored.sequence for life in lives for part in life.parts),
        )

    async def _with_earlier(self, record_ids: Iterable[str], partner: str) -> frozenset[str]:
        """Give a partner's records and what they took the place of: a decision may have stood on an earlier form.

        A partner takes its own words back: what others have stated under these ids is left out.
        """
        found: set[str] = set()
        names = set(record_ids)
        for _ in range(LONGEST_SUCCESSION):
            earlier: set[str] = set()
            for some in _pages(sorted(names)):
                stored = await self._records.several(partner, some)
                found |= {each.record_id for each in stored}
                earlier |= {read(each).record.header.supersedes for each in stored}
            names = earlier - found - {""}
            if not names:
                break
        return frozenset(found)

    async def _earlier(self, whose: str, record_id: str) -> Sequence[Saying]:
        """Give a record and what it took the place of, the newest first."""
        found: dict[str, Saying] = {}
        while record_id and record_id not in found and len(found) < LONGEST_SUCCESSION:
            stored = await self._records.get(whose, record_id)
            if stored is None:
                break
            found[record_id] = read(stored)
            record_id = found[record_id].record.header.supersedes
        return tuple(found.values())


_URGENCY: Final = (RecallState.SETTLED, RecallState.ACKNOWLEDGED, RecallState.OPEN, RecallState.ESCALATED)
"""Of several partners, the one with whom most is left to do says where a recall stands."""


def _of_key(compromise: Compromise, reached: Reached) -> RecallView:
    return RecallView(
        recall_id=compromise.recall_id,
        issuer=compromise.partner,
        origin=Origin.FOUND,
        state=RecallState.OPEN if reached.without_feedback else RecallState.SETTLED,
        cause=RECALL_CAUSE_KEY_COMPROMISED,
        text=f"Version {compromise.version} of the descriptor of {compromise.partner} ends a log key in the past.",
        at=compromise.said_at,
        ack_required_by=None,
        record_ids=(),
        lives=(),
        record_id="",
        reach=compromise.reach,
        decisions=reached.decisions,
        not_released=reached.not_released,
        sequence=0,
    )


def _pages(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _PAGE] for start in range(0, len(names), _PAGE))


def _by_issuer(lives: Iterable[RecallLife]) -> Iterable[Sequence[RecallLife]]:
    grouped: dict[tuple[str, str], list[RecallLife]] = {}
    for life in lives:
        grouped.setdefault((life.key.issuer, life.key.recall_id), []).append(life)
    return grouped.values()
