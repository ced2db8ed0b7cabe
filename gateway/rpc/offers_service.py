"""``operations.v1.OffersService``: documents that travel between officers on the link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import Absent
from gateway.exchange.four_eyes import FourEyes
from gateway.exchange.offers import Offer, Offers
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.trust_service import officer_who_calls
from gateway.trust.book import TrustBook
from mutualrecognition.operations.v1 import links_service_pb2 as links
from mutualrecognition.operations.v1 import offers_service_pb2 as pb
from mutualrecognition.operations.v1.offers_service_pb2_grpc import OffersServiceServicer

Send = Callable[[str, bytes], Awaitable[bool]]


class OffersService(OffersServiceServicer):
    """Shows and settles what waits; ``send`` puts a note before a partner, and says whether it is in force there."""

    def __init__(self, *, offers: Offers, officers: FourEyes, book: Callable[[], TrustBook], send: Send | None) -> None:
        self._offers = offers
        self._officers = officers
        self._book = book
        self._send = send

    async def ListOffers(self, request: pb.ListOffersRequest, context: Context) -> pb.ListOffersResponse:  # noqa: ARG002, N802
        """Show what waits."""
        return pb.ListOffersResponse(offers=[_offer(each) for each in await self._offers.waiting()])

    async def AcceptOffer(self, request: pb.AcceptOfferRequest, context: Context) -> pb.AcceptOfferResponse:  # noqa: ARG002, N802
        """Take one into force, or propose it."""
        added = await self._offers.accept(request.digest, self._officers, by=officer_who_calls(self._officers))
        return pb.AcceptOfferResponse(id=added.identity, version=added.version, proposal=added.proposal)

    async def RefuseOffer(self, request: pb.RefuseOfferRequest, context: Context) -> pb.RefuseOfferResponse:  # noqa: ARG002, N802
        """Let one go."""
        await self._offers.refuse(request.digest, reason=request.reason, by=CALLER.get().name)
        return pb.RefuseOfferResponse()

    async def SendOffer(self, request: pb.SendOfferRequest, context: Context) -> pb.SendOfferResponse:  # noqa: ARG002, N802
        """Put a note before a partner."""
        if request.partner not in self._book().partners:
            raise Absent(f"There is no partner {request.partner!r}.")
        if self._send is None:
            raise Absent("This node does not dial: the partner fetches, or the note is brought by hand.")
        return pb.SendOfferResponse(in_force=await self._send(request.partner, request.note))


def _offer(offer: Offer) -> pb.Offer:
    terms, waiting = offer.agreement.terms, offer.waiting
    document = links.Document(
        type=links.DOCUMENT_TYPE_AGREEMENT,
        id=terms.id,
        version=terms.version,
        digest=waiting.digest,
        note=waiting.note,
        added_at=Timestamp(seconds=waiting.received_at),
    )
    return pb.Offer(partner=waiting.source, document=document, signed_by=offer.signed_by)
