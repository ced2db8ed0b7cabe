"""``operations.v1.PartnersService``: how far each partner is trusted, and the end of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.errors import Absent, Malformed
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.switchboard import REVOKED, SUSPENDED, Switchboard
from gateway.trust.standing import state_of
from mutualrecognition.operations.v1 import partners_service_pb2 as pb
from mutualrecognition.operations.v1.partners_service_pb2_grpc import PartnersServiceServicer

_REASON_CHARACTERS: Final = 300


class PartnersService(PartnersServiceServicer):
    """Lists, suspends and revokes; ``held`` gives the version of our descriptor that a partner has shown."""

    def __init__(
        self,
        *,
        keeper: TrustKeeper,
        logs: LinkLogs,
        switchboard: Switchboard,
        held: Callable[[str], int],
        clock: Clock,
    ) -> None:
        self._keeper = keeper
        self._logs = logs
        self._switchboard = switchboard
        self._held = held
        self._clock = clock

    async def ListPartners(self, request: pb.ListPartnersRequest, context: Context) -> pb.ListPartnersResponse:  # noqa: ARG002, N802
        """Show every administration whose descriptor is held, revoked ones too."""
        reasons = {status.partner: status.suspended for status in await self._logs.statuses()}
        book = self._keeper.book
        return pb.ListPartnersResponse(partners=[self._partner(each, reasons.get(each, "")) for each in book.known])

    async def SuspendPartner(self, request: pb.SuspendPartnerRequest, context: Context) -> pb.SuspendPartnerResponse:  # noqa: ARG002, N802
        """Stop its link now."""
        self._require(request.administration, request.reason)
        await self._switchboard.suspend(
            request.administration, reason=SUSPENDED, detail=request.reason, actor=CALLER.get().name
        )
        return pb.SuspendPartnerResponse()

    async def RevokePartner(self, request: pb.RevokePartnerRequest, context: Context) -> pb.RevokePartnerResponse:  # noqa: ARG002, N802
        """Stop its link now, and make it a stranger."""
        self._require(request.administration, request.reason)
        await self._switchboard.suspend(
            request.administration, reason=REVOKED, detail=request.reason, actor=CALLER.get().name
        )
        self._keeper.revoke(request.administration)
        return pb.RevokePartnerResponse()

    def _require(self, administration: str, reason: str) -> None:
        if administration not in self._keeper.book.partners:
            raise Absent(f"There is no partner {administration!r}.")
        if not reason.strip() or len(reason) > _REASON_CHARACTERS:
            raise Malformed(f"It needs a reason of at most {_REASON_CHARACTERS} characters; the audit log keeps it.")

    def _partner(self, administration: str, suspended: str) -> pb.Partner:
        book, now = self._keeper.book, self._clock.now()
        agreements = [each.terms.id for each in book.agreements_with(administration, now)]
        state, reason = state_of(book, administration, suspended, now)
        return pb.Partner(
            administration=administration,
            state=pb.PartnerState.Value(f"PARTNER_STATE_{state.upper()}"),
            reason=reason,
            descriptor_version=book.versions[administration][-1].version,
            holds_version=self._held(administration),
            agreements=agreements,
        )
