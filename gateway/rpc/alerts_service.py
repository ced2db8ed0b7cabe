"""``national.v1.AlertsService``: no-loads, holds and incidents, from issue to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gateway.errors import Absent, Malformed
from gateway.rpc.alert_clerk import AlertClerk
from gateway.rpc.alert_messages import alert_message
from gateway.rpc.cursors import due_days, page_limit, sequence_of
from gateway.rpc.fitting import page_of, told_in_parts
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.life_watch import LifeWatch, Watched
from gateway.views.alert_desk import ALL_ALERTS, BEARING, AlertDesk
from gateway.views.alerts import AlertLife
from mutualrecognition.national.v1 import alerts_service_pb2 as pb
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceServicer


class AlertsService(AlertsServiceServicer):
    """Asks the desk and the clerk; keeps nothing of its own."""

    def __init__(self, *, administration: str, desk: AlertDesk, clerk: AlertClerk, watch: LifeWatch) -> None:
        self._own = administration
        self._desk = desk
        self._clerk = clerk
        self._watch = watch
        self._watched = Watched(frozenset(BEARING), desk.bearing_on, desk.escalated)

    async def IssueAlert(self, request: pb.IssueAlertRequest, context: Context) -> pb.IssueAlertResponse:  # noqa: ARG002, N802
        """Issue one, or lift one."""
        return pb.IssueAlertResponse(alerts=map(alert_message, await self._clerk.issue(CALLER.get(), request)))

    async def AnswerAlert(self, request: pb.AnswerAlertRequest, context: Context) -> pb.AnswerAlertResponse:  # noqa: ARG002, N802
        """Take one up."""
        return pb.AnswerAlertResponse(alert=alert_message(await self._clerk.answer(CALLER.get(), request)))

    async def CloseAlert(self, request: pb.CloseAlertRequest, context: Context) -> pb.CloseAlertResponse:  # noqa: ARG002, N802
        """Close one."""
        return pb.CloseAlertResponse(alerts=map(alert_message, await self._clerk.close(CALLER.get(), request)))

    async def GetAlert(self, request: pb.GetAlertRequest, context: Context) -> pb.GetAlertResponse:  # noqa: ARG002, N802
        """Tell how those of one name stand."""
        lives = await self._desk.lives(request.alert_id)
        if not lives:
            raise Absent(f"There is no alert {request.alert_id!r} here.")
        return pb.GetAlertResponse(alerts=map(alert_message, lives))

    async def ListAlerts(self, request: pb.ListAlertsRequest, context: Context) -> pb.ListAlertsResponse:  # noqa: ARG002, N802
        """Give one page."""
        fits, after = self._fits(request.filter), sequence_of(request.page_token, "page_token")
        page = await self._desk.listed(
            due_days(request) or ALL_ALERTS, after=after, limit=page_limit(request.page_size)
        )
        placed = zip(page.places, page.lives, strict=True)
        shown, cut = page_of(((place, alert_message(life)) for place, life in placed if fits(life)), after=after)
        reached = cut or page.reached
        return pb.ListAlertsResponse(alerts=shown, next_page_token=str(reached) if reached else "")

    async def WatchAlerts(  # noqa: N802
        self,
        request: pb.WatchAlertsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchAlertsResponse]:
        """Give alerts as something happens to them; only the last part of a message moves the cursor."""
        fits = self._fits(request.filter)
        cursor = await self._watch.begin(request.cursor, from_now=request.from_now)
        if request.from_now:
            yield pb.WatchAlertsResponse(cursor=str(cursor))
        async for found, reached in self._watch.watch(cursor, self._watched):
            for part, at in told_in_parts(map(alert_message, filter(fits, found)), before=cursor, reached=reached):
                yield pb.WatchAlertsResponse(alerts=part, cursor=at)
            cursor = reached

    def _fits(self, given: pb.AlertFilter) -> Callable[[AlertLife], bool]:
        partners = frozenset(given.partners)
        if given.side not in pb.AlertSide.values():
            raise Malformed(f"There is no side {given.side}.")

        def fits(life: AlertLife) -> bool:
            to_answer = life.key.receiver == self._own
            other = life.key.issuer if to_answer else life.key.receiver
            side = pb.ALERT_SIDE_TO_ANSWER if to_answer else pb.ALERT_SIDE_ISSUED
            return (
                given.side in (pb.ALERT_SIDE_UNSPECIFIED, side)
                and (life.is_open or not given.open_only)
                and (other in partners or not partners)
            )

        return fits
