"""``federation.v1.FederationService``: the door for partners."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from gateway import errors
from gateway.exchange.effects import Close
from gateway.exchange.hello import agreements_in
from gateway.exchange.newer_documents import newer_than
from gateway.exchange.offers import Offers, Outcome
from gateway.exchange.session_trust import DocumentRef
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.world import Clock
from gateway.rpc.guard import CALLER, CORRELATION, Context
from gateway.rpc.histories import HistoryGiver
from gateway.rpc.identity import PeerIdentity
from gateway.rpc.switchboard import Switchboard
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceServicer

_OUTCOMES: Final = {
    Outcome.TAKEN: pb.OFFER_OUTCOME_TAKEN,
    Outcome.HELD: pb.OFFER_OUTCOME_HELD,
    Outcome.WAITING: pb.OFFER_OUTCOME_WAITING,
}
_log = structlog.get_logger(__name__)
_WITHOUT_STATUS: Final = frozenset({"RENEW", "SUPERSEDED", "SHUTDOWN"})
"""Ends that are no faults: the stream ends well, Goodbye has said why."""


class FederationService(FederationServiceServicer):
    """Hands accepted streams to the switchboard, documents to and from the trust keeper; gives lost histories back."""

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        identity: PeerIdentity,
        keeper: TrustKeeper,
        offers: Offers,
        histories: HistoryGiver,
        clock: Clock,
    ) -> None:
        self._switchboard = switchboard
        self._identity = identity
        self._keeper = keeper
        self._offers = offers
        self._histories = histories
        self._clock = clock

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
            await asyncio.wait([session])
        if not close.by_peer and close.reason not in _WITHOUT_STATUS:
            CORRELATION.set(correlation_id)
            raise _error_of(close)

    async def GetDocuments(self, request: pb.GetDocumentsRequest, context: Context) -> pb.GetDocumentsResponse:  # noqa: ARG002, N802
        """Give what the partner lacks of this side's documents."""
        held = request.descriptor_held
        async with self._forks_suspend():
            notes = newer_than(
                self._keeper.book,
                CALLER.get().name,
                held=DocumentRef(held.version, held.digest),
                agreements=agreements_in(request.agreements),
                at=self._clock.now(),
            )
        if notes:
            _log.info("documents given", partner=CALLER.get().name, number=len(notes), correlation_id=CORRELATION.get())
        return pb.GetDocumentsResponse(notes=notes)

    async def OfferDocument(self, request: pb.OfferDocumentRequest, context: Context) -> pb.OfferDocumentResponse:  # noqa: ARG002, N802
        """Take the partner's next descriptor, or let another note wait for an officer."""
        async with self._forks_suspend():
            outcome = await self._offers.receive(request.note, partner=CALLER.get().name)
        return pb.OfferDocumentResponse(outcome=_OUTCOMES[outcome])

    @asynccontextmanager
    async def _forks_suspend(self) -> AsyncIterator[None]:
        """Two descriptors of one version suspend the link, whichever way they come to light."""
        try:
            yield
        except errors.DescriptorFork as fork:
            CORRELATION.set(CORRELATION.get() or uuid.uuid4().hex)
            await self._switchboard.breach(CALLER.get().name, fork, CORRELATION.get())
            raise

    async def GetEntries(self, request: pb.GetEntriesRequest, context: Context) -> pb.GetEntriesResponse:  # noqa: ARG002, N802
        """Give a partner what it lost."""
        return await self._histories.give(CALLER.get().name, request)

    async def _session(
        self, incoming: AsyncIterator[LinkFrame], context: Context, outgoing: asyncio.Queue[LinkFrame | None]
    ) -> tuple[Close, str]:
        still_trusted = self._identity.watch(context)
        try:
            return await self._switchboard.accept(
                CALLER.get().name, incoming, outgoing.put, still_trusted, CORRELATION.get()
            )
        except asyncio.CancelledError:
            while not outgoing.empty():  # nobody takes it any more, and the end must find room
                outgoing.get_nowait()
            raise
        finally:
            await outgoing.put(None)


def _error_of(close: Close) -> errors.GatewayError:
    """Give the error whose status an acceptor adds to its Goodbye."""
    for kind in _every(errors.GatewayError):
        if kind.reason == close.reason:
            return kind(close.detail.removesuffix(kind.act).rstrip())  # which the error says again
    return errors.Ours(close.detail)


def _every(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_every(child))]
