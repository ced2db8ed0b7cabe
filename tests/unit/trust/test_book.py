"""The trust book: what is believed, and what may not enter it."""

from __future__ import annotations

import pytest

from gateway.errors import Absent, Conflict, DescriptorFork, DocumentInvalid, KeyRefused, SignatureInvalid
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from tests.unit.exchange.trusted_world import (
    NOW,
    agreement_text,
    book_of_cn,
    descriptor_note,
    domain,
    signed_by,
    signer,
)


def digest(note: bytes) -> bytes:
    return parse_descriptor(read_document(note).text).digest


def test_partners_are_found_by_id_and_by_domain() -> None:
    book = book_of_cn()
    assert book.partners == ("NL", "US")
    assert book.partner_of_domain(domain("US")) == "US"
    assert book.partner_of_domain(domain("CN")) is None
    assert book.partner_of_domain("customs.jp.example") is None
    with pytest.raises(Absent):
        book.descriptor_of("JP")


def test_the_same_document_again_changes_nothing() -> None:
    book = book_of_cn()
    assert book.with_descriptor(descriptor_note("NL")) is book
    (agreement,) = book.agreements_with("US", NOW)
    assert book.with_agreement(book.agreement_notes[agreement.digest]) is book


def test_a_successor_replaces_and_the_old_version_stays_for_old_evidence() -> None:
    first = descriptor_note("NL")
    second = descriptor_note("NL", version=2, previous=digest(first), contact="new desk")
    book = book_of_cn().with_descriptor(second)
    assert [each.version for each in book.versions["NL"]] == [1, 2]
    assert book.descriptor_of("NL").contacts == ("new desk",)
    assert set(book.descriptor_notes.values()) >= {first, second}


def test_another_descriptor_of_a_known_version_is_a_fork() -> None:
    with pytest.raises(DescriptorFork):
        book_of_cn().with_descriptor(descriptor_note("NL", contact="somebody else"))


def test_a_successor_that_skips_or_names_another_is_refused() -> None:
    book = book_of_cn()
    with pytest.raises(DocumentInvalid):
        book.with_descriptor(descriptor_note("NL", version=3, previous=digest(descriptor_note("NL"))))
    with pytest.raises(DocumentInvalid):
        book.with_descriptor(descriptor_note("NL", version=2, previous=bytes(32)))


def test_an_agreement_needs_both_signatures_and_a_known_partner() -> None:
    text = agreement_text("cn-nl-2", "CN", "NL", [("alert", ["*"])])
    book = book_of_cn()
    with pytest.raises(DocumentInvalid, match="NL has not signed"):
        book.with_agreement(signed_by(text, "CN"))
    with pytest.raises(DocumentInvalid, match="No partner is known"):
        TrustBook("CN").with_descriptor(descriptor_note("CN")).with_agreement(signed_by(text, "CN", "NL"))
    assert len(book.with_agreement(signed_by(text, "CN", "NL")).agreements_with("NL", NOW)) == 2


def test_another_text_under_the_same_id_and_version_is_refused() -> None:
    other = agreement_text("cn-us", "CN", "US", [("alert", ["*"])])
    with pytest.raises(Conflict):
        book_of_cn().with_agreement(signed_by(other, "CN", "US"))


def test_of_several_versions_the_highest_in_force_counts() -> None:
    text = agreement_text("cn-us", "CN", "US", [("alert", ["*"])], version=2)
    book = book_of_cn().with_agreement(signed_by(text, "CN", "US"))
    assert book.release("US", "alert", "SECURITY_RISK", NOW) is not None
    assert book.release("US", "inspection_outcome", "SECURITY_RISK", NOW) is None
    assert book.release("US", "alert", "SECURITY_RISK", NOW, agreement_id="cn-nl") is None
    assert book.release("US", "alert", "SECURITY_RISK", 0) is None


def test_a_descriptor_that_was_altered_or_uses_anothers_keys_is_refused() -> None:
    altered = descriptor_note("US").replace(b"administration US", b"administration ZZ")
    with pytest.raises(SignatureInvalid):
        book_of_cn().with_descriptor(altered)
    text = read_document(descriptor_note("US")).text.replace("administration US", "administration ZZ")
    stolen = sign_descriptor(parse_descriptor(text), [signer("US", "root")])
    with pytest.raises((KeyRefused, DocumentInvalid)):
        book_of_cn().with_descriptor(stolen)
