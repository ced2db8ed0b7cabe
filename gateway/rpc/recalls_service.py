"""``national.v1.RecallsService``: what must no longer be relied on, and what was done about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import islice

from gateway.errors import Absent, Malformed
from gateway.reliance.recall_desk import BEARING, Origin, RecallDesk, RecallView
from gateway.rpc.cursors import due_days, page_limit, sequence_of
from gateway.rpc.fitting import page_of, told_in_parts
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.life_watch import LifeWatch, Watched
from gateway.rpc.recall_clerk import Declared, RecallClerk
from gateway.rpc.reliance_messages import RECORDS_SHOWN, recall_message, reliance_message
from mutualrecognition.national.v1 import recalls_service_pb2 as pb
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceServicer


class RecallsService(RecallsServiceServicer):
    """Asks the desk and the clerk; keeps nothing of its own."""

    def __init__(self, *, desk: RecallDesk, clerk: RecallClerk, watch: LifeWatch) -> None:
        self._desk = desk
        self._clerk = clerk
        self._watch = watch
        self._watched = Watched(BEARING, desk.bearing_on, desk.escalated)

    async def DeclareRecall(self, request: pb.DeclareRecallRequest, context: Context) -> pb.DeclareRecallResponse:  # noqa: ARG002, N802
        """Recall own records, or tell what that would reach."""
        if request.dry_run:
            return pb.DeclareRecallResponse(recall=_would_be(request, await self._clerk.would_reach(request)))
        view, declared = await self._clerk.declare(CALLER.get(), request)
        message = recall_message(view)
        message.parties.extend(_unreachable(declared))
        return pb.DeclareRecallResponse(recall=message)

    async def GetRecall(self, request: pb.GetRecallRequest, context: Context) -> pb.GetRecallResponse:  # noqa: ARG002, N802
        """Show one, with a page of its decisions."""
        view = await self._one(request.recall_id, request.issuer)
        offset, limit = sequence_of(request.page_token, "page_token"), page_limit(request.page_size)
        page = (await self._desk.decisions(view, offset=offset, limit=limit)).page
        return pb.GetRecallResponse(
            recall=recall_message(view),
            decisions=map(reliance_message, page),
            next_page_token=str(offset + limit) if len(page) == limit else "",
        )

    async def ListRecalls(self, request: pb.ListRecallsRequest, context: Context) -> pb.ListRecallsResponse:  # noqa: ARG002, N802
        """Give one page."""
        wanted = frozenset(request.states)
        if not wanted <= frozenset(pb.RecallState.values()):
            raise Malformed("There is no such state of a recall (states).")
        after, limit = sequence_of(request.page_token, "page_token"), page_limit(request.page_size)
        if days := due_days(request):
            page = await self._desk.due(days, after=after, limit=limit)
        else:
            page = await self._desk.listed(after=after, limit=limit)
        placed = ((each.sequence, recall_message(each)) for each in page.recalls)
        shown, cut = page_of((each for each in placed if not wanted or each[1].state in wanted), after=after)
        reached = cut or page.reached
        return pb.ListRecallsResponse(recalls=shown, next_page_token=str(reached) if reached else "")

    async def AnswerRecall(self, request: pb.AnswerRecallRequest, context: Context) -> pb.AnswerRecallResponse:  # noqa: ARG002, N802
        """Tell the partner what was done."""
        view, record_id = await self._clerk.answer(CALLER.get(), request)
        return pb.AnswerRecallResponse(recall=recall_message(view), record_id=record_id)

    async def WatchRecalls(  # noqa: N802
        self,
        request: pb.WatchRecallsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchRecallsResponse]:
        """Give recalls as something happens to them; only the last part of a message moves the cursor."""
        cursor = await self._watch.begin(request.cursor, from_now=request.from_now)
        if request.from_now:
            yield pb.WatchRecallsResponse(cursor=str(cursor))
        async for found, reached in self._watch.watch(cursor, self._watched):
            for part, at in told_in_parts(map(recall_message, found), before=cursor, reached=reached):
                yield pb.WatchRecallsResponse(recalls=part, cursor=at)
            cursor = reached

    async def _one(self, recall_id: str, issuer: str) -> RecallView:
        """Give the recall that is meant: without an issuer our own, or the only one."""
        views = [each for each in await self._desk.views(recall_id) if issuer in ("", each.issuer)]
        views.sort(key=lambda each: each.origin is not Origin.DECLARED)
        if not views:
            raise Absent(f"There is no recall {recall_id!r} here.")
        named = sorted({each.issuer for each in views})
        if len(named) > 1 and views[0].origin is not Origin.DECLARED:
            raise Malformed(f"Several have used this name, {', '.join(named)}: say whose recall it is (issuer).")
        return views[0]


def _would_be(call: pb.DeclareRecallRequest, declared: Declared) -> pb.Recall:
    names = {name: None for each in declared.by_partner.values() for name in each}
    told = [pb.RecallParty(partner=each) for each in sorted(declared.by_partner.keys() - declared.unreachable)]
    return pb.Recall(
        recall_id=call.recall_id,
        origin=pb.RECALL_ORIGIN_DECLARED,
        cause=call.cause,
        text=call.text,
        record_ids=islice(names, RECORDS_SHOWN),
        records=len(names),
        parties=[*told, *_unreachable(declared)],
    )


def _unreachable(declared: Declared) -> list[pb.RecallParty]:
    return [pb.RecallParty(partner=each, unreachable=True) for each in sorted(declared.unreachable)]
