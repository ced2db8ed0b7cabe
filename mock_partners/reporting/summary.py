"""What came of each behaviour, in a table for the terminal: what honest nodes had to do, and whether they did."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from gateway.cli.screen import CROSS, TICK, printable
from mock_partners.behaviours import BEHAVIOURS
from mock_partners.behaviours.spec import read_spec
from mock_partners.staging.report import Report


def summary(reports: Sequence[Report]) -> Table:
    """Give a row for each behaviour of each play."""
    table = Table(title="What honest nodes must do, and did", title_justify="left", box=None, pad_edge=False)
    for name in ("", "behaviour", "must", "happened"):
        table.add_column(name, no_wrap=name == "behaviour")
    for report in reports:
        for spec in report.behaviours:
            sign = Text(TICK, "green") if report.holds else Text(CROSS, "red")
            table.add_row(sign, spec, BEHAVIOURS[read_spec(spec).name].honest, _happened(report))
    return table


def _happened(report: Report) -> str:
    failed = [line for line in report.lines if not line.holds]
    if not failed:
        return f"as expected, in {len(report.lines)} steps"
    return printable(f"{failed[0].step}: {failed[0].faults[0]}")
