"""``national.v1.RequestsService``: what is asked, answered, and due."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gateway.errors import Absent, Malformed
from gateway.rpc.clients import Caller
from gateway.rpc.cursors import due_days, page_limit, sequence_of
from gateway.rpc.fitting import page_of, told_in_parts
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.life_watch import LifeWatch, Watched
from gateway.rpc.request_clerk import RequestClerk
from gateway.rpc.request_messages import request_message
from gateway.views.request_desk import ALL_REQUESTS, BEARING, RequestDesk
from gateway.views.requests import RequestLife
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceServicer


class RequestsService(RequestsServiceServicer):
    """Asks the desk and the clerk; keeps nothing of its own."""

    def __init__(self, *, administration: str, desk: RequestDesk, clerk: RequestClerk, watch: LifeWatch) -> None:
        self._own = administration
        self._desk = desk
        self._clerk = clerk
        self._watch = watch
        self._watched = Watched(frozenset(BEARING), desk.bearing_on, desk.expired)

    async def CreateRequest(self, request: pb.CreateRequestRequest, context: Context) -> pb.CreateRequestResponse:  # noqa: ARG002, N802
        """File one."""
        caller = CALLER.get()
        return pb.CreateRequestResponse(request=_shown(await self._clerk.create(caller, request), caller))

    async def AnswerRequest(self, request: pb.AnswerRequestRequest, context: Context) -> pb.AnswerRequestResponse:  # noqa: ARG002, N802
        """Answer one."""
        caller = CALLER.get()
        return pb.AnswerRequestResponse(request=_shown(await self._clerk.answer(caller, request), caller))

    async def CancelRequest(self, request: pb.CancelRequestRequest, context: Context) -> pb.CancelRequestResponse:  # noqa: ARG002, N802
        """Call one off."""
        caller = CALLER.get()
        return pb.CancelRequestResponse(request=_shown(await self._clerk.cancel(caller, request), caller))

    async def GetRequest(self, request: pb.GetRequestRequest, context: Context) -> pb.GetRequestResponse:  # noqa: ARG002, N802
        """Tell how those of one name stand."""
        caller = CALLER.get()
        lives = [each for each in await self._desk.lives(request.request_id) if _may_see(caller, each)]
        if not lives:
            raise Absent(f"There is no request {request.request_id!r} here.")
        return pb.GetRequestResponse(requests=(_shown(each, caller) for each in lives))

    async def ListRequests(self, request: pb.ListRequestsRequest, context: Context) -> pb.ListRequestsResponse:  # noqa: ARG002, N802
        """Give one page."""
        caller, fits = CALLER.get(), self._fits(request.filter)
        after = sequence_of(request.page_token, "page_token")
        page = await self._desk.listed(
            due_days(request) or ALL_REQUESTS, after=after, limit=page_limit(request.page_size)
        )
        placed = zip(page.places, page.lives, strict=True)
        seen = ((place, _shown(life, caller)) for place, life in placed if _may_see(caller, life) and fits(life))
        shown, cut = page_of(seen, after=after)
        reached = cut or page.reached
        return pb.ListRequestsResponse(requests=shown, next_page_token=str(reached) if reached else "")

    async def WatchRequests(  # noqa: N802
        self,
        request: pb.WatchRequestsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchRequestsResponse]:
        """Give requests as something happens to them; only the last part of a message moves the cursor."""
        caller, fits = CALLER.get(), self._fits(request.filter)
        cursor = await self._watch.begin(request.cursor, from_now=request.from_now)
        if request.from_now:
            yield pb.WatchRequestsResponse(cursor=str(cursor))
        async for found, reached in self._watch.watch(cursor, self._watched):
            shown = (_shown(each, caller) for each in found if _may_see(caller, each) and fits(each))
            for part, at in told_in_parts(shown, before=cursor, reached=reached):
                yield pb.WatchRequestsResponse(requests=part, cursor=at)
            cursor = reached

    def _fits(self, given: pb.RequestFilter) -> Callable[[RequestLife], bool]:
        partners = frozenset(given.partners)
        if given.side not in pb.RequestSide.values():
            raise Malformed(f"There is no side {given.side}.")

        def fits(life: RequestLife) -> bool:
            to_answer = life.key.asked == self._own
            other = life.key.asker if to_answer else life.key.asked
            side = pb.REQUEST_SIDE_TO_ANSWER if to_answer else pb.REQUEST_SIDE_ASKED
            return (
                given.side in (pb.REQUEST_SIDE_UNSPECIFIED, side)
                and (life.is_open or not given.open_only)
                and (other in partners or not partners)
            )

        return fits


def _may_see(caller: Caller, life: RequestLife) -> bool:
    """A posted officer sees what its administration filed here; everybody else sees all."""
    return not caller.administration or (life.posted and life.key.asker == caller.administration)


def _shown(life: RequestLife, caller: Caller) -> pb.Request:
    return request_message(life, to_posted=bool(caller.administration))
