"""What ends soon: of things that follow one another the last end counts, and each threshold is reached once."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from certs.authority import Authority
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from gateway.trust.expiry import DAY_SECONDS, Ending, endings
from gateway.trust.names import log_key_name
from tests.unit.exchange.trusted_world import agreement_text, descriptor_note, domain, signed_by, signer

NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
DAY = DAY_SECONDS


def log_key(administration: str, number: int) -> SeedSigner:
    return SeedSigner.from_seed(
        log_key_name(domain(administration)),
        KeyType.NOTE_ED25519,
        sha256(f"{administration} {number}".encode()).digest(),
    )


def note_of(administration: str, *, keys: list[int], anchors: list[timedelta]) -> bytes:
    """A descriptor whose log keys end so many days from now, with anchors that last so long."""
    at = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
    authorities = [Authority.create(domain(administration), life=life, at=at) for life in anchors]
    plain = parse_descriptor(read_document(descriptor_note(administration)).text)
    dated = sorted(
        (DatedKey(log_key(administration, number).key, 0, NOW + days * DAY) for number, days in enumerate(keys)),
        key=lambda k: k.key.bare,
    )
    made = dataclasses.replace(
        plain,
        log_keys=tuple(dated),
        anchors=tuple(sorted((each.anchor_der for each in authorities), key=b64encode)),
    )
    return sign_descriptor(made, [signer(administration, "root")])


def found(book: TrustBook) -> dict[tuple[str, str], Ending]:
    return {(each.owner, each.what): each for each in endings(book, [])}


@pytest.fixture
def book() -> TrustBook:
    book = TrustBook("CN").with_descriptor(
        note_of("CN", keys=[3, 20], anchors=[timedelta(days=11), timedelta(days=41)])
    )
    book = book.with_descriptor(note_of("NL", keys=[400], anchors=[timedelta(days=400)]))
    flows = [("screening_result", ["*"])]
    for version, until in ((1, "2026-06-05"), (2, "2026-06-15")):
        text = agreement_text("cn-nl", "CN", "NL", flows, version=version).replace("2031-01-01", until)
        book = book.with_agreement(signed_by(text, "CN", "NL"))
    return book


def test_what_has_a_successor_may_end(book: TrustBook) -> None:
    ends = {key: (each.ends - NOW) / DAY for key, each in found(book).items()}
    assert ends["CN", "last log key"] == 20
    assert 39 <= ends["CN", "last anchor"] <= 41
    assert ends["CN", "agreement cn-nl"] == 14
    assert ends["NL", "last log key"] == 400


@pytest.mark.parametrize(
    ("left", "threshold"),
    [
        (31 * DAY, None),
        (30 * DAY, 30),
        (15 * DAY, 30),
        (14 * DAY, 14),
        (7 * DAY, 7),
        (DAY + 1, 7),
        (DAY, 1),
        (1, 1),
        (0, 0),
        (-DAY, 0),
    ],
)
def test_thresholds(left: int, threshold: int | None) -> None:
    assert Ending("key", "NL", NOW + left, "").threshold(NOW) == threshold


def test_words() -> None:
    def said(left: int) -> str:
        return Ending("receipt key", "NL", NOW + left, "NL must act.").sentence(NOW)

    assert said(20 * DAY) == "NL's receipt key ends in 20 days. NL must act."
    assert said(DAY + 5) == "NL's receipt key ends in 1 day. NL must act."
    assert said(7200) == "NL's receipt key ends in 2 hours. NL must act."
    assert said(0) == "NL's receipt key has ended. NL must act."


def test_who_must_act(book: TrustBook) -> None:
    all_of_them = found(book)
    assert all_of_them["CN", "last log key"].act.startswith("This node's operator")
    assert all_of_them["NL", "last log key"].act.startswith("NL's operator")
