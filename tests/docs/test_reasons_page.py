"""The page of reasons has every reason that a rule can give, and names where each is reached: a scenario that expects it."""

from __future__ import annotations

import re

import pytest

from gateway.recognition.reasons import Reason
from mock_partners.staging.variants import plays_of, shipped
from tests.docs.pages import ROOT, rows
from tests.scenarios.expecting import reasons_expected

PAGE = (ROOT / "docs" / "reasons.md").read_text("utf-8")
ROWS = [row for row in rows(PAGE) if row[0].startswith("`")]
EXPECTED = {play.name: reasons_expected(play.scenario) for file in shipped() for play in plays_of(file)}


def test_page_and_code_have_the_same_reasons() -> None:
    named = [row[0].strip("`") for row in ROWS]
    assert sorted(named) == sorted(reason.value for reason in Reason)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("`"))
def test_each_is_reached_where_the_page_says(row: list[str]) -> None:
    reason = row[0].strip("`")
    (place,) = re.findall(r"`([^`]+)`", row[3])
    if place in EXPECTED:
        assert reason in EXPECTED[place], f"{place} does not expect {reason}"
        return
    tests = [file.read_text("utf-8") for file in sorted((ROOT / place).rglob("test_*.py"))]
    assert any(reason in text for text in tests), f"no test in {place} speaks of {reason}"


def test_every_row_says_what_it_means_and_who_acts() -> None:
    assert [row[0] for row in ROWS if not (row[1].endswith(".") and row[2].endswith("."))] == []
