"""One page with everything: what was expected, what happened, and the exchange as it was. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.cli.screen import printable
from mock_partners.behaviours import BEHAVIOURS, Behaviour
from mock_partners.behaviours.spec import read_spec
from mock_partners.reporting.drawing import Drawing, draw
from mock_partners.reporting.sequence import rows_of
from mock_partners.staging.report import Report

_TEMPLATE: Final = "page.html.j2"


@dataclass(frozen=True, slots=True)
class _Section:
    report: Report
    number: int
    behaviours: Sequence[tuple[str, type[Behaviour]]]
    drawing: Drawing
    unfolded: bool


def write_page(file: Path, title: str, reports: Iterable[Report]) -> None:
    """Write a page that stands by itself: it can be sent, printed and kept."""
    file.write_text(page(title, list(reports)), "utf-8")


def page(title: str, reports: Sequence[Report]) -> str:
    """Draw the page. A diagram is unfolded where something failed, or where there is but one."""
    environment = Environment(
        loader=PackageLoader("mock_partners.reporting", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    sections = [_section(number, report, alone=len(reports) == 1) for number, report in enumerate(reports)]
    failed = [each for each in reports if not each.holds]
    return environment.get_template(_TEMPLATE).render(
        title=title, sections=sections, failed=failed, steps=sum(len(each.lines) for each in reports)
    )


def _section(number: int, report: Report, *, alone: bool) -> _Section:
    named = [(spec, BEHAVIOURS[read_spec(spec).name]) for spec in report.behaviours]
    rows = rows_of(report.trace.events, [line.step for line in report.lines])
    return _Section(report, number, named, draw(rows), alone or not report.holds)
