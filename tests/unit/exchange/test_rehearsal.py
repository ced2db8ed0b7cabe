"""What a new version would do to records that are there already."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.exchange.rehearsal import Outcome, rehearse, with_version
from gateway.trust.agreements import parse_agreement
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK, Record
from tests.unit.exchange.trusted_world import CONTROL_FIELDS, NOW, agreement_text, book_of_cn


def control(issuer: str = "CN") -> Record:
    """A control with what CN's agreement with NL lets through, and the officer's pseudonym, which it does not."""
    record = Record()
    record.header.issuer = issuer
    record.header.purpose = PURPOSE_SECURITY_RISK
    body = record.inspection_outcome
    body.control_id, body.officer_ref = "C-1", "a pseudonym"
    body.location.locode = "CNYTN"
    return record


def rehearsed(
    found: Sequence[Record], flows: list[tuple[str, list[str]]], way: tuple[str, str] = ("CN", "NL")
) -> list[tuple[str, Outcome, tuple[str, ...], int]]:
    old = book_of_cn()
    new = parse_agreement(agreement_text("cn-nl", *way, flows, version=2))
    rows = rehearse(found, old, with_version(old, new), now=NOW, at=NOW)
    return [(row.receiver, row.outcome, row.fields, row.count) for row in rows]


CASES: dict[str, tuple[list[tuple[str, list[str]]], tuple[Outcome, tuple[str, ...]]]] = {
    "the same": ([("inspection_outcome", CONTROL_FIELDS)], (Outcome.SAME, ())),
    "everything": ([("inspection_outcome", ["*"])], (Outcome.MORE, ("inspection_outcome.officer_ref",))),
    "no more": ([("screening_result", ["*"])], (Outcome.REFUSED, ())),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_control(case: str) -> None:
    flows, (outcome, fields) = CASES[case]
    assert rehearsed([control(), control()], flows) == [("NL", outcome, fields, 2), ("US", Outcome.SAME, (), 2)]


def test_a_record_without_which_it_says_nothing_is_refused() -> None:
    fields = [each for each in CONTROL_FIELDS if each != "control_id"]
    (first, _) = rehearsed([control()], [("inspection_outcome", fields)])
    assert first[1] in (Outcome.REFUSED, Outcome.REDUCED)


def test_reduced() -> None:
    fields = [each for each in CONTROL_FIELDS if each != "location"]
    (first, _) = rehearsed([control()], [("inspection_outcome", fields)])
    assert first == ("NL", Outcome.REDUCED, ("inspection_outcome.location",), 1)


def test_a_kind_that_goes_for_the_first_time() -> None:
    record = Record()
    record.header.issuer, record.header.purpose = "CN", PURPOSE_SECURITY_RISK
    record.seal_event.container_number = "MSKU3841906"
    assert rehearsed([record], [("seal_event", ["*"])]) == [("NL", Outcome.NEW, (), 1)]
    assert rehearsed([record], [("screening_result", ["*"])]) == []


def test_what_came_in_is_held_against_its_issuers_way() -> None:
    assert rehearsed([control("NL")], [("inspection_outcome", ["*"])], ("NL", "CN")) == [("CN", Outcome.NEW, (), 1)]


def test_nothing_is_changed() -> None:
    old: TrustBook = book_of_cn()
    new = parse_agreement(agreement_text("cn-nl", "CN", "NL", [("seal_event", ["*"])], version=2))
    with_version(old, new)
    assert old.release("NL", "seal_event", "SECURITY_RISK", NOW) is None
