"""Two officers, where a node asks for them: one proposes a change of trust, another one approves it.

Each of them compares the digest for himself: whoever approves states it, and is refused with another. Without four eyes
the first officer's word is enough, and everything here passes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import Absent, DocumentInvalid, Pressure, SameOfficer
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import DocumentType
from gateway.ports.proposals import Proposal, Proposals, Settlement
from gateway.ports.world import Clock
from gateway.trust.agreements import parse_agreement
from gateway.trust.descriptors import parse_descriptor
from gateway.trust.documents import digest_of, read_document, write_digest

WAITING_AT_MOST: Final = 16
DAY_SECONDS: Final = 24 * 3600
PROPOSAL_DAYS: Final = 7
"""After so many days a proposal ends by itself."""
_NODE: Final = "gateway"


@dataclass(frozen=True, slots=True)
class Added:
    """A document that was added, or that waits as ``proposal``; 0: it is in force."""

    identity: str
    version: int
    proposal: int = 0


class FourEyes:
    """The door for people's changes of trust. ``required`` says whether two officers are asked for."""

    def __init__(self, *, keeper: TrustKeeper, proposals: Proposals, clock: Clock, required: bool) -> None:
        self._keeper = keeper
        self._proposals = proposals
        self._clock = clock
        self.required = required

    async def add_partner(self, note: bytes, *, digest: bytes, by: str) -> Added:
        """Add a partner's first descriptor, or propose it.

        Raises:
            DocumentInvalid: another digest, or it does not hold.
            Pressure: too many proposals wait.
        """
        if not self.required:
            identity = await self._keeper.add_descriptor(note, digest=digest, by=by)
            return Added(identity, self._keeper.book.descriptor_of(identity).version)
        self._keeper.book.with_descriptor(note)
        told = parse_descriptor(read_document(note).text)
        _require_digest(told.digest, digest)
        return await self._propose(DocumentType.DESCRIPTOR, told.administration, told.version, note, by)

    async def add_agreement(self, note: bytes, *, by: str) -> Added:
        """Add an agreement that both sides have signed, or propose it.

        Raises:
            DocumentInvalid, SignatureInvalid, Conflict: it does not hold, or another stands here.
            Pressure: too many proposals wait.
        """
        if not self.required:
            return Added(*await self._keeper.add_agreement(note, by=by))
        self._keeper.book.with_agreement(note)
        terms = parse_agreement(read_document(note).text).terms
        return await self._propose(DocumentType.AGREEMENT, terms.id, terms.version, note, by)

    async def approve(self, number: int, *, digest: bytes, by: str) -> Added:
        """Carry out what another officer has proposed.

        The document is added first and the proposal ended then: when the node dies in between, approving once more
        adds nothing twice.

        Raises:
            SameOfficer: it is the officer's own proposal.
            DocumentInvalid: another digest, or the document does not hold any more.
            Absent: no such proposal waits, or its time is over.
        """
        proposal = await self._find(number)
        if proposal.proposed_by == by:
            raise SameOfficer(f"{by} has proposed this and cannot approve it.")
        _require_digest(proposal.digest, digest)
        both = f"{proposal.proposed_by}, approved by {by}"
        if proposal.type is DocumentType.DESCRIPTOR:
            await self._keeper.add_descriptor(proposal.note, digest=digest, by=both)
        else:
            await self._keeper.add_agreement(proposal.note, by=both)
        now = self._clock.now()
        await self._proposals.settle(number, Settlement.APPROVED, by=by, detail="", at=now)
        return Added(proposal.identity, proposal.version)

    async def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """End a proposal without carrying it out: either officer may.

        Raises:
            Absent: no such proposal waits.
        """
        now = self._clock.now()
        await self._proposals.settle(number, Settlement.WITHDRAWN, by=by, detail=reason, at=now)

    async def pending(self) -> Sequence[Proposal]:
        """Give what waits, oldest first."""
        now = self._clock.now()
        return [each for each in await self._proposals.pending() if now < each.expires_at]

    async def expire(self, now: int) -> None:
        """End the proposals whose time is over; a duty of the timekeeper."""
        for each in await self._proposals.pending():
            if now >= each.expires_at:
                await self._proposals.settle(each.number, Settlement.EXPIRED, by=_NODE, detail="", at=now)

    async def _propose(self, type_: DocumentType, identity: str, version: int, note: bytes, by: str) -> Added:
        now, digest, waiting = self._clock.now(), digest_of(read_document(note).text), await self.pending()
        for each in waiting:
            if (each.digest, each.proposed_by) == (digest, by):
                return Added(identity, version, each.number)
        if len(waiting) >= WAITING_AT_MOST:
            raise Pressure(f"{WAITING_AT_MOST} proposals wait already: approve or withdraw some.")
        proposal = Proposal(0, type_, identity, version, digest, note, by, now, now + PROPOSAL_DAYS * DAY_SECONDS)
        return Added(identity, version, await self._proposals.propose(proposal))

    async def _find(self, number: int) -> Proposal:
        found = next((each for each in await self.pending() if each.number == number), None)
        if found is None:
            raise Absent(f"No proposal {number} waits for a second officer.")
        return found


def _require_digest(own: bytes, given: bytes) -> None:
    if own != given:
        raise DocumentInvalid(f"The digest of the document is {write_digest(own)}, not the one that was given.")
