"""``federation.v1.FederationService``: the door for partners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from gateway import errors
from gateway.exchange.effects import Close
from gateway.rpc.guard import CALLER, CORRELATION, Context
from gateway.rpc.identity import PeerIdentity
from gateway.rpc.switchboard import Switchboard
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceServicer

_WITHOUT_STATUS: Final = frozenset({"RENEW", "SUPERSEDED", "SHUTDOWN"})
"""Ends that are no faults: the stream ends well, Goodbye has said why."""


class FederationService(FederationServiceServicer):
    """Hands every accepted stream to the switchboard."""

    def __init__(self, *, switchboard: Switchboard, identity: PeerIdentity) -> None:
        self._switchboard = switchboard
        self._identity = identity

    async def Link(  # noqa: N802
        self,
        request_iterator: AsyncIterator[LinkFrame],
        context: Context,
    ) -> AsyncIterator[LinkFrame]:
        """Run one session; the guard has checked the certificate."""
        outgoing: asyncio.Queue[LinkFrame | None] = asyncio.Queue(maxsize=1)
        session = asyncio.create_task(self._session(request_iterator, context, outgoing))
        try:
            while (frame := await outgoing.get()) is not None:
                yield frame
            close, correlation_id = await session
        finally:
            session.cancel()
        if not close.by_peer and close.reason not in _WITHOUT_STATUS:
            CORRELATION.set(correlation_id)
            raise _error_of(close)

    async def _session(
        self, incoming: AsyncIterator[LinkFrame], context: Context, outgoing: asyncio.Queue[LinkFrame | None]
    ) -> tuple[Close, str]:
        still_trusted = self._identity.watch(context)
        try:
            return await self._switchboard.accept(CALLER.get().name, incoming, outgoing.put, still_trusted)
        finally:
            await outgoing.put(None)


def _error_of(close: Close) -> errors.GatewayError:
    """Give the error whose status an acceptor adds to its Goodbye."""
    for kind in _every(errors.GatewayError):
        if kind.reason == close.reason:
            return kind(close.detail)
    return errors.Ours(close.detail)


def _every(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_every(child))]
