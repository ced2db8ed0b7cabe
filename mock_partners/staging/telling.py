"""How plays went, for a person: a table a play, and of what failed what was expected, what came and why it matters."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import CROSS, TICK, printable
from mock_partners.staging.report import Line, Report
from mock_partners.staging.variants import Play

_WIDTH: Final = 110


def tell(console: Console, report: Report) -> None:
    """Print one play: its steps, then what failed."""
    sign, style = (TICK, "green") if report.holds else (CROSS, "red")
    heading = f"{sign} {report.name}: {report.title}"
    console.print(Text(f"\n{heading}  ({report.seconds:.1f} s)", f"bold {style}"))
    console.print(Text(textwrap.fill(" ".join(report.why.split()), _WIDTH), "dim"))
    console.print(_table(report.lines))
    for line in report.lines:
        for fault in line.faults:
            console.print(Text(f"  {CROSS} {line.step}: {printable(fault)}", "red"))
        if line.faults and line.why:
            console.print(Text(f"    It matters because: {line.why}"))
    if report.waits:
        console.print(Text(f"  Not played yet: {report.waits}", "yellow"))


def tell_sum(console: Console, reports: Sequence[Report], seconds: float) -> None:
    """Print how all plays went together."""
    failed = [report.name for report in reports if not report.holds]
    steps = sum(len(report.lines) for report in reports)
    if failed:
        console.print(f"\n{CROSS} {len(failed)} of {len(reports)} scenarios failed: {', '.join(failed)}")
    else:
        console.print(f"\n{TICK} {len(reports)} scenarios, {steps} steps, {seconds:.1f} s: all as expected.")
    console.print("All data in them are made up; the administrations stand for nobody.", style="dim")


def listing(plays: Sequence[Play]) -> Table:
    """Make a table of what can be played."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("scenario", "cast", "title"):
        table.add_column(name)
    for play in plays:
        table.add_row(play.name, " ".join(sorted(play.scenario.cast)), play.scenario.title)
    return table


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("step", "expected", "happened", ""):
        table.add_column(name)
    for line in lines:
        sign = Text(TICK, "green") if line.holds else Text(CROSS, "red")
        table.add_row(line.step, line.expected, printable(line.happened), sign)
    return table
