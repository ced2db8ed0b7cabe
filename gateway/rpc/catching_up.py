"""Brings both ends of a link to the newest documents, from the end that dials.

Who is behind calls ``GetDocuments``. But an end that only dials cannot be called, and one whose partner no longer knows
its certificate's authority cannot be reached; so whoever dials also offers its own newer descriptors. What is offered
needs nobody's consent over there: it follows from what is held (docs/protocol.md, R-DSC-02).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import grpc
import structlog

from gateway.errors import Absent, DescriptorFork, DocumentInvalid, GatewayError, Passing
from gateway.exchange.session_trust import session_trust
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.world import Clock
from gateway.rpc.dialer import Dialer
from gateway.rpc.status import correlation_in, reason_in
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

if TYPE_CHECKING:
    from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceAsyncStub

CALL_SECONDS: Final = 10.0
ROUNDS: Final = 64
"""Answers of one catching up; a partner that has more goes on the next time."""

_log = structlog.get_logger(__name__)


class CatchingUp:
    """Fetches what the partner has newer, then offers what it lacks."""

    def __init__(self, *, dialer: Dialer, keeper: TrustKeeper, clock: Clock) -> None:
        self._dialer = dialer
        self._keeper = keeper
        self._clock = clock

    async def __call__(self, partner: str) -> bool:
        """Give whether anything changed on either end: then a new session may open.

        Raises:
            DescriptorFork: the two ends hold different descriptors of one version.
        """
        opened = self._dialer.line(partner)
        if opened is None:
            return False
        log = _log.bind(partner=partner)
        try:
            async with opened as line:
                stub = FederationServiceStub(line.channel)
                fetched = await self._fetch(partner, stub, log)
                offered = await self._offer(stub, log)
        except grpc.aio.AioRpcError as error:
            reason, sentence = reason_in(error)
            log.warning(
                "documents were not exchanged",
                reason=reason or error.code().name,
                detail=sentence,
                correlation_id=correlation_in(error),
                by_peer=True,
            )
            return False
        return fetched or offered

    async def offer(self, partner: str, note: bytes) -> bool:
        """Put a note before a partner's officers; gives whether it is in force there.

        Raises:
            Absent: the partner has no address.
            Passing: it cannot be reached, or does not take it, with its reason.
        """
        opened = self._dialer.line(partner)
        if opened is None:
            raise Absent(f"{partner} has no address in its descriptor: it dials this side.")
        try:
            async with opened as line:
                request = pb.OfferDocumentRequest(note=note)
                answer = await FederationServiceStub(line.channel).OfferDocument(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            reason, sentence = reason_in(error)
            told = {"reason": reason or error.code().name, "detail": sentence, "correlation_id": correlation_in(error)}
            _log.warning("a document was not taken", partner=partner, by_peer=True, **told)
            raise Passing(f"{partner} has not taken it: {told['reason']}: {sentence}") from error
        return answer.outcome != pb.OFFER_OUTCOME_WAITING

    async def _fetch(
        self, partner: str, stub: FederationServiceAsyncStub, log: structlog.typing.FilteringBoundLogger
    ) -> bool:
        changed = False
        for _ in range(ROUNDS):
            answer = await stub.GetDocuments(self._held(partner), timeout=CALL_SECONDS)
            taken = [await self._take(note, partner, log) for note in answer.notes]
            changed = changed or any(taken)
            if not any(taken):
                break
        return changed

    async def _take(self, unverified: bytes, partner: str, log: structlog.typing.FilteringBoundLogger) -> bool:
        try:
            taken = await self._keeper.take(unverified, partner=partner)
        except GatewayError as error:
            log.warning("a document is refused", reason=error.reason, detail=str(error), by_peer=False)
            if isinstance(error, DescriptorFork):
                raise
            return False
        return taken

    def _held(self, partner: str) -> pb.GetDocumentsRequest:
        trust = session_trust(self._keeper.book, partner, at=self._clock.now())
        held = trust.peer.descriptor
        return pb.GetDocumentsRequest(
            descriptor_held=pb.DocumentVersion(version=held.version, digest=held.digest),
            agreements=[pb.AgreementVersion(id=a.id, version=a.version, digest=a.digest) for a in trust.agreements],
        )

    async def _offer(self, stub: FederationServiceAsyncStub, log: structlog.typing.FilteringBoundLogger) -> bool:
        """Go back from the newest to one that follows from what they hold, and from there forward again."""
        book = self._keeper.book
        versions = book.versions[book.own]
        for number in reversed(range(len(versions))):
            outcome = await self._offered(stub, book.descriptor_notes[versions[number].digest])
            if outcome == pb.OFFER_OUTCOME_UNSPECIFIED:
                continue
            for later in versions[number + 1 :]:
                outcome = await self._offered(stub, book.descriptor_notes[later.digest])
            if outcome == pb.OFFER_OUTCOME_TAKEN:
                log.info("the partner holds the newest descriptor of this side now", version=versions[-1].version)
                return True
            break
        return False

    async def _offered(self, stub: FederationServiceAsyncStub, note: bytes) -> pb.OfferOutcome.ValueType:
        """Give what became of it; unspecified when it does not follow from what they hold."""
        try:
            answer = await stub.OfferDocument(pb.OfferDocumentRequest(note=note), timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if reason_in(error)[0] == DocumentInvalid.reason:
                return pb.OFFER_OUTCOME_UNSPECIFIED
            raise
        return answer.outcome
