"""``operations.v1.ProposalsService``: what one officer has proposed and another one decides."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import Malformed
from gateway.exchange.four_eyes import FourEyes
from gateway.ports.proposals import Proposal
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.trust_service import DOCUMENT_TYPES
from mutualrecognition.operations.v1 import proposals_service_pb2 as pb
from mutualrecognition.operations.v1.proposals_service_pb2_grpc import ProposalsServiceServicer


class ProposalsService(ProposalsServiceServicer):
    """Lists proposals and settles them; who may, ``FourEyes`` decides by name."""

    def __init__(self, officers: FourEyes) -> None:
        self._officers = officers

    async def ListProposals(self, request: pb.ListProposalsRequest, context: Context) -> pb.ListProposalsResponse:  # noqa: ARG002, N802
        """List what waits."""
        return pb.ListProposalsResponse(proposals=map(_proposal, await self._officers.pending()))

    async def ApproveProposal(self, request: pb.ApproveProposalRequest, context: Context) -> pb.ApproveProposalResponse:  # noqa: ARG002, N802
        """Carry one out."""
        added = await self._officers.approve(request.number, digest=request.digest, by=CALLER.get().name)
        return pb.ApproveProposalResponse(id=added.identity, version=added.version)

    async def WithdrawProposal(  # noqa: N802
        self,
        request: pb.WithdrawProposalRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.WithdrawProposalResponse:
        """End one."""
        if not request.reason.strip():
            raise Malformed("A withdrawal needs a reason; it is kept in the audit log.")
        await self._officers.withdraw(request.number, reason=request.reason, by=CALLER.get().name)
        return pb.WithdrawProposalResponse()


def _proposal(proposal: Proposal) -> pb.Proposal:
    return pb.Proposal(
        number=proposal.number,
        type=DOCUMENT_TYPES[proposal.type],
        id=proposal.identity,
        version=proposal.version,
        digest=proposal.digest,
        note=proposal.note,
        proposed_by=proposal.proposed_by,
        proposed_at=Timestamp(seconds=proposal.proposed_at),
        expires_at=Timestamp(seconds=proposal.expires_at),
    )
