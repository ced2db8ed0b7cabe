"""The page of behaviours says of each what its class says."""

from __future__ import annotations

from mock_partners.behaviours import BEHAVIOURS
from mock_partners.behaviours.listing import values_of
from tests.docs.pages import ROOT, rows

PAGE = (ROOT / "docs" / "behaviours.md").read_text("utf-8")


def test_page_and_classes_say_the_same() -> None:
    told = [row for row in rows(PAGE) if row[0].startswith("`")]
    assert told == [
        [f"`{each.name}`", " ".join(f"`{value}`" for value in values_of(each)) or "none", each.does, each.honest]
        for each in BEHAVIOURS.values()
    ]
