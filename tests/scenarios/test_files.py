"""The files that come with the project: numbers hold, every agreement is one, and what is made up says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.records.identifiers import parse_container, parse_tin
from gateway.records.identifiers.containers import Conformity
from gateway.trust.agreements import parse_agreement
from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.variants import FOLDER, Play, plays_of, shipped

PLAYS = [each for file in shipped() for each in plays_of(file)]
NAMED = pytest.mark.parametrize("each", PLAYS, ids=lambda each: each.name)


def values_of(data: Any, *names: str) -> Iterator[str]:
    """Give every text that stands under one of these keys, at any depth; references left out."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in names:
                found = value if isinstance(value, list) else [value]
                yield from (each for each in found if isinstance(each, str) and not each.startswith(("$", "@")))
            yield from values_of(value, *names)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from values_of(each, *names)


@NAMED
def test_container_numbers_have_their_check_digit(each: Play) -> None:
    tables = each.scenario.model_dump()
    for number in values_of(
        tables, "container", "container_numbers", "container_number", "from_container", "to_container"
    ):
        assert parse_container(number).conformity is Conformity.CONFORMS, number


@NAMED
def test_trader_numbers_have_the_form_of_one(each: Play) -> None:
    for number in values_of(each.scenario.model_dump(), "tin"):
        parse_tin(number)


@NAMED
def test_agreements_are_such(each: Play) -> None:
    for use in each.scenario.agreements:
        terms = parse_agreement(agreement_text(use)).terms
        assert set(terms.parties) == set(use.parties) <= set(each.scenario.cast)
        assert "made up" in terms.title


def test_names_are_told_apart() -> None:
    names = [each.name for each in PLAYS]
    assert len(set(names)) == len(names)
    assert "made up" in (FOLDER / "records.toml").read_text("utf-8")
