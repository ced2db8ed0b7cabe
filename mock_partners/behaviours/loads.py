"""A partner that sends too much: calls without end, or more in one piece than may be."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, ClassVar, Final

import grpc

from gateway.errors import GatewayError
from gateway.node_files import NodeFiles
from gateway.rpc.dialer import Dialer
from gateway.rpc.identity import PeerCheck
from gateway.rpc.status import reason_in
from mock_partners.behaviours.behaviour import Behaviour, Member
from mock_partners.behaviours.sessions import InSessions, Session
from mock_partners.behaviours.spec import Value, count
from mutualrecognition.federation.v1.link_pb2 import GetDocumentsRequest, LinkFrame
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

if TYPE_CHECKING:  # the stub's asynchronous half exists for the type checker alone
    from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceAsyncStub

_SECONDS: Final = 10


class Flood(Behaviour):
    """Calls and calls."""

    name = "flood"
    does = "It calls its partners again and again, many times a second, for documents that it holds already."
    honest = (
        "They give each partner its share of calls and refuse the rest with OVERLOADED; the link goes on, and "
        "other partners notice nothing."
    )
    values: ClassVar = {"rate": Value(count, "500", "calls to each partner in a second")}
    again_after = 1.0

    async def act(self, member: Member) -> None:  # noqa: ARG002  it goes by the partners' doors
        """Call each partner so often."""
        own = self.own
        identity = NodeFiles(own.config, own.home).newest_gateway_identity()
        peers = PeerCheck(book=lambda: own.book, clock=own.clock)
        dialer = Dialer(book=lambda: own.book, peers=peers, identity=lambda _: identity)
        await asyncio.gather(*(self._call(dialer, partner) for partner in own.book.partners))

    async def _call(self, dialer: Dialer, partner: str) -> None:
        opening = dialer.line(partner)
        if opening is None:
            return
        try:
            async with opening as line:
                stub: FederationServiceAsyncStub = FederationServiceStub(line.channel)
                await asyncio.gather(*(self._once(stub, partner) for _ in range(self.given["rate"])))
        except GatewayError as error:
            self.own.trace.answer(self.own.administration, partner, error.reason, self.name)

    async def _once(self, stub: FederationServiceAsyncStub, partner: str) -> None:
        try:
            await stub.GetDocuments(GetDocumentsRequest(), timeout=_SECONDS)
            came = "OK"
        except grpc.aio.AioRpcError as error:
            came = reason_in(error)[0] or error.code().name
        self.own.trace.answer(self.own.administration, partner, came, self.name)


class Oversize(InSessions):
    """Puts too much into one piece."""

    name = "oversize"
    does = "It puts a record into its batches that is larger than any record may be, or a frame larger than any frame."
    honest = (
        "They refuse it before they read it: LIMIT_EXCEEDED, and the third time in an hour suspends the link; "
        "what is larger than a frame may be, the transport cuts."
    )
    values: ClassVar = {"bytes": Value(count, "300000", "the size of the record")}

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Blow up the first record of each batch."""
        if frame.HasField("batch") and frame.batch.entries:
            large = LinkFrame()
            large.CopyFrom(frame)
            large.batch.entries[0].record = os.urandom(self.given["bytes"])
            frame = self.marked(large)
        yield frame
