"""The alerts in hand: found by their names and by when somebody must have taken them up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ports.records import Records, StoredRecord
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.views.alerts import ALERT_KINDS, ESCALATED, AlertKey, AlertLife, alert_keys, alert_lives
from gateway.views.deadlines import keys_between
from gateway.views.gathering import gather
from gateway.views.keys import view_keys
from gateway.views.steps import Saying, read

ALL_ALERTS: Final = frozenset({"kind:alert"})
BEARING: Final = ALERT_KINDS | {"withdrawal"}
"""Kinds of record that can change a life."""
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of lives, the sequence at which each stands, and the one to go on from; 0 at the end."""

    lives: tuple[AlertLife, ...]
    places: tuple[int, ...]
    reached: int


class AlertDesk:
    """Answers about alerts out of the view index; keeps nothing."""

    def __init__(self, *, administration: str, index: ViewIndex, records: Records, clock: Clock) -> None:
        self._own = administration
        self._index = index
        self._records = records
        self._clock = clock

    async def lives(self, alert_id: str) -> tuple[AlertLife, ...]:
        """Give every life of this name: one for each issuer and each receiver."""
        gathered = await gather(self._index, [f"alert:{alert_id}"])
        lives = alert_lives(gathered.records, self._own, self._clock.now())
        return tuple(life for life in lives if life.key.alert_id == alert_id)

    async def listed(self, keys: Collection[str], *, after: int, limit: int) -> Listed:
        """Give the lives of the alerts under some keys, from a sequence on; each stands at its first alert there."""
        page = await self._index.records_under(keys, after=after, limit=limit)
        found: list[tuple[AlertLife, int]] = []
        for stored in page:
            if stored.kind == "alert":
                found += [(life, stored.sequence) for life in await self._standing_at(stored, frozenset(keys))]
        lives, places = tuple([life for life, _ in found]), tuple([place for _, place in found])
        return Listed(lives, places, page[-1].sequence if len(page) == limit else 0)

    async def bearing_on(self, records: Iterable[StoredRecord]) -> tuple[AlertLife, ...]:
        """Give the lives that these records may have changed, each once."""
        names: dict[str, None] = {}
        for stored in records:
            for name in await self._names(stored):
                names[name] = None
        return tuple([life for name in names for life in await self.lives(name)])

    async def escalated(self, after: int, until: int) -> tuple[AlertLife, ...]:
        """Give the lives that the clock escalated at a deadline beyond ``after``, up to ``until``."""
        keys = keys_between(after, until)
        names: dict[str, None] = {}
        reached = 0
        while keys and (page := await self._index.records_under(keys, after=reached, limit=_PAGE)):
            reached = page[-1].sequence
            names |= {read(each).record.alert.alert_id: None for each in page if each.kind == "alert"}
        lives = [life for name in names for life in await self.lives(name)]
        return tuple(life for life in lives if _escalated_between(life, after, until))

    async def _standing_at(self, stored: StoredRecord, keys: frozenset[str]) -> Sequence[AlertLife]:
        alert_id = read(stored).record.alert.alert_id
        first: dict[AlertKey, int] = {}
        for each in (await gather(self._index, [f"alert:{alert_id}"])).records:
            saying = read(each)
            if each.kind == "alert" and not keys.isdisjoint(view_keys(saying.record)):
                for key in alert_keys(saying, self._own):
                    first.setdefault(key, each.sequence)
        here = {key for key, sequence in first.items() if sequence == stored.sequence}
        return [life for life in await self.lives(alert_id) if life.key in here]

    async def _names(self, stored: StoredRecord) -> Collection[str]:
        saying = read(stored)
        if stored.kind == "withdrawal":
            back = await self._records.get(stored.whose, saying.record.header.supersedes)
            return _named_in(read(back)) if back is not None and back.kind in ALERT_KINDS else ()
        return _named_in(saying) if stored.kind in ALERT_KINDS else ()


def _named_in(saying: Saying) -> Collection[str]:
    """Give the alerts that an alert or an answer is about: a lift is about two."""
    if saying.stored.kind == "alert_answer":
        return [saying.record.alert_answer.alert_id]
    alert = saying.record.alert
    return list(filter(None, [alert.alert_id, alert.lifts]))


def _escalated_between(life: AlertLife, after: int, until: int) -> bool:
    return any(step.state == ESCALATED and after < step.at <= until for step in life.steps)
