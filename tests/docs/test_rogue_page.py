"""docs/rogue.md lists the attacks that there are, with what they do and what must be answered."""

from __future__ import annotations

from mock_partners.rogue.catalogue import ATTACKS, GROUPS, attacks_of
from tests.docs.pages import ROOT, rows, section

PAGE = (ROOT / "docs" / "rogue.md").read_text("utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    for heading in GROUPS:
        made = [
            [
                f"`{each.name}`",
                each.does,
                ", ".join(each.breaks),
                each.answer.words + ("; in the audit log" if each.audited else ""),
            ]
            for each in attacks_of(heading)
        ]
        assert rows(section(PAGE, f"### {heading}")) == made, heading


def test_no_attack_is_in_two_groups_or_without_a_requirement() -> None:
    assert sum(len(attacks_of(heading)) for heading in GROUPS) == len(ATTACKS)
    assert [each.name for each in ATTACKS.values() if not each.breaks] == []


def test_every_requirement_that_an_attack_breaks_exists(protocol: str) -> None:
    named = {requirement for each in ATTACKS.values() for requirement in each.breaks}
    assert {each for each in named if f"- **{each}** " not in protocol} == set()
