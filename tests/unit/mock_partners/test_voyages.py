"""Voyages: the same at both ends, and good by the records' own rules, whichever administration states them."""

from __future__ import annotations

import pytest

from gateway import records
from mock_partners.traffic.voyages import RECORDS_A_BOX, voyage

NOW = 1_790_000_000


@pytest.mark.parametrize(("exporter", "importer"), [("CN", "NL"), ("NL", "CN"), ("KE", "BR"), ("XA", "JP")])
def test_what_is_stated_keeps_the_rules_and_names_the_importer_alone(exporter: str, importer: str) -> None:
    kinds = set()
    for number in range(30):
        for submission in voyage(1, exporter, importer, number, (1, 6)).submissions(NOW):
            record = submission.record
            kinds.add(record.WhichOneof("body"))
            assert list(submission.recipients) == [importer]
            record.header.issuer = exporter
            record.header.record_id = "0197b6a0-0000-7000-8000-000000000001"
            record.header.issued_at.seconds = NOW
            record.header.agreement_id, record.header.agreement_version = "a", 1
            assert records.check(record) == ()
    assert kinds == {"screening_result", "inspection_outcome", "aeo_status"}


def test_both_ends_know_the_same_goods_and_another_seed_or_number_is_another_voyage() -> None:
    given = [voyage(seed, "CN", "NL", number, (4, 9)) for seed, number in ((1, 0), (1, 0), (1, 1), (2, 0))]
    assert given[0] == given[1]
    assert len({each.cargo for each in map(_seen, given)}) == 3
    stated = {tuple(each.record.header.subject.consignment.container_numbers) for each in given[0].submissions(NOW)}
    asked = {tuple(each.consignment.container_numbers) for each in given[1].questions()}
    assert asked == stated - {()}


def test_request_ids_are_never_used_twice() -> None:
    made = [voyage(1, a, b, number, (4, 9)) for a, b in (("CN", "NL"), ("NL", "CN")) for number in range(5)]
    ids = [each.request_id for one in made for each in one.submissions(NOW)]
    assert len(set(ids)) == len(ids) >= 2 * 5 * 4 * RECORDS_A_BOX


class _Seen:
    def __init__(self, cargo: tuple[str, ...]) -> None:
        self.cargo = cargo


def _seen(given: object) -> _Seen:
    return _Seen(tuple(str(goods.reference) for goods in given.cargo))  # type: ignore[attr-defined]
