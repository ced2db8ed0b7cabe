"""Each rule is missed: on nodes whose rule never objects, some scenario comes out otherwise than it says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.recognition.rules import RULES, Rule
from mock_partners.staging.homes import Homes
from mock_partners.staging.playing import play
from mock_partners.staging.variants import Play, plays_of, shipped
from tests.docs.pages import ROOT
from tests.scenarios.expecting import reasons_expected

PLAYS = [each for file in shipped() for each in plays_of(file)]
PAGE = (ROOT / "docs" / "reasons.md").read_text("utf-8")


def reasons_of(rule: Rule) -> set[str]:
    """Give the reasons of a rule, as the page groups them by the rules' numbers."""
    (group,) = re.findall(rf"^## {rule.number}\. .*?(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^\| `([A-Z_]+)` \|", group, re.MULTILINE))


def likely(rule: Rule) -> list[Play]:
    """Give the plays that expect one of the rule's reasons, the shortest first."""
    mine = reasons_of(rule)
    found = [each for each in PLAYS if reasons_expected(each.scenario) & mine]
    return sorted(found, key=lambda each: len(each.scenario.steps))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
async def test_a_rule_that_never_objects_is_noticed(rule: Rule, homes: Homes, tmp_path: Path) -> None:
    mutant = tuple(each.always_holding() if each is rule else each for each in RULES)
    tried = []
    for number, each in enumerate(likely(rule)):
        report = await play(each, homes, tmp_path / str(number), lambda _, traced: replace(traced, rules=mutant))
        failed = [line.step for line in report.lines if not line.holds]
        if failed:
            assert "decides" in failed[0] or "sees" in failed[0], f"{each.name} fails otherwise than by its decision"
            return
        tried.append(each.name)
    pytest.fail(f"NO SCENARIO NOTICES when the rule {rule.name!r} never objects (tried {tried}): write one")
