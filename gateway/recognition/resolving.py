"""PENDING resolves by itself: when what was awaited arrives, or to its default when its time is over."""

from __future__ import annotations

from gateway.ports.decisions import Decisions, StoredDecision
from gateway.ports.facts import FactReader
from gateway.ports.records import RecordQuery, Records
from gateway.recognition.desk import RecognitionDesk, keys_awaited
from gateway.views.keys import keys_of_bytes
from mutualrecognition.national.v1 import decision_pb2 as pb

PAGE = 500


class Resolver:
    """Knows what waits, and looks at it when a record comes under its keys, when a list is heard, and at its time."""

    def __init__(self, *, desk: RecognitionDesk, decisions: Decisions, records: Records, reader: FactReader) -> None:
        self._reader = reader
        self._heard: dict[str, int] = {}
        self._desk = desk
        self._decisions = decisions
        self._records = records
        self._waiting: dict[str, StoredDecision] = {}
        self._keys: dict[str, frozenset[str]] = {}
        self._lists: dict[str, frozenset[str]] = {}
        self._read_up_to = 0
        self._changes_up_to = -1

    async def look(self, now: int) -> None:
        """Take up what waits anew, then look at all that is due. Called about every second."""
        await self._take_up()
        if not self._waiting:
            return
        due = await self._touched()
        heard = await self._newly_heard()
        for decision_id, stored in list(self._waiting.items()):
            over = stored.pending_until is not None and stored.pending_until <= now
            if over or decision_id in due or not heard.isdisjoint(self._lists[decision_id]):
                await self._desk.decide_again(stored, time_is_over=over)

    async def _take_up(self) -> None:
        """Read what waits, when something has changed since."""
        newest = await self._decisions.newest_event()
        if newest == self._changes_up_to:
            return
        self._changes_up_to = newest
        pending = {each.decision_id: each for each in await self._decisions.pending()}
        fresh = [each for key, each in pending.items() if key not in self._waiting]
        self._keys = {key: self._keys.get(key) or keys_awaited(each) for key, each in pending.items()}
        if fresh:
            oldest = min(each.from_sequence for each in fresh)
            self._read_up_to = min(self._read_up_to, oldest) if self._waiting else oldest
        self._lists = {key: self._lists.get(key) or _lists_awaited(each) for key, each in pending.items()}
        self._waiting = pending

    async def _newly_heard(self) -> set[str]:
        """Give the partners of whom more is complete than at the last look, of those whose lists are awaited."""
        awaited = frozenset().union(*self._lists.values())
        if not awaited:
            return set()
        read = await self._reader.read((), lambda _: (), hear=lambda _: awaited, limit=0)
        heard = dict(read.complete_as_of)
        newly = {partner for partner, at in heard.items() if self._heard.get(partner) != at}
        self._heard = heard
        return newly

    async def _touched(self) -> set[str]:
        """Give the decisions under whose keys records have come."""
        touched: set[str] = set()
        while True:
            page, reached = await self._records.after(self._read_up_to, limit=PAGE, query=RecordQuery())
            for stored in page:
                keys = frozenset(keys_of_bytes(stored.record))
                touched |= {name for name, awaited in self._keys.items() if not awaited.isdisjoint(keys)}
            if reached == self._read_up_to:
                return touched
            self._read_up_to = reached


def _lists_awaited(stored: StoredDecision) -> frozenset[str]:
    answer = pb.Decision.FromString(stored.answer)
    return frozenset(each.partner for each in answer.pending.on if each.kind == pb.AWAITED_KIND_LIST)
