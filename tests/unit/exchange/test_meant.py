"""Which record a client means that says an id."""

from __future__ import annotations

import pytest

from gateway.errors import Absent, Malformed
from gateway.exchange.meant import meant
from gateway.ports.records import StoredRecord
from tests.unit.reliance.making import said, stored

OURS = stored(said(1, issuer="NL"), partners=("CN", "US"))
CN, US, XA = (stored(said(1, issuer=each)) for each in ("CN", "US", "XA"))


def choose(*found: StoredRecord, issuer: str = "", partner: str = "") -> StoredRecord:
    return meant(found, "some-id", issuer=issuer, own="NL", partner=partner)


def test_without_an_issuer_it_is_our_own_or_the_only_one() -> None:
    assert choose(OURS, CN, XA) is OURS
    assert choose(CN) is CN


def test_nobodys_is_given_for_anothers() -> None:
    with pytest.raises(Malformed, match="CN, XA: say whose record it is"):
        choose(CN, XA)


def test_each_can_be_had() -> None:
    for issuer, one in (("NL", OURS), ("CN", CN), ("XA", XA)):
        assert choose(OURS, CN, XA, issuer=issuer) is one


def test_of_a_partner_s_logs_alone() -> None:
    assert choose(OURS, CN, XA, partner="CN") is OURS
    assert choose(OURS, CN, XA, partner="XA") is XA
    assert choose(CN, XA, partner="XA") is XA
    assert choose(OURS, CN, issuer="CN", partner="CN") is CN


@pytest.mark.parametrize(
    ("issuer", "partner", "sentence"),
    [
        ("US", "", "There is no record 'some-id' of US here."),
        ("", "US", "There is no record 'some-id' between this side and US here."),
        ("XA", "CN", "There is no record 'some-id' of XA between this side and CN here."),
    ],
)
def test_what_is_not_there(issuer: str, partner: str, sentence: str) -> None:
    with pytest.raises(Absent) as refused:
        choose(CN, XA, issuer=issuer, partner=partner)
    assert refused.value.sentence == sentence
    with pytest.raises(Absent):
        choose()
