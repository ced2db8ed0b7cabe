"""Agreements: what people write, who has signed, and what may be released."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gateway.errors import DocumentInvalid, GatewayError, NoteMalformed, SignatureInvalid
from gateway.linklog.keys import KeyType
from gateway.linklog.notes import DOCUMENT_LIMITS, parse_note
from gateway.trust.agreements import countersign, newest_in_force, parse_agreement, sign, verify
from gateway.trust.documents import digest_of
from gateway.trust.spelling import Purpose

if TYPE_CHECKING:
    from .conftest import Owner

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp())


def signed_by_both(text: str, cn: Owner, nl: Owner) -> bytes:
    return countersign(sign(text, [nl.root(1), nl.root(2)], nl.domain), [cn.root(1), cn.root(3)], cn.domain)


def test_what_people_wrote_is_read(agreement_text: str) -> None:
    terms = parse_agreement(agreement_text).terms
    assert (terms.id, terms.version, terms.parties) == ("cn-nl-security", 2, ("CN", "NL"))
    assert (terms.valid_from, terms.valid_until) == (START, END)
    assert terms.purposes == (Purpose.SECURITY_RISK, Purpose.AEO_BENEFIT)
    assert (terms.notice_days, terms.onward) == (60, "FORBIDDEN")
    control, screening = terms.equivalence
    assert (control.basis, control.method, control.seal, control.min_energy_mev) == ("control", "NII_XRAY", "H", 6.0)
    assert (screening.method, screening.level_at_most) == (None, "LOW")
    assert terms.response_times[0].hours == 6
    assert terms.max_status_age[0].hours == 24


def test_it_counts_when_both_thresholds_are_met(agreement_text: str, cn: Owner, nl: Owner) -> None:
    data = signed_by_both(agreement_text, cn, nl)
    agreement = verify(data, [nl.descriptor(), cn.descriptor()])
    assert agreement.digest == digest_of(agreement_text)
    assert parse_note(data, DOCUMENT_LIMITS).text == agreement_text


def test_it_does_not_count_before(agreement_text: str, cn: Owner, nl: Owner) -> None:
    half = sign(agreement_text, [nl.root(1), nl.root(2)], nl.domain)
    both = [nl.descriptor(), cn.descriptor()]
    with pytest.raises(DocumentInvalid, match="CN has not signed"):
        verify(half, both)
    with pytest.raises(DocumentInvalid, match="CN has not signed"):
        verify(countersign(half, [cn.root(1)], cn.domain), both)
    with pytest.raises(DocumentInvalid, match="two are needed"):
        verify(half, [nl.descriptor()])
    with pytest.raises(DocumentInvalid, match="already"):
        countersign(half, [nl.root(2)], nl.domain)


def test_a_stranger_cannot_make_it_count(agreement_text: str, cn: Owner, nl: Owner) -> None:
    stranger = type(nl)("XA")
    forged = countersign(
        sign(agreement_text, [nl.root(1), nl.root(2)], nl.domain), [stranger.root(1), stranger.root(2)], cn.domain
    )
    with pytest.raises(DocumentInvalid, match="CN has not signed"):
        verify(forged, [nl.descriptor(), cn.descriptor()])
    with pytest.raises(DocumentInvalid, match="no party"):
        verify(signed_by_both(agreement_text, cn, nl), [nl.descriptor(), cn.descriptor(), stranger.descriptor()])


def test_it_outlives_the_root_keys_that_signed_it(agreement_text: str, cn: Owner, nl: Owner) -> None:
    data = signed_by_both(agreement_text, cn, nl)
    roots = tuple(sorted((nl.root(number).key for number in (7, 8)), key=lambda key: key.bare))
    old = nl.descriptor()
    new = dataclasses.replace(old, version=2, previous=old.digest, roots=roots)
    with pytest.raises(DocumentInvalid, match="NL has not signed"):
        verify(data, [new, cn.descriptor()])
    assert verify(data, [new, old, cn.descriptor()]).terms.id == "cn-nl-security"


def test_a_changed_byte_anywhere_is_refused(agreement_text: str, cn: Owner, nl: Owner) -> None:
    data = signed_by_both(agreement_text, cn, nl)
    both = [nl.descriptor(), cn.descriptor()]
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        with pytest.raises(GatewayError):
            verify(bytes(changed), both)


def test_a_known_line_that_fails_refuses_it(agreement_text: str, cn: Owner, nl: Owner) -> None:
    note = parse_note(signed_by_both(agreement_text, cn, nl), DOCUMENT_LIMITS)
    bad = dataclasses.replace(note.lines[0], signature=note.lines[1].signature)
    changed = dataclasses.replace(note, lines=(bad, *note.lines[1:]))
    with pytest.raises(SignatureInvalid, match="does not hold"):
        verify(changed.serialize(), [nl.descriptor(), cn.descriptor()])


# --- what it lets through -------------------------------------------------------------------------------------------


def test_what_is_named_is_released_and_nothing_else(agreement_text: str) -> None:
    agreement = parse_agreement(agreement_text)
    selection = agreement.releases("CN", "NL", "inspection_outcome", Purpose.SECURITY_RISK, START)
    assert selection is not None
    assert selection.retention_days == 365
    assert not selection.whole
    for path in (
        "control_id",
        "methods",
        "methods.xray.energy_mev",
        "consignment.containers",
        "consignment.containers.id",
    ):
        assert selection.lets_through(path), path
    for path in ("consignment", "consignment.ucr", "officer_ref", "control", "method", "control_id_2", ""):
        assert not selection.lets_through(path), path
    assert selection.reaches_into("consignment")
    assert not selection.reaches_into("methods")
    assert not selection.reaches_into("consign")


def test_a_star_lets_the_whole_body_through(agreement_text: str) -> None:
    selection = parse_agreement(agreement_text).releases("NL", "CN", "aeo_status", "AEO_BENEFIT", START)
    assert selection is not None
    assert selection.whole
    assert selection.lets_through("anything.at.all")
    assert selection.profile == "aeo_status-all"


def test_one_profile_for_one_selection(agreement_text: str) -> None:
    first, second = (
        parse_agreement(text).releases("CN", "NL", "inspection_outcome", Purpose.SECURITY_RISK, START)
        for text in (agreement_text, agreement_text.replace("retention_days = 365", "retention_days = 30"))
    )
    less = parse_agreement(agreement_text.replace('"methods", ', "")).releases(
        "CN", "NL", "inspection_outcome", Purpose.SECURITY_RISK, START
    )
    assert first is not None
    assert second is not None
    assert less is not None
    assert first.profile == second.profile != less.profile
    assert len(first.profile) <= 64


@pytest.mark.parametrize(
    ("sender", "receiver", "kind", "purpose", "at"),
    [
        ("NL", "CN", "inspection_outcome", "SECURITY_RISK", START),
        ("CN", "US", "inspection_outcome", "SECURITY_RISK", START),
        ("CN", "NL", "aeo_status", "SECURITY_RISK", START),
        ("CN", "NL", "inspection_outcome", "AEO_BENEFIT", START),
        ("CN", "NL", "inspection_outcome", "FISCAL", START),
        ("CN", "NL", "inspection_outcome", "SECURITY_RISK", START - 1),
        ("CN", "NL", "inspection_outcome", "SECURITY_RISK", END),
    ],
)
def test_nothing_else_is_released(
    agreement_text: str, sender: str, receiver: str, kind: str, purpose: str, at: int
) -> None:
    assert parse_agreement(agreement_text).releases(sender, receiver, kind, purpose, at) is None


def test_of_several_in_force_the_highest_version_counts(agreement_text: str) -> None:
    def version(number: int, start: str = "2026-01-01", identifier: str = "cn-nl-security") -> str:
        text = agreement_text.replace("version = 2", f"version = {number}").replace("cn-nl-security", identifier)
        return text.replace("valid_from = 2026-01-01", f"valid_from = {start}")

    known = [
        parse_agreement(text)
        for text in (version(1), version(3), version(2), version(4, "2030-01-01"), version(1, identifier="a-second"))
    ]
    assert [(a.terms.id, a.terms.version) for a in newest_in_force(known, "NL", "CN", START)] == [
        ("a-second", 1),
        ("cn-nl-security", 3),
    ]
    assert newest_in_force(known, "NL", "US", START) == []
    assert newest_in_force(known, "NL", "NL", START) == []
    assert newest_in_force(known, "NL", "CN", END) == []


def test_the_signatures_that_a_link_needs(agreement_text: str) -> None:
    plain = parse_agreement(agreement_text)
    assert plain.log_types == (KeyType.NOTE_ED25519,)
    assert plain.receipt_types == (KeyType.COSIGNATURE_ED25519,)
    hybrid = parse_agreement(agreement_text.replace('"ed25519"', '"ed25519+ml-dsa-44"'))
    assert hybrid.log_types == (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
    assert hybrid.receipt_types == (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)


# --- mistakes that people make ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("mutualrecognition/agreement/v1", "mutualrecognition/agreement/v2", "begins with the line"),
        ("version = 2", "version 2", "line 4"),
        ("version = 2", "version = " + "2" * 5000, "not TOML"),
        ("version = 2", 'version = "2"', "key version: "),
        ("version = 2", "version = 0", "key version: "),
        ("version = 2\n", "", "key version: is missing"),
        ("notice_days", "notice_day", "key notice_day: means nothing here"),
        ('id = "cn', 'id = "CN', "key id: "),
        ('["CN", "NL"]', '["CN", "nl"]', "key parties, value 2: 'nl' is not an administration"),
        ('["CN", "NL"]', '["CN"]', "key parties: "),
        ('["CN", "NL"]', '["CN", "CN"]', "stands there twice"),
        ('["CN", "NL"]', '["CN", "US"]', "NL in [[flows]] table 1 is not among the parties"),
        ("valid_from = 2026-01-01", "valid_from = 2031-01-01", "valid_until must be later"),
        ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"', "key valid_from: it must be a date"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00", "must be in UTC"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00+01:00", "must be in UTC"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00.5Z", "whole seconds"),
        ("valid_from = 2026-01-01", "valid_from = 2026-13-01", "line 8"),
        ('"ed25519"', '"rsa"', "key signatures: "),
        ('["SECURITY_RISK", "AEO_BENEFIT"]', '["SECURITY"]', "key purposes, value 1: "),
        ('["SECURITY_RISK", "AEO_BENEFIT"]', '["SECURITY_RISK"]', "AEO_BENEFIT in [[flows]] table 2"),
        ("retention_days = 730", "retention_days = 0", "[[flows]] table 2 (line 22), key retention_days: "),
        ("retention_days = 730", "retention_days = true", "[[flows]] table 2 (line 22), key retention_days: "),
        ('fields = ["*"]', 'fields = ["*", "tin"]', "[[flows]] table 2 (line 22): fields is either * alone"),
        ('fields = ["*"]', "fields = []", "[[flows]] table 2 (line 22), key fields: "),
        (
            'fields = ["*"]',
            'fields = ["a..b"]',
            "[[flows]] table 2 (line 22), key fields, value 1: 'a..b' is not the path",
        ),
        ('from = "NL"\nto = "CN"', 'from = "NL"\nto = "NL"', "from and to must differ"),
        (
            'from = "NL"\nto = "CN"\nkind = "aeo_status"',
            'from = "CN"\nto = "NL"\nkind = "inspection_outcome"',
            "both say",
        ),
        ('method = "NII_XRAY"\n', "", "a control names its method"),
        ('level_at_most = "LOW"\n', "", "a screening names the highest level"),
        ("max_age_hours = 72\n", "", "[[equivalence]] table 2 (line 41), key max_age_hours: is missing"),
    ],
)
def test_a_mistake_is_pointed_at(agreement_text: str, before: str, after: str, words: str) -> None:
    assert before in agreement_text
    with pytest.raises(DocumentInvalid) as refused:
        parse_agreement(agreement_text.replace(before, after, 1))
    assert words in refused.value.sentence


def test_several_mistakes_are_all_named(agreement_text: str) -> None:
    text = agreement_text.replace("version = 2", "version = 0").replace("retention_days = 365", "retention_days = -1")
    with pytest.raises(DocumentInvalid, match="1 more mistakes") as refused:
        parse_agreement(text)
    assert [violation.path for violation in refused.value.violations] == ["version", "flows[0].retention_days"]


def test_text_that_nobody_would_write_is_refused(agreement_text: str, nl: Owner) -> None:
    with pytest.raises(DocumentInvalid, match="nested"):
        parse_agreement("mutualrecognition/agreement/v1\na = " + "[" * 100_000 + "\n")
    for text in (agreement_text.replace("\n", "\r\n"), agreement_text.replace("version = 2", "version\t= 2")):
        with pytest.raises(GatewayError):
            sign(text, [nl.root(1)], nl.domain)
    with pytest.raises(NoteMalformed):
        sign(agreement_text.rstrip("\n"), [nl.root(1)], nl.domain)
