"""Code lists are data, and what they do not know is a warning."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.errors import Malformed
from gateway.records import check, warnings
from gateway.records.codes import SHIPPED, read_code_list, shipped
from tests.unit.records.making import example_record

LIST = """# list: locode
# edition: 2026-1
# complete: yes
# source: a test
code,meaning,valid_from,valid_until,same_as
NLRTM,Rotterdam,,,
CNYTN,Yantian,,2026-01-31,
CNSZP,Shenzhen,2026-12-01,,
XXALI,,,,NLRTM
"""


def test_shipped_lists_have_edition_and_source() -> None:
    assert set(shipped()) == set(SHIPPED)
    for name, known in shipped().items():
        assert known.name == name
        assert known.edition
        assert known.source
        assert known.codes
    assert len(shipped()["country"].codes) == 249


def test_a_code_has_dates() -> None:
    codes = read_code_list(LIST).codes
    assert codes["CNYTN"].holds_on(date(2026, 1, 31))
    assert not codes["CNYTN"].holds_on(date(2026, 2, 1))
    assert not codes["CNSZP"].holds_on(date(2026, 11, 30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        LIST.replace("# edition: 2026-1\n", ""),
        LIST.replace("code,meaning", "code,text"),
        LIST + "NLRTM,twice,,,\n",
        LIST + "NLAMS,Amsterdam,last year,,\n",
        LIST + "NLAMS,Amsterdam\n",
        LIST + "NLAMS,Amsterdam,,,NLXXX\n",
        LIST + ",nothing,,,\n",
    ],
)
def test_a_list_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_code_list(text)


@pytest.mark.parametrize(
    ("code", "rule"),
    [("NLRTM", None), ("CNYTN", "code.out_of_date"), ("XXALI", "code.alias"), ("NLXYZ", "code.unknown")],
)
def test_unknown_codes_are_a_warning_and_no_fault(code: str, rule: str | None) -> None:
    record = example_record("seal_event")
    record.seal_event.place.locode = code
    found = warnings(record, {**shipped(), "locode": read_code_list(LIST)})
    assert [(warning.path, warning.rule) for warning in found] == ([("seal_event.place.locode", rule)] if rule else [])
    assert check(record) == ()


def test_check_digits_are_a_warning_in_a_record() -> None:
    record = example_record("movement_event")
    event = record.movement_event
    event.consignment.container_numbers[:] = ["CSQU3054384", "HLXU6301940", "KK234567"]
    event.new_voyage.imo = "9074728"
    assert [(warning.path, warning.rule) for warning in warnings(record)] == [
        ("movement_event.consignment.container_numbers[0]", "container.check_digit"),
        ("movement_event.consignment.container_numbers[1]", "container.ambiguous_zero"),
        ("movement_event.new_voyage.imo", "imo.check_digit"),
    ]
    assert check(record) == ()


def test_hs_codes_are_looked_up_under_their_own_edition() -> None:
    record = example_record("consignment_data")
    data = record.consignment_data
    data.goods[0].hs_code = "854140"
    assert [warning.rule for warning in warnings(record)] == ["code.unknown"]
    data.hs_edition = "2017"
    assert warnings(record) == ()
    data.hs_edition = "2018"
    assert [warning.rule for warning in warnings(record)] == ["hs.impossible"]
