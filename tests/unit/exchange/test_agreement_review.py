"""An agreement is held against the records of this version, and what it cannot keep is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import DocumentInvalid
from gateway.exchange.agreement_review import review
from tests.unit.exchange.trusted_world import agreement_text

FIELDS = ("nonsense", "colour.hue", "screening_result.assessments.level", "screening_result.recommendation")
ROOT = Path(__file__).parents[3]
WRITTEN = sorted([*(ROOT / "docs").rglob("*.toml"), *(ROOT / "gateway").rglob("agreements/*.toml")])


def text(*flows: tuple[str, list[str]]) -> str:
    return agreement_text("cn-nl", "CN", "NL", list(flows))


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_the_agreements_of_this_project_can_be_kept(file: Path) -> None:
    assert review(file.read_text("utf-8")) == ()


def test_everything_can_always_be_kept() -> None:
    assert review(text(("inspection_outcome", ["*"]), ("alert", ["*"]))) == ()


def test_what_cannot_be_kept_is_named_with_its_place() -> None:
    given = text(
        ("alert", ["*"]),
        ("gossip", ["*"]),
        (
            "screening_result",
            [
                "consignment",
                "performed_at",
                "stage",
                "data_completeness",
                "assessments.threat",
                "colour.hue",
                "nonsense",
            ],
        ),
    )
    line = given.split("\n").index("[[flows]]") + 1
    found = review(given)
    unknown, withheld = "flow.field_unknown", "flow.required_withheld"
    assert found[0].rule == "flow.kind_unknown"
    assert found[0].path == "flows[1].kind"
    named = {(each.rule, name) for each in found[1:] for name in FIELDS if f" {name} " in each.message}
    assert named == {
        (unknown, "nonsense"),
        (unknown, "colour.hue"),
        (withheld, "screening_result.assessments.level"),
        (withheld, "screening_result.recommendation"),
    }
    assert len(found) == 1 + len(named)
    assert {each.path for each in found[1:]} == {"flows[2].fields"}
    assert all(each.message.startswith("[[flows]] table ") and "CN to NL" in each.message for each in found)
    assert f"table 2 (line {line + 7})" in found[0].message


def test_what_is_no_agreement_is_not_reviewed() -> None:
    with pytest.raises(DocumentInvalid):
        review("something else\n")
