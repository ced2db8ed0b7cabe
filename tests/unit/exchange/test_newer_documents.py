"""What a partner lacks, and what is taken of what a partner sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from gateway.errors import DescriptorFork, DocumentInvalid, GatewayError
from gateway.exchange.newer_documents import newer_than
from gateway.exchange.session_trust import AgreementRef, DocumentRef
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import StoredDocument
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import parse_descriptor
from gateway.trust.documents import read_document
from tests.unit.exchange.link_world import Clock, run
from tests.unit.exchange.trusted_world import NOW, agreement_text, book_of_cn, descriptor_note, signed_by


def digest(note: bytes) -> bytes:
    return sha256(read_document(note).text.encode()).digest()


def after(administration: str, notes: list[bytes], contact: str) -> bytes:
    known = parse_descriptor(read_document(notes[-1]).text)
    return descriptor_note(administration, version=known.version + 1, previous=known.digest, contact=contact)


def three_versions(administration: str) -> list[bytes]:
    notes = [descriptor_note(administration)]
    for contact in ("second desk", "third desk"):
        notes.append(after(administration, notes, contact))
    return notes


def held(notes: list[bytes], version: int) -> DocumentRef:
    return DocumentRef(version, digest(notes[version - 1]))


def newest_book() -> tuple[TrustBook, list[bytes]]:
    notes = three_versions("CN")
    book = book_of_cn()
    for note in notes:
        book = book.with_descriptor(note)
    return book, notes


def every_agreement(book: TrustBook, partner: str) -> list[AgreementRef]:
    return [AgreementRef(a.terms.id, a.terms.version, a.digest) for a in book.agreements_with(partner, NOW)]


def test_a_partner_gets_the_versions_after_its_own_oldest_first() -> None:
    book, notes = newest_book()
    agreements = every_agreement(book, "NL")
    for version in (1, 2, 3):
        given = newer_than(book, "NL", held=held(notes, version), agreements=agreements, at=NOW)
        assert given == notes[version:]


def test_a_partner_gets_agreements_between_the_two_alone() -> None:
    book, notes = newest_book()
    second = signed_by(agreement_text("cn-nl", "CN", "NL", [("alert", ["*"])], version=2), "CN", "NL")
    book = book.with_agreement(second)
    first = every_agreement(book_of_cn(), "NL")
    assert newer_than(book, "NL", held=held(notes, 3), agreements=first, at=NOW) == [second]
    none = newer_than(book, "NL", held=held(notes, 3), agreements=[], at=NOW)
    assert [digest(note) for note in none] == [each.digest for each in first] + [digest(second)]
    ended = newer_than(book, "NL", held=held(notes, 3), agreements=[], at=2_000_000_000)
    assert ended == []


def test_another_text_under_a_version_is_a_fork() -> None:
    book, _ = newest_book()
    with pytest.raises(DescriptorFork):
        newer_than(book, "NL", held=DocumentRef(2, bytes(32)), agreements=[], at=NOW)


@dataclass
class Shelf:
    """Documents in a list."""

    kept: list[StoredDocument] = field(default_factory=list)

    async def documents(self) -> list[StoredDocument]:
        return self.kept

    async def add_document(self, document: StoredDocument) -> None:
        self.kept.append(document)


def keeper_of_cn() -> TrustKeeper:
    keeper = TrustKeeper(own="CN", documents=Shelf(), clock=Clock())
    for administration in ("CN", "NL", "US"):
        run(keeper.add_descriptor(descriptor_note(administration), digest=None, by="test"))
    return keeper


def test_a_partners_next_versions_are_taken_in_their_order_once() -> None:
    keeper, told = keeper_of_cn(), []
    keeper.subscribe(told.append)
    _, second, third = three_versions("NL")
    with pytest.raises(DocumentInvalid, match="does not come next"):
        run(keeper.take(third, partner="NL"))
    assert [run(keeper.take(note, partner="NL")) for note in (second, third, second, third)] == [
        True,
        True,
        False,
        False,
    ]
    assert keeper.book.descriptor_of("NL").version == 3
    assert len(told) == 2


def test_an_agreement_that_both_have_signed_is_taken() -> None:
    keeper = keeper_of_cn()
    note = signed_by(agreement_text("cn-nl", "CN", "NL", [("alert", ["*"])]), "CN", "NL")
    assert run(keeper.take(note, partner="NL"))
    assert [each.terms.id for each in keeper.book.agreements_with("NL", NOW)] == ["cn-nl"]


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (three_versions("US")[1], "not its own"),
        (signed_by(agreement_text("cn-us", "CN", "US", [("alert", ["*"])]), "CN", "US"), "is no party"),
        (signed_by(agreement_text("cn-nl", "CN", "NL", [("alert", ["*"])]), "NL"), "CN has not signed"),
        (descriptor_note("NL", contact="a second first"), "two descriptors"),
    ],
    ids=["another's descriptor", "another's agreement", "signed by one side", "fork"],
)
def test_what_is_not_the_partners_to_give_is_refused(note: bytes, words: str) -> None:
    keeper = keeper_of_cn()
    before = keeper.book
    with pytest.raises(GatewayError, match=words):
        run(keeper.take(note, partner="NL"))
    assert keeper.book is before


def test_ones_own_next_version_is_added_and_an_older_one_is_nothing_new() -> None:
    keeper = keeper_of_cn()
    first, second, _ = three_versions("CN")
    assert run(keeper.add_own(second, by="test")).version == 2
    assert run(keeper.add_own(first, by="test")).version == 1
    assert keeper.book.descriptor_of("CN").version == 2
    with pytest.raises(DocumentInvalid, match="is of NL"):
        run(keeper.add_own(three_versions("NL")[1], by="test"))
