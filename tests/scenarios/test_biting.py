"""A scenario whose end is another than it says fails: in the report, on the screen, in JUnit and by the exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_partners.command import cli
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "scenarios.md").read_text("utf-8")


def example() -> str:
    """Give the example of the page."""
    (found,) = re.findall(r"<!-- example: scenario -->\n\n```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return found


def run(file: Path, text: str, *words: str) -> tuple[int, str]:
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(cli, ["run", str(file), *words])
    return done.exit_code, done.output


def test_the_example_of_the_page_comes_out_as_it_says(tmp_path: Path) -> None:
    code, said = run(tmp_path / "mine.toml", example(), "--junit", str(tmp_path / "j.xml"))
    assert code == 0, said
    assert "✓ 2 scenarios, 6 steps" in said
    assert 'failures="1"' not in (tmp_path / "j.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('outcome = "RELY"', 'outcome = "DO_NOT_RELY"', "outcome: expected DO_NOT_RELY, came RELY"),
        (
            'kind = "inspection_outcome"',
            'kind = "inspection_outcome"\nrefused = "NO_AGREEMENT"',
            "expected NO_AGREEMENT",
        ),
        ('kind = "inspection_outcome"', 'kind = "inspection_outcome"\nquarantined = true', "expected QUARANTINED"),
    ],
)
def test_another_end_fails_and_says_why_it_matters(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = example().split("[[variants]]", maxsplit=1)[0]
    assert old in text
    code, said = run(tmp_path / "mine.toml", text.replace(old, new, 1), "--junit", str(tmp_path / "j.xml"))
    words = " ".join(said.split())
    assert code == 1
    assert told in words
    assert "1 of 1 scenarios failed: mine" in words
    assert told in (tmp_path / "j.xml").read_text("utf-8")


def test_what_cannot_be_played_is_told_before_any_node_starts(tmp_path: Path) -> None:
    code, said = run(tmp_path / "mine.toml", example().replace('time = "21d"', 'time = "soon"'))
    assert code == 2
    assert "[[steps]] table 2 (advance), key time: 'soon' is not a span of time" in said


def test_a_scenario_without_a_fact_that_it_needs_cannot_be_played(tmp_path: Path) -> None:
    code, said = run(tmp_path / "mine.toml", example().replace('seal = "CN0047821"\n', ""))
    assert code == 2
    assert "needs the fact $seal" in said


def test_the_list_names_scenarios_and_variants() -> None:
    done = CliRunner().invoke(cli, ["run", "--list"])
    assert done.exit_code == 0
    assert re.search(r"^06-no-load +BE CO +No-load", done.output, re.MULTILINE)
