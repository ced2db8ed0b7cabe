"""The herald: tells partners what agreements say that they are told, without anybody asking.

That a decision relied on their records (``reliance_notice``), and that a statement of this administration no longer
holds on which they said that they relied (``recall``). It is called every second, goes on from where it was when the
node stopped, and what it does twice is done once: each record has a request id that follows from what it is about.
It tells many things in one transaction, and leaves the node to others in between: nobody waits for it. While officers
ask one question after the other, notices wait for up to a minute; recalls do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

import structlog

from gateway.exchange.purposes import purpose_towards
from gateway.exchange.submission import Submissions
from gateway.ports.decisions import Change, Decisions, StoredDecision
from gateway.ports.duties import Duties
from gateway.ports.links import Direction
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.reliance.notices import notices_of
from gateway.reliance.recall_desk import RecallDesk
from gateway.reliance.telling import recall_for, who_relied
from gateway.rpc.turns import Turns
from gateway.trust.book import TrustBook
from gateway.values import value
from gateway.views.keys import CAUSES
from gateway.views.steps import Saying, read
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.records.v1.record_pb2 import Record

HERALD: Final = "@herald"
"""The client in whose name it submits; no national client can have it, since no certificate has such a name."""
ANSWER_SECONDS: Final = 24 * 3600
_PAGE: Final = 100
_TOGETHER: Final = 50
"""Decisions told of in one transaction, and at a stretch."""
PATIENCE_SECONDS: Final = 60
"""So long partners are not told of a decision while officers ask for more: what is done with a notice has hours."""
_RECALLING: Final = "recall what no longer holds"
_NOTIFYING: Final = "tell partners of reliance"

_log = structlog.get_logger(__name__)


@value
class _Telling:
    """What one partner is told, and what it is about."""

    record: Record
    kind: str
    partner: str
    about: str

    @property
    def said(self) -> bytes:
        """The same whenever it is told again, unlike the record."""
        return f"{self.kind}\n{self.partner}\n{self.about}".encode()

    @property
    def submission(self) -> national.Submission:
        """As it is submitted."""
        request_id = sha256(self.said).hexdigest()[:48]
        return national.Submission(request_id=request_id, record=self.record, recipients=[self.partner])


class Herald:
    """One for a node."""

    def __init__(
        self,
        *,
        submissions: Submissions,
        desk: RecallDesk,
        index: ViewIndex,
        decisions: Decisions,
        duties: Duties,
        book: Callable[[], TrustBook],
        clock: Clock,
        turns: Turns,
    ) -> None:
        self._submissions = submissions
        self._desk = desk
        self._index = index
        self._decisions = decisions
        self._duties = duties
        self._book = book
        self._clock = clock
        self._turns = turns
        self._turn = turns.of(HERALD)

    async def notify(self, now: int) -> None:
        """Tell partners of the decisions that relied on them since the last look, or leave it to a later one."""
        position = int(await self._duties.position(_NOTIFYING) or 0)
        while page := await self._decisions.events(position, limit=_TOGETHER):
            if self._turns.officers_wait() and page[0].at > now - PATIENCE_SECONDS:
                return
            self._turn.begin()
            relied = (each.decision for each in page if each.change is not Change.OVERRIDDEN)
            await self._tell([notice for decision in relied for notice in self._notices(decision)])
            position = page[-1].number
            await self._duties.keep(_NOTIFYING, str(position))
            await self._turn.pause()

    async def recall(self, now: int) -> None:
        """Tell who relied on what was taken back since the last look."""
        position = int(await self._duties.position(_RECALLING) or 0)
        while page := await self._index.records_under([CAUSES], after=position, limit=_PAGE):
            for stored in page:
                if stored.direction is Direction.ISSUED:
                    await self._recall(read(stored), now)
            position = page[-1].sequence
            await self._duties.keep(_RECALLING, str(position))

    def _notices(self, stored: StoredDecision) -> Iterator[_Telling]:
        for partner, record in notices_of(stored).items():
            yield _Telling(record, "reliance_notice", partner, f"{stored.decision_id} {stored.revision}")

    async def _recall(self, saying: Saying, now: int) -> None:
        cause = await self._desk.cause(saying)
        if cause is None:
            return
        own, due = self._book().own, now + ANSWER_SECONDS
        await self._tell(
            [
                _Telling(recall_for(cause, relied, own=own, due=due), "recall", relied.partner, saying.record_id)
                for relied in await who_relied(self._index, cause)
            ]
        )

    async def _tell(self, tellings: Sequence[_Telling]) -> None:
        """Submit records, each to one partner; a refusal is logged, since nobody waits for an answer."""
        book, now, told = self._book(), self._clock.now(), []
        for each in tellings:
            purpose = purpose_towards(book, each.partner, each.kind, now)
            if purpose is not None:  # else the agreement does not say so: nobody is told
                each.record.header.purpose = purpose
                told.append(each)
        if not told:
            return
        results = await self._submissions.submit_calls(HERALD, [(each.submission, each.said) for each in told])
        for each, result in zip(told, results, strict=True):
            if result.HasField("refusal"):
                about = {"kind": each.kind, "partner": each.partner, "about": each.about}
                _log.error("a partner could not be told", **about, reason=result.refusal.reason)
