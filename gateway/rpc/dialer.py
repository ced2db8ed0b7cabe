"""Dials partners: one address after the other, each time a channel of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import grpc

from gateway.rpc.link_pump import Write
from gateway.rpc.reading import DialledFrames
from gateway.rpc.servers import TlsIdentity, dial
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

FAREWELL_SECONDS: Final = 2
"""How long the last frames may take to arrive, and the other side to end."""

Stream = tuple[AsyncIterator[LinkFrame], Write]


class Dialer:
    """Opens streams to partners under the present trust book, with the present certificate."""

    def __init__(self, *, book: Callable[[], TrustBook], identity: Callable[[], TlsIdentity]) -> None:
        self._book = book
        self._identity = identity
        self._turns: dict[str, int] = {}

    def dial(self, partner: str) -> AbstractAsyncContextManager[Stream] | None:
        """Give a stream to the next of the partner's addresses; None when it has none and only dials itself."""
        channel = self.channel(partner)
        return None if channel is None else self._stream(channel)

    def channel(self, partner: str) -> AbstractAsyncContextManager[grpc.aio.Channel] | None:
        """Give a channel for calls to the next of the partner's addresses; None when it has none."""
        descriptor = self._book().descriptor_of(partner)
        if not descriptor.endpoints:
            return None
        turn = self._turns[partner] = self._turns.get(partner, -1) + 1
        return self._channel(descriptor, descriptor.endpoints[turn % len(descriptor.endpoints)])

    @asynccontextmanager
    async def _channel(self, descriptor: Descriptor, address: str) -> AsyncIterator[grpc.aio.Channel]:
        channel = dial(
            address,
            identity=self._identity(),
            anchors=descriptor.anchors,
            server_name=f"gateway.{descriptor.domain}",
        )
        async with channel:
            yield channel

    @asynccontextmanager
    async def _stream(self, opening: AbstractAsyncContextManager[grpc.aio.Channel]) -> AsyncIterator[Stream]:
        async with opening as channel:
            call = FederationServiceStub(channel).Link()
            frames = DialledFrames(call)
            try:
                yield frames, call.write
                await frames.part(FAREWELL_SECONDS)  # not when it is cancelled: there is nothing left to say then
            finally:
                frames.drop()
