"""The herald: tells partners what agreements say that they are told, without anybody asking.

That a decision relied on their records (``reliance_notice``), and that a statement of this administration no longer
holds on which they said that they relied (``recall``). It is called every second, goes on from where it was when the
node stopped, and what it does twice is done once: each record has a request id that follows from what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.exchange.purposes import purpose_towards
from gateway.exchange.submission import Submissions
from gateway.ports.decisions import Change, Decisions, StoredDecision
from gateway.ports.duties import Duties
from gateway.ports.links import Direction
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.recognition.desk import shown
from gateway.reliance.notices import notices_of
from gateway.reliance.recall_desk import RecallDesk
from gateway.reliance.telling import recall_for, who_relied
from gateway.trust.book import TrustBook
from gateway.views.keys import CAUSES
from gateway.views.steps import Saying, read
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.records.v1.record_pb2 import Record

HERALD: Final = "@herald"
"""The client in whose name it submits; no national client can have it, since no certificate has such a name."""
ANSWER_SECONDS: Final = 24 * 3600
_PAGE: Final = 100
_RECALLING: Final = "recall what no longer holds"
_NOTIFYING: Final = "tell partners of reliance"

_log = structlog.get_logger(__name__)


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
    ) -> None:
        self._submissions = submissions
        self._desk = desk
        self._index = index
        self._decisions = decisions
        self._duties = duties
        self._book = book
        self._clock = clock

    async def notify(self, now: int) -> None:  # noqa: ARG002  a duty is given the time
        """Tell partners of the decisions that relied on them since the last look."""
        position = int(await self._duties.position(_NOTIFYING) or 0)
        while page := await self._decisions.events(position, limit=_PAGE):
            for event in page:
                if event.change is not Change.OVERRIDDEN:
                    await self._notify(event.decision)
            position = page[-1].number
            await self._duties.keep(_NOTIFYING, str(position))

    async def recall(self, now: int) -> None:
        """Tell who relied on what was taken back since the last look."""
        position = int(await self._duties.position(_RECALLING) or 0)
        while page := await self._index.records_under([CAUSES], after=position, limit=_PAGE):
            for stored in page:
                if stored.direction is Direction.ISSUED:
                    await self._recall(read(stored), now)
            position = page[-1].sequence
            await self._duties.keep(_RECALLING, str(position))

    async def _notify(self, stored: StoredDecision) -> None:
        facts = DecisionFacts.FromString(stored.facts)
        for partner, record in notices_of(shown(stored), facts).items():
            about = f"{stored.decision_id} {stored.revision}"
            await self._tell(record, "reliance_notice", partner, about=about)

    async def _recall(self, saying: Saying, now: int) -> None:
        cause = await self._desk.cause(saying)
        if cause is None:
            return
        for relied in await who_relied(self._index, cause):
            record = recall_for(cause, relied, own=self._book().own, due=now + ANSWER_SECONDS)
            await self._tell(record, "recall", relied.partner, about=saying.record_id)

    async def _tell(self, record: Record, kind: str, partner: str, *, about: str) -> None:
        """Submit a record to one partner; a refusal is logged, since nobody waits for an answer."""
        purpose = purpose_towards(self._book(), partner, kind, self._clock.now())
        if purpose is None:
            return  # the agreement does not say so: nobody is told
        record.header.purpose = purpose
        said = f"{kind}\n{partner}\n{about}".encode()
        submission = national.Submission(request_id=sha256(said).hexdigest()[:48], record=record, recipients=[partner])
        try:
            await self._submissions.submit_call(HERALD, submission, said)
        except GatewayError as error:
            _log.error("a partner could not be told", kind=kind, partner=partner, about=about, reason=error.reason)
