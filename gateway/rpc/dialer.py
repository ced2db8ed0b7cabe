"""Dials partners: one address after the other, each time a channel of its own.

The server's certificate is looked at and checked before; gRPC then trusts that leaf alone (``server_certificate``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import grpc

from gateway.errors import GatewayError
from gateway.rpc.call_names import naming, new_name
from gateway.rpc.identity import PeerCheck
from gateway.rpc.link_ends import Write
from gateway.rpc.reading import DialledFrames
from gateway.rpc.server_certificate import look
from gateway.rpc.servers import TlsIdentity, dial
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

FAREWELL_SECONDS: Final = 2
"""How long the last frames may take to arrive, and the other side to end."""

StillTrusted = Callable[[], GatewayError | None]
Reach = Callable[[str, str], str | None]
"""Gives the address to dial, for a partner and an address in its descriptor; None when it is not dialled from here."""


def as_named(partner: str, address: str) -> str | None:  # noqa: ARG001  as every way to reach a partner
    """Dial what the descriptor names."""
    return address


@dataclass(frozen=True, slots=True)
class Stream:
    """An open call of ``Link``; ``still_trusted`` checks the server's certificate again, by the trust of then.

    ``name`` is that of its line.
    """

    incoming: AsyncIterator[LinkFrame]
    write: Write
    still_trusted: StillTrusted
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A channel to a partner whose certificate was checked; each call on it bears ``name`` (``call_names``)."""

    channel: grpc.aio.Channel
    still_trusted: StillTrusted
    name: str


class Dialer:
    """Opens streams to partners: ``peers`` checks their certificates, ``identity`` says what a partner is shown."""

    def __init__(
        self,
        *,
        book: Callable[[], TrustBook],
        peers: PeerCheck,
        identity: Callable[[str], TlsIdentity],
        reach: Reach = as_named,
    ) -> None:
        self._book = book
        self._peers = peers
        self._identity = identity
        self._reach = reach
        self._turns: dict[str, int] = {}

    def dial(self, partner: str) -> AbstractAsyncContextManager[Stream] | None:
        """Give a stream to the next of the partner's addresses; None when it has none and only dials itself."""
        line = self.line(partner)
        return None if line is None else self._stream(line)

    def line(self, partner: str) -> AbstractAsyncContextManager[Line] | None:
        """Give a channel for calls to the next of the partner's addresses; None when it has none.

        Entering it raises UnknownPeer or IdentityMismatch when the server is not the partner's gateway, and Passing
        when nobody answers.
        """
        descriptor = self._book().descriptor_of(partner)
        if not descriptor.endpoints:
            return None
        turn = self._turns[partner] = self._turns.get(partner, -1) + 1
        address = self._reach(partner, descriptor.endpoints[turn % len(descriptor.endpoints)])
        return None if address is None else self._line(descriptor, address)

    @asynccontextmanager
    async def _line(self, descriptor: Descriptor, address: str) -> AsyncIterator[Line]:
        partner, server_name = descriptor.administration, f"gateway.{descriptor.domain}"
        shown = await look(address, server_name)
        self._peers.check_server(partner, shown)

        def still_trusted() -> GatewayError | None:
            try:
                self._peers.check_server(partner, shown)
            except GatewayError as refusal:
                return refusal
            return None

        identity = self._identity(partner)
        channel = dial(address, identity=identity, anchors=[shown.leaf], server_name=server_name)
        async with channel:
            yield Line(channel, still_trusted, new_name())

    @asynccontextmanager
    async def _stream(self, opening: AbstractAsyncContextManager[Line]) -> AsyncIterator[Stream]:
        async with opening as line:
            call = FederationServiceStub(line.channel).Link(metadata=naming(line.name))
            frames = DialledFrames(call)
            try:
                yield Stream(frames, call.write, line.still_trusted, line.name)
                await frames.part(FAREWELL_SECONDS)  # not when it is cancelled: there is nothing left to say then
            finally:
                frames.drop()
