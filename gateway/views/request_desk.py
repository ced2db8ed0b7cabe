"""The requests in hand: found by their names, by what happens to goods, by when they fall due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ports.links import Standing
from gateway.ports.records import Records, StoredRecord
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.views.deadlines import keys_between
from gateway.views.gathering import gather
from gateway.views.keys import view_keys
from gateway.views.overtaking import gone_since, goods_of
from gateway.views.requests import (
    ANSWER_KINDS,
    REQUEST_KINDS,
    Gone,
    LifeKey,
    RequestLife,
    keys_of,
    named_by,
    request_lives,
)
from gateway.views.steps import Ground, Saying, read
from gateway.views.tracing import ConsignmentTracer

ALL_REQUESTS: Final = frozenset(f"kind:{kind}" for kind in REQUEST_KINDS)
BEARING: Final = (
    REQUEST_KINDS | ANSWER_KINDS | {"inspection_outcome", "screening_result", "movement_event", "withdrawal"}
)
"""Kinds of record that can change a life."""
_GOODS: Final = ("container:", "document:", "ucr:", "mrn:")
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of lives, the sequence at which each stands, and the one to go on from; 0 at the end."""

    lives: tuple[RequestLife, ...]
    places: tuple[int, ...]
    reached: int


class RequestDesk:
    """Answers about requests out of the view index; keeps nothing."""

    def __init__(
        self,
        *,
        administration: str,
        index: ViewIndex,
        records: Records,
        tracer: ConsignmentTracer,
        clock: Clock,
    ) -> None:
        self._own = administration
        self._index = index
        self._records = records
        self._tracer = tracer
        self._clock = clock

    async def lives(self, request_id: str) -> tuple[RequestLife, ...]:
        """Give every life of this name: one for each asker and each administration asked."""
        gathered = await gather(self._index, [f"request:{request_id}"])
        records = [*gathered.records, *await self._outcomes(gathered.records)]
        now = self._clock.now()
        lives = request_lives(records, self._own, now, {})
        gone = {life.key: await self._gone(life) for life in lives if life.key.request_id == request_id}
        folded = request_lives(records, self._own, now, gone) if any(gone.values()) else lives
        return tuple(life for life in folded if life.key.request_id == request_id)

    async def listed(self, keys: Collection[str], *, after: int, limit: int) -> Listed:
        """Give the lives of the requests under some keys, from a sequence on.

        A life stands where the first of its requests under these keys does, so that pages stay the same.
        """
        page = await self._index.records_under(keys, after=after, limit=limit)
        found: list[tuple[RequestLife, int]] = []
        for stored in page:
            if stored.kind in REQUEST_KINDS:
                found += [(life, stored.sequence) for life in await self._standing_at(stored, frozenset(keys))]
        lives, places = tuple([life for life, _ in found]), tuple([place for _, place in found])
        return Listed(lives, places, page[-1].sequence if len(page) == limit else 0)

    async def bearing_on(self, records: Iterable[StoredRecord]) -> tuple[RequestLife, ...]:
        """Give the lives that these records may have changed, each once.

        Of what is no request and no answer, a bulk may bring very much that concerns nobody: one look into the index
        tells, under keys that requests and answers alone have.
        """
        named: dict[str, None] = {}
        keys: set[str] = set()
        for stored in records:
            saying = read(stored)
            if stored.kind in REQUEST_KINDS | ANSWER_KINDS:
                named[_request_id(saying)] = None
            else:
                keys |= _bearing_keys(saying)
                named_back = saying.record.header.supersedes if stored.kind == "withdrawal" else ""
                back = await self._accepted(stored.whose, named_back)
                if back is not None and back.kind in REQUEST_KINDS | ANSWER_KINDS:
                    named[_request_id(read(back))] = None
                elif back is not None and back.kind == "movement_event":
                    keys |= _bearing_keys(read(back))
        found = (await gather(self._index, keys)).records if keys else ()
        named |= {_request_id(read(each)): None for each in found if each.kind in REQUEST_KINDS | ANSWER_KINDS}
        return tuple([life for name in named for life in await self.lives(name)])

    async def expired(self, after: int, until: int) -> tuple[RequestLife, ...]:
        """Give the lives that the clock ended at a deadline beyond ``after``, up to ``until``."""
        keys = keys_between(after, until)
        names: dict[str, None] = {}
        reached = 0
        while keys and (page := await self._index.records_under(keys, after=reached, limit=_PAGE)):
            reached = page[-1].sequence
            names |= {_request_id(read(each)): None for each in page if each.kind in REQUEST_KINDS}
        lives = [life for name in names for life in await self.lives(name)]
        return tuple(life for life in lives if _ended_by_clock(life, after, until))

    async def _standing_at(self, stored: StoredRecord, keys: frozenset[str]) -> Sequence[RequestLife]:
        request_id = _request_id(read(stored))
        first: dict[LifeKey, int] = {}
        gathered = await gather(self._index, [f"request:{request_id}"])
        for each in gathered.records:
            saying = read(each)
            if each.kind in REQUEST_KINDS and not keys.isdisjoint(view_keys(saying.record)):
                for key in keys_of(saying, self._own):
                    first.setdefault(key, each.sequence)
        here = {key for key, sequence in first.items() if sequence == stored.sequence}
        return [life for life in await self.lives(request_id) if life.key in here]

    async def _outcomes(self, records: Iterable[StoredRecord]) -> list[StoredRecord]:
        """Find the outcomes that answers name, by their ids or by the control. Who answers names its own."""
        answers = [read(each) for each in records if each.kind in ANSWER_KINDS]
        names = sorted({(each.stored.whose, named_by(each)) for each in answers})
        found = [each for each in [await self._accepted(*name) for name in names] if each]
        controls = {
            f"control:{each.record.control_answer.control_id}"
            for each in answers
            if each.stored.kind == "control_answer" and each.record.control_answer.control_id
        }
        if controls:
            gathered = await gather(self._index, controls)
            found += [each for each in gathered.records if each.kind == "inspection_outcome"]
        return found

    async def _accepted(self, whose: str, record_id: str) -> StoredRecord | None:
        """Give one record that may be used; None where none is named."""
        found = await self._records.get(whose, record_id) if record_id else None
        return found if found is not None and found.standing is Standing.ACCEPTED else None

    async def _gone(self, life: RequestLife) -> tuple[Gone, ...]:
        asked = goods_of(life.request)
        return gone_since(life.request, (await self._tracer.trace(asked)).views) if asked else ()


def _bearing_keys(saying: Saying) -> frozenset[str]:
    """Give the keys under which the requests and answers are that a movement, an outcome or a withdrawal bears on."""
    keys = view_keys(saying.record)
    match saying.stored.kind:
        case "movement_event":
            return frozenset(f"asked:{key}" for key in keys if key.startswith(_GOODS))
        case "withdrawal":
            return frozenset([f"answered:record:{saying.record.header.supersedes}"])
        case _:
            controls = (f"answered:{key}" for key in keys if key.startswith("control:"))
            return frozenset([f"answered:record:{saying.record_id}", *controls])


def _request_id(saying: Saying) -> str:
    return str(getattr(saying.record, saying.stored.kind).request_id)


def _ended_by_clock(life: RequestLife, after: int, until: int) -> bool:
    return any(step.ground is Ground.CLOCK and after < step.at <= until for step in life.steps)
