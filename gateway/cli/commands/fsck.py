"""``gateway fsck``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import REFUSED, GatewayCommand, json_option

if TYPE_CHECKING:
    from gateway.stores.sqlite.checking import CheckReport


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway fsck nl
  gateway fsck nl --repair                 with the node stopped
  gateway fsck /backups/nl-monday          a copy made by 'gateway backup'

Every root is derived anew from salts and records, every signature verified, every view filed anew and compared. While
the node runs, a copy of the store is checked instead, beside it on the same disk.

\b
Exit codes:
  0  everything fits
  1  something does not, or the check could not be made""",
)
@click.argument("home", default=".", envvar="GATEWAY_HOME", type=click.Path(file_okay=False, path_type=Path))
@click.option("--repair", is_flag=True, help="Derive again what can be: the view index, inner nodes, peaks.")
@json_option
def command(home: Path, *, repair: bool, as_json: bool) -> None:
    """Check the store of the node at HOME, and name what is wrong and its safe repair."""
    from gateway.cli.progress import progress
    from gateway.upkeep.checking import check, repair_home

    with progress(shown=not as_json) as tell:
        before, report = repair_home(home, tell) if repair else (None, check(home, tell))
    if as_json:
        click.echo(json.dumps(_plain(report)))
    else:
        if before is not None and before.count > report.count:
            click.echo(f"✓ repaired: {before.count - report.count} of {before.count} findings are gone")
        _tell(report)
    if not report.sound:
        raise click.exceptions.Exit(REFUSED)


def _tell(report: CheckReport) -> None:
    from gateway.cli.screen import printable

    looked = f"{report.logs} logs, {report.entries:,} entries, {report.receipts:,} receipts, {report.records:,} records"
    if report.sound:
        click.echo(f"✓ everything fits: {looked}")
        return
    click.echo(f"✗ {report.count} findings in {looked}", err=True)
    for found in report.findings:
        click.echo(f"  {printable(found.place)}: {printable(found.sentence)}", err=True)
    if report.count > len(report.findings):
        click.echo(f"  … and {report.count - len(report.findings)} more", err=True)
    for advice in dict.fromkeys(found.advice for found in report.findings):
        click.echo(f"→ {advice}", err=True)


def _plain(report: CheckReport) -> dict[str, object]:
    return {
        "sound": report.sound,
        "logs": report.logs,
        "entries": report.entries,
        "receipts": report.receipts,
        "records": report.records,
        "count": report.count,
        "findings": [
            {"place": each.place, "sentence": each.sentence, "repair": each.repair, "advice": each.advice}
            for each in report.findings
        ],
    }
