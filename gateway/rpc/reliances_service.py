"""``national.v1.ReliancesService``: the ledger, feedback, and suspensions of reliance."""

from __future__ import annotations

from gateway.ports.ledger import Ledger
from gateway.ports.suspensions import Suspensions
from gateway.rpc.cursors import page_limit
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.reliance_clerk import RelianceClerk
from gateway.rpc.reliance_messages import reliance_message, suspension_message
from mutualrecognition.national.v1 import reliances_service_pb2 as pb
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceServicer


class ReliancesService(ReliancesServiceServicer):
    """Asks the ledger and the clerk; keeps nothing of its own."""

    def __init__(self, *, ledger: Ledger, suspensions: Suspensions, clerk: RelianceClerk) -> None:
        self._ledger = ledger
        self._suspensions = suspensions
        self._clerk = clerk

    async def GetReliance(self, request: pb.GetRelianceRequest, context: Context) -> pb.GetRelianceResponse:  # noqa: ARG002, N802
        """Show one entry."""
        return pb.GetRelianceResponse(reliance=reliance_message(await self._clerk.line(request.decision_id)))

    async def ListReliances(self, request: pb.ListReliancesRequest, context: Context) -> pb.ListReliancesResponse:  # noqa: ARG002, N802
        """Give one page; its token is the last decision shown."""
        limit = page_limit(request.page_size)
        found = await self._ledger.newest(
            before=request.page_token,
            limit=limit,
            partner=request.partner,
            record=request.record_id,
            open_only=request.open,
        )
        token = found[-1].decision_id if len(found) == limit else ""
        return pb.ListReliancesResponse(reliances=map(reliance_message, found), next_page_token=token)

    async def NoteGoods(self, request: pb.NoteGoodsRequest, context: Context) -> pb.NoteGoodsResponse:  # noqa: ARG002, N802
        """Note where goods are."""
        return pb.NoteGoodsResponse(unknown=await self._clerk.note_goods(CALLER.get(), request))

    async def GiveFeedback(self, request: pb.GiveFeedbackRequest, context: Context) -> pb.GiveFeedbackResponse:  # noqa: ARG002, N802
        """Close an entry."""
        line = await self._clerk.give_feedback(CALLER.get(), request)
        return pb.GiveFeedbackResponse(reliance=reliance_message(line))

    async def SuspendReliance(  # noqa: N802
        self,
        request: pb.SuspendRelianceRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.SuspendRelianceResponse:
        """Suspend reliance on a part of what a partner states."""
        suspension = await self._clerk.suspend(CALLER.get(), request)
        return pb.SuspendRelianceResponse(suspension=suspension_message(suspension))

    async def LiftSuspension(self, request: pb.LiftSuspensionRequest, context: Context) -> pb.LiftSuspensionResponse:  # noqa: ARG002, N802
        """End one."""
        return pb.LiftSuspensionResponse(suspension=suspension_message(await self._clerk.lift(CALLER.get(), request)))

    async def ListSuspensions(  # noqa: N802
        self,
        request: pb.ListSuspensionsRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> pb.ListSuspensionsResponse:
        """Show all."""
        return pb.ListSuspensionsResponse(suspensions=map(suspension_message, await self._suspensions.all()))
