"""Brings both ends of a link to the newest documents, from the end that dials.

Who is behind calls ``GetDocuments``. But an end that only dials cannot be called, and one whose partner no longer knows
its certificate's authority cannot be reached; so whoever dials also offers its own newer descriptors. What is offered
needs nobody's consent over there: it follows from what is held (docs/protocol.md, R-DSC-02).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc
import structlog

from gateway.errors import Absent, DescriptorFork, DocumentInvalid, GatewayError, OfferRefused, Passing
from gateway.exchange.session_trust import session_trust
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.world import Clock
from gateway.rpc.call_names import naming
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
        async with opened as line:
            calls = _Calls(FederationServiceStub(line.channel), line.name)
            log = _log.bind(partner=partner, correlation_id=line.name)
            try:
                fetched = await self._fetch(partner, calls, log)
                offered = await self._offer(calls, log)
            except grpc.aio.AioRpcError as error:
                log.warning("documents were not exchanged", by_peer=True, **_told(error, calls))
                return False
        return fetched or offered

    async def offer(self, partner: str, note: bytes) -> bool:
        """Put a note before a partner's officers; gives whether it is in force there.

        Raises:
            Absent: the partner has no address.
            OfferRefused: it does not take it, with its reason.
            Passing: it cannot be reached.
        """
        opened = self._dialer.line(partner)
        if opened is None:
            raise Absent(f"{partner} has no address in its descriptor: it dials this side.")
        async with opened as line:
            calls = _Calls(FederationServiceStub(line.channel), line.name)
            try:
                answer = await calls.offer(note)
            except grpc.aio.AioRpcError as error:
                told = _told(error, calls)
                _log.warning("a document was not taken", partner=partner, by_peer=True, **told)
                said = f"{partner} has not taken it: {told['reason']}: {told['detail']}"
                raise (OfferRefused(said) if reason_in(error)[0] else Passing(said)) from error
        return answer.outcome != pb.OFFER_OUTCOME_WAITING

    async def _fetch(self, partner: str, calls: _Calls, log: structlog.typing.FilteringBoundLogger) -> bool:
        changed = False
        for _ in range(ROUNDS):
            answer = await calls.get(self._held(partner))
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

    async def _offer(self, calls: _Calls, log: structlog.typing.FilteringBoundLogger) -> bool:
        """Go back from the newest to one that follows from what they hold, and from there forward again."""
        book = self._keeper.book
        versions = book.versions[book.own]
        for number in reversed(range(len(versions))):
            outcome = await _offered(calls, book.descriptor_notes[versions[number].digest])
            if outcome == pb.OFFER_OUTCOME_UNSPECIFIED:
                continue
            for later in versions[number + 1 :]:
                outcome = await _offered(calls, book.descriptor_notes[later.digest])
            if outcome == pb.OFFER_OUTCOME_TAKEN:
                log.info("the partner holds the newest descriptor of this side now", version=versions[-1].version)
                return True
            break
        return False


@dataclass(frozen=True, slots=True)
class _Calls:
    """What is asked of a partner beside the link, each under the name of its line."""

    stub: FederationServiceAsyncStub
    name: str

    async def get(self, held: pb.GetDocumentsRequest) -> pb.GetDocumentsResponse:
        return await self.stub.GetDocuments(held, timeout=CALL_SECONDS, metadata=naming(self.name))

    async def offer(self, note: bytes) -> pb.OfferDocumentResponse:
        request = pb.OfferDocumentRequest(note=note)
        return await self.stub.OfferDocument(request, timeout=CALL_SECONDS, metadata=naming(self.name))


def _told(error: grpc.aio.AioRpcError, calls: _Calls) -> dict[str, str]:
    """Say what the partner answered, and under which id its log has it."""
    reason, sentence = reason_in(error)
    return {
        "reason": reason or error.code().name,
        "detail": sentence,
        "correlation_id": correlation_in(error) or calls.name,
    }


async def _offered(calls: _Calls, note: bytes) -> pb.OfferOutcome.ValueType:
    """Give what became of it; unspecified when it does not follow from what they hold."""
    try:
        answer = await calls.offer(note)
    except grpc.aio.AioRpcError as error:
        if reason_in(error)[0] == DocumentInvalid.reason:
            return pb.OFFER_OUTCOME_UNSPECIFIED
        raise
    return answer.outcome
