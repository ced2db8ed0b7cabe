"""``operations.v1.TrustService``: partners and agreements of a running node."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import CallerNotPermitted, Malformed
from gateway.exchange.four_eyes import FourEyes
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import DocumentType, StoredDocument
from gateway.rpc.access import Role
from gateway.rpc.guard import CALLER, Context
from mutualrecognition.operations.v1 import links_service_pb2 as pb
from mutualrecognition.operations.v1.links_service_pb2_grpc import TrustServiceServicer

DOCUMENT_TYPES: Final = {
    DocumentType.DESCRIPTOR: pb.DOCUMENT_TYPE_DESCRIPTOR,
    DocumentType.AGREEMENT: pb.DOCUMENT_TYPE_AGREEMENT,
}


class TrustService(TrustServiceServicer):
    """Lets the operator add what people have compared and signed."""

    def __init__(self, keeper: TrustKeeper, officers: FourEyes) -> None:
        self._keeper = keeper
        self._officers = officers

    async def AddPartner(self, request: pb.AddPartnerRequest, context: Context) -> pb.AddPartnerResponse:  # noqa: ARG002, N802
        """Add a first descriptor, or propose it."""
        added = await self._officers.add_partner(
            request.descriptor, digest=request.digest, by=officer_who_calls(self._officers)
        )
        return pb.AddPartnerResponse(administration=added.identity, proposal=added.proposal)

    async def AddAgreement(self, request: pb.AddAgreementRequest, context: Context) -> pb.AddAgreementResponse:  # noqa: ARG002, N802
        """Add an agreement, or propose it."""
        added = await self._officers.add_agreement(request.agreement, by=officer_who_calls(self._officers))
        return pb.AddAgreementResponse(id=added.identity, version=added.version, proposal=added.proposal)

    async def SuspendAgreement(  # noqa: N802
        self,
        request: pb.SuspendAgreementRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.SuspendAgreementResponse:
        """Suspend an agreement: one officer is enough, since it lets less out."""
        _require_reason(request.reason)
        begins = await self._keeper.pause_agreement(
            request.id, reason=request.reason, at_once=request.at_once, by=CALLER.get().name
        )
        return pb.SuspendAgreementResponse(begins=Timestamp(seconds=begins))

    async def ResumeAgreement(self, request: pb.ResumeAgreementRequest, context: Context) -> pb.ResumeAgreementResponse:  # noqa: ARG002, N802
        """Let an agreement count again."""
        _require_reason(request.reason)
        await self._keeper.lift_pause(request.id, reason=request.reason, by=officer_who_calls(self._officers))
        return pb.ResumeAgreementResponse()

    async def ListDocuments(self, request: pb.ListDocumentsRequest, context: Context) -> pb.ListDocumentsResponse:  # noqa: ARG002, N802
        """List what is held."""
        held = [_document(stored) for stored in await self._keeper.stored()]
        wanted = (pb.DOCUMENT_TYPE_UNSPECIFIED, request.type)
        unfiltered = request.type == pb.DOCUMENT_TYPE_UNSPECIFIED
        return pb.ListDocumentsResponse(documents=[d for d in held if unfiltered or d.type in wanted])


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Malformed("It needs a reason, which is kept in the audit log.")


def officer_who_calls(officers: FourEyes) -> str:
    """Name the caller; where four eyes are asked for, it must be an officer.

    Raises:
        CallerNotPermitted: it is none.
    """
    caller = CALLER.get()
    if officers.required and Role.OFFICER not in caller.roles:
        raise CallerNotPermitted(f"{caller.name} is no officer, and a change of trust here takes two of them.")
    return caller.name


def _document(stored: StoredDocument) -> pb.Document:
    return pb.Document(
        type=DOCUMENT_TYPES[stored.type],
        id=stored.identity,
        version=stored.version,
        digest=stored.digest,
        note=stored.note,
        added_at=Timestamp(seconds=stored.added_at),
    )
