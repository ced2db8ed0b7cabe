"""``national.v1.ConsignmentsService``: what is known of goods."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gateway.ports.records import Records
from gateway.rpc.consignment_messages import asked_for, consignments
from gateway.rpc.cursors import place_of
from gateway.rpc.guard import Context
from gateway.views.tracing import ConsignmentTracer, keys_followed
from mutualrecognition.national.v1 import consignments_service_pb2 as pb
from mutualrecognition.national.v1.consignments_service_pb2_grpc import ConsignmentsServiceServicer


class ConsignmentsService(ConsignmentsServiceServicer):
    """Traces consignments; keeps nothing of its own."""

    def __init__(self, *, tracer: ConsignmentTracer, records: Records) -> None:
        self._tracer = tracer
        self._records = records

    async def GetConsignment(self, request: pb.GetConsignmentRequest, context: Context) -> pb.GetConsignmentResponse:  # noqa: ARG002, N802
        """Tell what is known."""
        shown, truncated = consignments(await self._tracer.trace(asked_for(request.keys)))
        return pb.GetConsignmentResponse(consignments=shown, truncated=truncated)

    async def WatchConsignment(  # noqa: N802
        self,
        request: pb.WatchConsignmentRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchConsignmentResponse]:
        """Tell it again whenever a record comes under one of the keys that are followed.

        A record that comes while a message is made is in it or makes the next one; never neither.
        """
        asked = asked_for(request.keys)
        position = place_of(request.cursor, await self._records.newest())
        is_due = not request.cursor
        while True:
            if is_due:
                position = await self._records.newest()
            traced = await self._tracer.trace(asked)
            if is_due:
                shown, truncated = consignments(traced)
                yield pb.WatchConsignmentResponse(consignments=shown, cursor=str(position), truncated=truncated)
            position = await self._next_bearing_on(keys_followed(asked, traced), position)
            is_due = True

    async def _next_bearing_on(self, keys: frozenset[str], position: int) -> int:
        """Wait for a record under one of the keys and give its sequence."""
        while True:
            reached = max(position, await self._records.newest())
            if found := await self._tracer.next_under(keys, position):
                return found
            position = reached
            await self._records.wait_beyond(position)
