"""The door of a simulated node for its partners: what guard and identity do in the product, without TLS."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import grpc

from gateway.errors import GatewayError, LinkSuspended, UnknownPeer
from gateway.exchange.offers import Offers
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.histories import Histories
from gateway.ports.world import Clock
from gateway.rpc.access import Role
from gateway.rpc.clients import Caller
from gateway.rpc.federation_service import FederationService
from gateway.rpc.guard import CALLER
from gateway.rpc.histories import HistoryGiver
from gateway.rpc.switchboard import Switchboard
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.simulation.calls import refused
from tests.simulation.network import Side

_REQUESTS = {"GetDocuments": pb.GetDocumentsRequest, "OfferDocument": pb.OfferDocumentRequest}


class Door:
    """Knows its callers by the line that they come on; what is asked of a partner is asked as ever."""

    def __init__(
        self, *, keeper: TrustKeeper, switchboard: Switchboard, offers: Offers, histories: Histories, clock: Clock
    ) -> None:
        self._keeper = keeper
        self._switchboard = switchboard
        self._service = FederationService(
            switchboard=switchboard,
            identity=self,
            keeper=keeper,
            offers=offers,
            histories=HistoryGiver(histories),
            clock=clock,  # type: ignore[arg-type]
        )

    async def serve(self, side: Side) -> None:
        """Take one stream: the guard, the service, and the status at the end."""
        try:
            self._admit(side.peer)
            async with aclosing(self._service.Link(side, side)) as frames:  # type: ignore[arg-type, type-var]
                async for frame in frames:
                    await side.write(frame)
            side.finish()
        except GatewayError as error:
            side.finish(refused(error))
        except grpc.RpcError:
            side.leave()

    async def answer(self, caller: str, method: str, request: bytes) -> bytes:
        """Take one call."""
        self._admit(caller)
        handler: Any = getattr(self._service, method)
        response = await handler(_REQUESTS[method].FromString(request), None)
        return response.SerializeToString()

    def watch(self, side: Side) -> Callable[[], GatewayError | None]:
        """Stand for ``PeerIdentity``: look again whether the partner is still one, and not suspended."""

        def still_trusted() -> GatewayError | None:
            try:
                self._check(side.peer)
            except GatewayError as refusal:
                return refusal
            return None

        return still_trusted

    def _admit(self, partner: str) -> None:
        self._check(partner)
        CALLER.set(Caller(partner, frozenset({Role.PARTNER})))

    def _check(self, partner: str) -> None:
        if partner not in self._keeper.book.partners:
            raise UnknownPeer("No partner has this trust domain.")
        if reason := self._switchboard.suspended(partner):
            raise LinkSuspended(f"The link with {partner} is suspended here: {reason}.")
