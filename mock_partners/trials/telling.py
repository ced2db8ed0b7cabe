"""How a trial went, for a person and for continuous integration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import CROSS, TICK, printable
from mock_partners.rogue.attack import Attack
from mock_partners.staging.report import Line, Report
from mock_partners.trials.trial import Verdict


def listing(attacks: Iterable[Attack]) -> Table:
    """Make a table of what there is."""
    table = _table("attack", "what it does", "what an honest gateway answers")
    for each in attacks:
        table.add_row(each.name, each.does, each.answer.words)
    return table


def tell(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print the table of a trial, and below it what failed."""
    table = _table("attack", "expected", "happened", "")
    for each in verdicts:
        sign = Text(TICK, "green") if each.holds else Text(CROSS, "red")
        table.add_row(each.attack.name, each.attack.answer.words, printable(each.happened), sign)
    console.print(table)
    for each in verdicts:
        for fault in each.faults:
            console.print(Text(f"  {CROSS} {each.attack.name}: {printable(fault)}", "red"))
            console.print(Text(f"    It did this: {each.attack.does}"))
    failed = sum(not each.holds for each in verdicts)
    seconds = sum(each.seconds for each in verdicts)
    if failed:
        console.print(f"\n{CROSS} {failed} of {len(verdicts)} attacks were not answered as docs/protocol.md demands.")
    else:
        console.print(f"\n{TICK} {len(verdicts)} attacks, {seconds:.1f} s: each answered as docs/protocol.md demands.")


def report_of(verdicts: Sequence[Verdict]) -> Report:
    """Put a trial into the form that JUnit is written from."""
    report = Report("rogue", "Attacks of a second implementation", "Nobody else would send what it sends.")
    report.seconds = sum(each.seconds for each in verdicts)
    report.lines = [
        Line(each.attack.name, each.attack.answer.words, each.happened, each.faults, each.attack.does)
        for each in verdicts
    ]
    return report


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name)
    return table
