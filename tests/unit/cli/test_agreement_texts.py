"""``agreement check`` names every mistake with its line, and what is odd; ``diff`` shows what changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "agreement-cn-nl.toml"
TEXT = EXAMPLE.read_text("utf-8")


def gateway(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def checked(tmp_path: Path, text: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
    file = tmp_path / "agreement.toml"
    file.write_text(text, "utf-8")
    done = gateway("agreement", "check", file, "--json")
    return done.exit_code, json.loads(done.output)


def line_with(text: str, pattern: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if re.search(pattern, line))


def test_the_example_is_right() -> None:
    assert (
        gateway("agreement", "check", EXAMPLE).output
        == "✓ cn-nl-security version 1 between CN and NL has no mistake.\n"
    )


def test_every_mistake_with_its_line(tmp_path: Path) -> None:
    text = TEXT.replace("version = 1", "version = 0").replace('kind = "screening_result"', 'kind = "Screening"', 1)
    text = text.replace('threats = ["RADIOLOGICAL_NUCLEAR"]', "threats = []", 1).replace("notice_days", "notice_weeks")
    code, told = checked(tmp_path, text)
    assert code == 1
    assert [(each["line"], each["path"]) for each in told["mistakes"]] == [
        (line_with(text, "^version"), "version"),
        (line_with(text, "^notice"), "notice_weeks"),
        (line_with(text, "Screening"), "flows[1].kind"),
        (line_with(text, r"^threats = \[\]"), "equivalence[1].threats"),
    ]


def test_mistakes_across_tables_are_told_together(tmp_path: Path) -> None:
    text = TEXT.replace("valid_until = 2036", "valid_until = 2025")
    text = text.replace('purposes = ["SECURITY_RISK"]', 'purposes = ["FISCAL"]', 1)
    text = text.replace('from = "NL"', 'from = "US"', 1)
    code, told = checked(tmp_path, text)
    assert code == 1
    assert [each["path"] for each in told["mistakes"]] == ["valid_until", "flows[0].purposes", "flows[3]"]
    assert [each["line"] for each in told["mistakes"]] == [
        line_with(text, "^valid_until"),
        line_with(text, "FISCAL"),
        line_with(text, 'from = "US"') - 1,
    ]


def test_lines_that_are_no_toml(tmp_path: Path) -> None:
    text = TEXT.replace("version = 1", "version =").replace('basis = "control"', "basis = control", 1)
    code, told = checked(tmp_path, text)
    assert code == 1
    assert [each["line"] for each in told["mistakes"]] == [line_with(text, "^version"), line_with(text, "= control")]


@pytest.mark.parametrize(
    ("before", "after", "rule", "place"),
    [
        ('purposes = ["SECURITY_RISK", "AEO_BENEFIT"]', 'purposes = ["SECURITY_RISK", "AEO_BENEFIT", "FISCAL"]', "unused_purpose", "purposes"),
        ('parties = ["CN", "NL"]', 'parties = ["CN", "NL", "US"]', "idle_party", "parties"),
        ("valid_until = 2036-01-01", "valid_until = 2026-01-02", "ended", "valid_until"),
        ("valid_until = 2036-01-01", "valid_until = 2099-01-01", "long", "valid_until"),
        ("valid_until = 2036-01-01", "valid_until = 2026-02-01", "notice_beyond_end", "notice_days"),
        ("retention_days = 730", "retention_days = 36500", "long_retention", "flows[2].retention_days"),
        ("max_age_hours = 8760", "max_age_hours = 72000", "old", "equivalence[0].max_age_hours"),
        ('method = "RAD_RPM"\ncounts_as = "RADIATION"', 'method = "NII_XRAY"\ncounts_as = "NII"', "twice", "equivalence[0]"),
        ('threats = ["RADIOLOGICAL_NUCLEAR"]', 'threats = ["RADIOLOGICAL"]', "no_such_code", "equivalence[1].threats"),
        ('method = "NII_XRAY"', 'method = "XRAY"', "no_such_code", "equivalence[0].method"),
        ('roles = ["EXPORTER", "MANUFACTURER"]', 'roles = ["EX"]', "no_such_code", "equivalence[3].roles"),
        ('kind = "aeo_status"\nhours', 'kind = "seal_event"\nhours', "no_such_flow", "max_status_age[0]"),
        ("[[max_status_age]]", '[[response_times]]\nfrom = "CN"\nto = "NL"\nkind = "seal_event"\nhours = 4\n\n[[max_status_age]]', "nothing_to_answer", "response_times[6]"),
        ('kind = "inspection_outcome"\nfields = [\n', 'kind = "seal_event"\nfields = ["seal",\n', "never_counts", "equivalence[0]"),
        ('kind = "control_answer"', 'kind = "seal_event"', "no_answer", "flows[16]"),
        ('kind = "movement_event"', 'kind = "seal_event"', "loading_unheard", "flows[16]"),
    ],
)  # fmt: skip
def test_what_is_odd(before: str, after: str, rule: str, place: str, tmp_path: Path) -> None:
    assert before in TEXT
    text = TEXT.replace(before, after, 1)
    code, told = checked(tmp_path, text)
    assert (code, told["mistakes"]) == (0, [])
    assert (f"odd.{rule}", place) in {(each["rule"], each["path"]) for each in told["warnings"]}


def test_what_changes(tmp_path: Path) -> None:
    newer = tmp_path / "newer.toml"
    newer.write_text(TEXT.replace("version = 1", "version = 2").replace('"location", ', ""), "utf-8")
    changes = json.loads(gateway("agreement", "diff", EXAMPLE, newer, "--json").output)
    assert [(each["way"], each["effect"], each["before"]) for each in changes] == [
        ("CN → NL", "LESS", "location"),
        ("", "OTHER", "1"),
    ]
    shown = gateway("agreement", "diff", EXAMPLE, newer)
    assert shown.output.endswith("0 more, 1 less, 1 otherwise\n")
    assert gateway("agreement", "diff", EXAMPLE, EXAMPLE).output == "✓ Both say the same.\n"
