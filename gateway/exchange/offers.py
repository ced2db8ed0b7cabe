"""Documents that a partner offers: its own next descriptor needs nobody, anything else waits for an officer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from gateway.errors import Absent, DocumentInvalid, Malformed
from gateway.exchange.four_eyes import Added, FourEyes
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.linklog.notes import Note, verify_note
from gateway.ports.documents import WaitingDocument, WaitingDocuments
from gateway.ports.world import Clock
from gateway.trust.agreements import Agreement, parse_agreement
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import is_descriptor
from gateway.trust.documents import digest_of, read_document

OFFERS_AT_MOST: Final = 16
"""Of one partner; so none can take the room of another."""


class Outcome(Enum):
    """What becomes of an offer."""

    TAKEN = auto()
    HELD = auto()
    WAITING = auto()


@dataclass(frozen=True, slots=True)
class Offer:
    """An agreement that a partner has put before the officers; ``signed_by`` are those of the two that have signed."""

    waiting: WaitingDocument
    agreement: Agreement
    signed_by: tuple[str, ...]


class Offers:
    """Takes offers, and lets officers decide about those that wait."""

    def __init__(self, *, keeper: TrustKeeper, waiting: WaitingDocuments, clock: Clock) -> None:
        self._keeper = keeper
        self._waiting = waiting
        self._clock = clock

    async def receive(self, note: bytes, *, partner: str) -> Outcome:
        """Take a note that a partner offers.

        Raises:
            DocumentInvalid: it is not the partner's to offer, the partner has not signed it, or another text of its id
                and version, or a later version, stands here.
            Pressure: as many as may of this partner wait already.
            DescriptorFork, KeyRefused, SignatureInvalid, NoteMalformed: it does not hold.
        """
        document = read_document(note)
        digest = digest_of(document.text)
        if self._keeper.book.holds(digest):
            return Outcome.HELD
        if is_descriptor(document.text):
            await self._keeper.take(note, partner=partner)
            return Outcome.TAKEN
        agreement = parse_agreement(document.text)
        if not agreement.is_between(self._keeper.book.own, partner):
            raise DocumentInvalid(f"The agreement {agreement.terms.id} is not between this side and {partner}.")
        if partner not in _signed_by(self._keeper.book, document, partner):
            raise DocumentInvalid(f"{partner} has not signed the agreement {agreement.terms.id} that it offers.")
        _require_new(self._keeper.book, agreement)
        kept = WaitingDocument(partner, digest, note, self._clock.now())
        await self._waiting.keep(kept, actor=partner, most=OFFERS_AT_MOST)
        return Outcome.WAITING

    async def waiting(self) -> list[Offer]:
        """Give what waits for an officer, oldest first; not what has come into force by another way."""
        book, offers = self._keeper.book, []
        for each in await self._waiting.waiting():
            if each.source and each.source in book.partners and not book.holds(each.digest):
                document = read_document(each.note)
                signed = _signed_by(book, document, each.source)
                offers.append(Offer(each, parse_agreement(document.text), signed))
        return offers

    async def accept(self, digest: bytes, officers: FourEyes, *, by: str) -> Added:
        """Take an offer into force, or propose it where two officers are asked for.

        Raises:
            Absent: nothing with this digest waits.
            DocumentInvalid: this side has not signed it: it is signed first, and added.
            Pressure: too many proposals wait.
        """
        offer = await self._find(digest)
        added = await officers.add_agreement(offer.waiting.note, by=by)
        outcome = f"proposed as {added.proposal}" if added.proposal else "accepted"
        await self._waiting.settle(offer.waiting, outcome=outcome, actor=by, at=self._clock.now())
        return added

    async def refuse(self, digest: bytes, *, reason: str, by: str) -> None:
        """Let an offer wait no longer.

        Raises:
            Absent: nothing with this digest waits.
            Malformed: there is no reason.
        """
        if not reason.strip():
            raise Malformed("A refusal needs a reason; it is kept in the audit log.")
        offer = await self._find(digest)
        await self._waiting.settle(offer.waiting, outcome=f"refused: {reason}", actor=by, at=self._clock.now())

    async def _find(self, digest: bytes) -> Offer:
        for offer in await self.waiting():
            if offer.waiting.digest == digest:
                return offer
        raise Absent("No document with this digest waits for an officer.")


def _require_new(book: TrustBook, offered: Agreement) -> None:
    """Refuse what no officer could take: a text that was edited, or a version that another has followed."""
    terms = offered.terms
    versions = {each.terms.version: each for each in book.agreements if each.terms.id == terms.id}
    if (same := versions.get(terms.version)) is not None:
        raise DocumentInvalid(
            f"Another text of {terms.id} version {terms.version} stands here: its digest is {same.digest.hex()}, and "
            f"that of the offered one {offered.digest.hex()}. A change is a version of its own."
        )
    if (newest := max(versions, default=0)) > terms.version:
        raise DocumentInvalid(f"{terms.id} version {newest} stands here; version {terms.version} is older.")


def _signed_by(book: TrustBook, document: Note, partner: str) -> tuple[str, ...]:
    """Say which of the two have signed, with as many root keys as a descriptor of theirs demands."""
    return tuple(
        each
        for each in sorted((book.own, partner))
        if any(len(verify_note(document, version.roots)) >= version.threshold for version in book.versions[each])
    )
