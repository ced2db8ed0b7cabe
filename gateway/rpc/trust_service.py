"""``operations.v1.TrustService``: partners and agreements of a running node."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import DocumentType, StoredDocument
from gateway.rpc.guard import CALLER, Context
from mutualrecognition.operations.v1 import links_service_pb2 as pb
from mutualrecognition.operations.v1.links_service_pb2_grpc import TrustServiceServicer

_TYPES: Final = {
    DocumentType.DESCRIPTOR: pb.DOCUMENT_TYPE_DESCRIPTOR,
    DocumentType.AGREEMENT: pb.DOCUMENT_TYPE_AGREEMENT,
}


class TrustService(TrustServiceServicer):
    """Lets the operator add what people have compared and signed."""

    def __init__(self, keeper: TrustKeeper) -> None:
        self._keeper = keeper

    async def AddPartner(self, request: pb.AddPartnerRequest, context: Context) -> pb.AddPartnerResponse:  # noqa: ARG002, N802
        """Add a first descriptor."""
        added = await self._keeper.add_descriptor(request.descriptor, digest=request.digest, by=CALLER.get().name)
        return pb.AddPartnerResponse(administration=added)

    async def AddAgreement(self, request: pb.AddAgreementRequest, context: Context) -> pb.AddAgreementResponse:  # noqa: ARG002, N802
        """Add an agreement."""
        agreement_id, version = await self._keeper.add_agreement(request.agreement, by=CALLER.get().name)
        return pb.AddAgreementResponse(id=agreement_id, version=version)

    async def ListDocuments(self, request: pb.ListDocumentsRequest, context: Context) -> pb.ListDocumentsResponse:  # noqa: ARG002, N802
        """List what is held."""
        held = [_document(stored) for stored in await self._keeper.stored()]
        wanted = (pb.DOCUMENT_TYPE_UNSPECIFIED, request.type)
        unfiltered = request.type == pb.DOCUMENT_TYPE_UNSPECIFIED
        return pb.ListDocumentsResponse(documents=[d for d in held if unfiltered or d.type in wanted])


def _document(stored: StoredDocument) -> pb.Document:
    return pb.Document(
        type=_TYPES[stored.type],
        id=stored.identity,
        version=stored.version,
        digest=stored.digest,
        note=stored.note,
        added_at=Timestamp(seconds=stored.added_at),
    )
