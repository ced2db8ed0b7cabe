"""``national.v1.RecognitionService``: may we rely on their control?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from gateway.errors import Absent, GatewayError, Malformed
from gateway.ports.decisions import Decisions, StoredDecision
from gateway.recognition.desk import Asked, RecognitionDesk, show_to_asker, shown
from gateway.rpc.counter import Counter
from gateway.rpc.cursors import page_limit, place_of, sequence_of
from gateway.rpc.fitting import as_many_as_fit
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.recognition_messages import event_message, in_messages, query_of, refusal_of
from gateway.rpc.turns import OFFICERS, Turns
from mutualrecognition.national.v1 import recognition_service_pb2 as pb
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceServicer

MANY: Final = 1000
SLICE: Final = 50
"""Questions decided at a stretch: one read, and about 15 ms, after which others have their turn."""
WATCH_EVENTS: Final = 200
_LAST: Final = 2**63 - 1


class RecognitionService(RecognitionServiceServicer):
    """The officer's door."""

    def __init__(self, *, desk: RecognitionDesk, decisions: Decisions, turns: Turns) -> None:
        self._desk = desk
        self._turns = turns
        self._counter = Counter(desk)
        self._decisions = decisions

    async def Decide(self, request: pb.DecideRequest, context: Context) -> pb.DecideResponse:  # noqa: ARG002, N802
        """Answer one question. A link that takes in much leaves it room."""
        self._turns.moved(OFFICERS)
        asked = Asked(CALLER.get().name, request.request_id, request.question)
        answer = await self._counter.decide(asked)
        response = pb.DecideResponse()
        show_to_asker(response.decision, answer, request.question)
        return response

    async def DecideMany(  # noqa: N802
        self,
        request_iterator: AsyncIterator[pb.DecideManyRequest],
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.DecideManyResponse]:
        """Answer message after message."""
        client = CALLER.get().name
        async for request in request_iterator:
            self._turns.moved(OFFICERS)
            if len(request.requests) > MANY:
                raise Malformed(f"A message has at most {MANY} questions; this one has {len(request.requests)}.")
            for start in range(0, len(request.requests), SLICE):
                some = request.requests[start : start + SLICE]
                asked = [Asked(client, each.request_id, each.question) for each in some]
                answers = await self._desk.decide(asked)
                results = (_result(one, answer) for one, answer in zip(asked, answers, strict=True))
                for message in in_messages(results):
                    yield message
                await asyncio.sleep(0)

    async def GetDecision(self, request: pb.GetDecisionRequest, context: Context) -> pb.GetDecisionResponse:  # noqa: ARG002, N802
        """Give one."""
        stored = await self._decisions.get(request.decision_id)
        if stored is None:
            raise Absent(f"There is no decision {request.decision_id}.")
        earlier = await self._decisions.earlier(request.decision_id)
        return pb.GetDecisionResponse(decision=shown(stored), earlier=map(shown, earlier))

    async def ListDecisions(self, request: pb.ListDecisionsRequest, context: Context) -> pb.ListDecisionsResponse:  # noqa: ARG002, N802
        """Give a page."""
        before, limit = sequence_of(request.page_token, "page token"), page_limit(request.page_size)
        found = await self._decisions.listed(query_of(request.filter), before=before, limit=limit)
        page = as_many_as_fit(shown(each) for each in found)
        more = len(page) == limit or len(page) < len(found)
        token = str(found[len(page) - 1].number) if page and more else ""
        return pb.ListDecisionsResponse(decisions=page, next_page_token=token)

    async def WatchDecisions(  # noqa: N802
        self,
        request: pb.WatchDecisionsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchDecisionsResponse]:
        """Tell every change, from a cursor on."""
        if request.from_now and request.cursor:
            raise Malformed("from_now goes with an empty cursor only.")
        position = place_of(request.cursor, await self._decisions.newest_event())
        if request.from_now:
            position = await self._decisions.newest_event()
            yield pb.WatchDecisionsResponse(cursor=str(position))
        while True:
            events = await self._decisions.events(position, limit=WATCH_EVENTS)
            if not events:
                await self._decisions.wait_beyond(position)
                continue
            page = as_many_as_fit(map(event_message, events))
            position = events[len(page) - 1].number
            wanted = [each for each in page if not request.outcomes or each.decision.outcome in request.outcomes]
            yield pb.WatchDecisionsResponse(events=wanted, cursor=str(position))

    async def OverrideDecision(  # noqa: N802
        self,
        request: pb.OverrideDecisionRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.OverrideDecisionResponse:
        """Record what an officer did instead."""
        stored = await self._desk.override(
            request.decision_id,
            outcome=request.outcome,
            reason=request.reason,
            officer_ref=request.officer_ref,
            client=CALLER.get().name,
        )
        return pb.OverrideDecisionResponse(decision=shown(stored))

    async def ReplayDecision(self, request: pb.ReplayDecisionRequest, context: Context) -> pb.ReplayDecisionResponse:  # noqa: ARG002, N802
        """Make one again."""
        replayed = await self._desk.replay(request.decision_id)
        if replayed.again is None:
            verdict = pb.REPLAY_VERDICT_EVIDENCE_ERASED
        else:
            verdict = pb.REPLAY_VERDICT_SAME if replayed.same else pb.REPLAY_VERDICT_DIFFERENT
        return pb.ReplayDecisionResponse(
            verdict=verdict, recorded=shown(replayed.recorded), replayed=replayed.again, erased=replayed.erased
        )

    async def CountDecisions(self, request: pb.CountDecisionsRequest, context: Context) -> pb.CountDecisionsResponse:  # noqa: ARG002, N802
        """Count."""
        since = getattr(request, "from").seconds if request.HasField("from") else 0
        until = request.until.seconds if request.HasField("until") else _LAST
        counted = await self._decisions.counts(since=since, until=until)
        return pb.CountDecisionsResponse(
            counts=[
                pb.OutcomeCount(outcome=outcome, decisions=decisions, overridden=overridden)  # type: ignore[arg-type]
                for outcome, decisions, overridden in counted
            ]
        )


def _result(asked: Asked, answer: StoredDecision | GatewayError) -> pb.DecideResult:
    if isinstance(answer, GatewayError):
        return pb.DecideResult(request_id=asked.request_id, refusal=refusal_of(answer))
    result = pb.DecideResult(request_id=asked.request_id)
    show_to_asker(result.decision, answer)
    return result
