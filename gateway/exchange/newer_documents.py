"""Which documents one partner lacks, by what it says that it holds (docs/protocol.md, R-DOC-03)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from gateway.errors import DescriptorFork
from gateway.exchange.session_trust import AgreementRef, DocumentRef
from gateway.trust.book import TrustBook

ANSWER_BYTES: Final = 900 * 1024
"""Of notes in one answer; a note has 256 KiB at most, so that several fit."""


def newer_than(
    book: TrustBook, partner: str, *, held: DocumentRef, agreements: Collection[AgreementRef], at: int
) -> list[bytes]:
    """Give this side's notes that ``partner`` lacks, each kind oldest first, as many as fit into one answer.

    ``held`` is this side's descriptor as the partner holds it; ``agreements`` are those that it holds.

    Raises:
        DescriptorFork: the version that it holds is none of this side's.
    """
    return list(_within(ANSWER_BYTES, (*_descriptors(book, held), *_agreements(book, partner, agreements, at))))


def _descriptors(book: TrustBook, held: DocumentRef) -> Iterator[bytes]:
    for version in book.versions[book.own]:
        if version.version == held.version and version.digest != held.digest:
            raise DescriptorFork(f"{book.own}'s descriptor of version {held.version} has two digests.")
        if version.version > held.version:
            yield book.descriptor_notes[version.digest]


def _agreements(book: TrustBook, partner: str, held: Collection[AgreementRef], at: int) -> Iterator[bytes]:
    """Give agreements between the two that have not ended, whatever others are parties to them."""
    highest = {each.id: each.version for each in sorted(held, key=lambda each: each.version)}
    for agreement in book.agreements:
        terms = agreement.terms
        between = {book.own, partner} <= set(terms.parties)
        if between and at < terms.valid_until and terms.version > highest.get(terms.id, 0):
            yield book.agreement_notes[agreement.digest]


def _within(size: int, notes: Iterable[bytes]) -> Iterator[bytes]:
    for note in notes:
        size -= len(note)
        if size < 0:
            return
        yield note
