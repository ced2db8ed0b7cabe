"""The trust keeper: the present trust book, and the one way in which it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.errors import Absent, DescriptorFork, DocumentInvalid
from gateway.linklog.notes import Note
from gateway.ports.documents import Documents, DocumentType, Pause, StoredDocument
from gateway.ports.world import Clock
from gateway.trust.agreements import parse_agreement, verify
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor, is_descriptor, parse_descriptor
from gateway.trust.documents import digest_of, read_document

DAY_SECONDS: Final = 24 * 3600


class TrustKeeper:
    """Keeps the trust book in step with the stored documents.

    A document is checked against the present book, stored, and only then in force: in the book as it is by then, since
    another may have been added meanwhile. Whoever subscribed is told after
    each change; sessions of links are opened anew then (docs/protocol.md, The session).
    """

    def __init__(self, *, own: str, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._book = TrustBook(own)
        self._subscribers: list[Callable[[TrustBook], None]] = []

    @property
    def book(self) -> TrustBook:
        """What is trusted now."""
        return self._book

    def subscribe(self, told: Callable[[TrustBook], None]) -> None:
        """Have ``told`` called with the new book after every change."""
        self._subscribers.append(told)

    async def load(self) -> None:
        """Read what is stored; every document is checked again, a store is not trusted more than a letter."""
        for stored in await self._documents.documents():
            if stored.type is DocumentType.DESCRIPTOR:
                self._book = self._book.with_descriptor(stored.note)
            else:
                self._book = self._book.with_agreement(stored.note)
        pauses = {each.agreement: each.begins for each in await self._documents.pauses()}
        self._book = replace(self._book, pauses=pauses)

    async def add_descriptor(self, note: bytes, *, digest: bytes | None, by: str) -> str:
        """Add a descriptor; gives its administration. ``digest`` is what people compared, None for one's own.

        Raises:
            DocumentInvalid: another digest, or the note does not hold.
        """
        self._book.with_descriptor(note)
        added = parse_descriptor(read_document(note).text)
        if digest is not None and digest != added.digest:
            raise DocumentInvalid(
                f"The digest of the descriptor of {added.administration} is not the one that was given."
            )
        now = self._clock.now()
        await self._documents.add_document(
            StoredDocument(DocumentType.DESCRIPTOR, added.administration, added.version, added.digest, note, now, by)
        )
        self._use(self._book.with_descriptor(note))
        if digest is not None and added.administration in self._book.revoked:
            self._use(self._book.trusting_again(added.administration))
        return added.administration

    def revoke(self, administration: str) -> None:
        """Trust an administration no longer; whoever calls has kept in the store that it is so.

        People take it back by comparing and adding its newest descriptor again.
        """
        self._use(self._book.without(administration))

    async def add_own(self, note: bytes, *, by: str) -> Descriptor:
        """Add the next version of this administration's own descriptor; one that is held already changes nothing.

        Raises:
            DocumentInvalid: it is another administration's, or does not follow from the one in force.
            DescriptorFork, KeyRefused, SignatureInvalid, NoteMalformed: it does not hold.
        """
        added = parse_descriptor(read_document(note).text)
        if added.administration != self._book.own:
            raise DocumentInvalid(f"The descriptor is of {added.administration}; this node is of {self._book.own}.")
        if not self._book.holds(added.digest):
            await self.add_descriptor(note, digest=None, by=by)
        return added

    async def take(self, note: bytes, *, partner: str) -> bool:
        """Take what a known partner sends of its own accord; False when it is held already.

        That is the next version of its own descriptor, and an agreement that both have signed: neither needs people.

        Raises:
            DocumentInvalid: it is a third party's, or does not follow from what is held.
            DescriptorFork, Conflict, KeyRefused, SignatureInvalid, NoteMalformed: it does not hold.
        """
        document = read_document(note)
        if self._book.holds(digest_of(document.text)):
            return False
        if is_descriptor(document.text):
            await self._take_descriptor(note, document, partner)
        else:
            verify(note, (*self._book.versions[self._book.own], *self._book.versions[partner]))
            await self.add_agreement(note, by=partner)
        return True

    async def add_agreement(self, note: bytes, *, by: str) -> tuple[str, int]:
        """Add an agreement that both sides have signed; gives its id and version.

        Raises:
            DocumentInvalid, SignatureInvalid, Conflict: it does not hold, or another stands here.
        """
        self._book.with_agreement(note)
        added = parse_agreement(read_document(note).text)
        terms, now = added.terms, self._clock.now()
        await self._documents.add_document(
            StoredDocument(DocumentType.AGREEMENT, terms.id, terms.version, added.digest, note, now, by)
        )
        self._use(self._book.with_agreement(note))
        return terms.id, terms.version

    async def pause_agreement(self, agreement_id: str, *, reason: str, at_once: bool, by: str) -> int:
        """Suspend an agreement on this side's own word; gives when it begins, which is after its term of notice.

        ``at_once`` does not wait for that: who does so answers to the partner for it.

        Raises:
            Absent: there is no such agreement here.
        """
        versions = {a.terms.version: a.terms for a in self._book.agreements if a.terms.id == agreement_id}
        if not versions:
            raise Absent(f"There is no agreement {agreement_id} here.")
        now = self._clock.now()
        begins = now if at_once else now + versions[max(versions)].notice_days * DAY_SECONDS
        await self._documents.pause(Pause(agreement_id, begins, reason, by, now))
        self._use(replace(self._book, pauses={**self._book.pauses, agreement_id: begins}))
        return begins

    async def lift_pause(self, agreement_id: str, *, reason: str, by: str) -> None:
        """Let an agreement count again that this side has suspended.

        Raises:
            Absent: it is not suspended.
        """
        await self._documents.lift_pause(agreement_id, reason=reason, by=by, at=self._clock.now())
        left = {each: begins for each, begins in self._book.pauses.items() if each != agreement_id}
        self._use(replace(self._book, pauses=left))

    async def stored(self) -> list[StoredDocument]:
        """Give every document, oldest first."""
        return list(await self._documents.documents())

    async def _take_descriptor(self, note: bytes, document: Note, partner: str) -> None:
        offered = parse_descriptor(document.text)
        if offered.administration != partner:
            raise DocumentInvalid(f"{partner} has sent a descriptor of {offered.administration}, which is not its own.")
        try:
            await self.add_descriptor(note, digest=None, by=partner)
        except DescriptorFork as fork:
            fork.notes = (note, *self._held_beside(offered))
            raise

    def _held_beside(self, offered: Descriptor) -> list[bytes]:
        """Give the descriptor of the same version that is held here."""
        held = self._book.versions.get(offered.administration, ())
        return [self._book.descriptor_notes[each.digest] for each in held if each.version == offered.version]

    def _use(self, book: TrustBook) -> None:
        if book is self._book:
            return
        self._book = book
        for told in self._subscribers:
            told(book)
