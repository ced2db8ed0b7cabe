"""``./run mock run``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(
    "run",
    epilog="""\b
Examples:
  ./run mock run 01-rely
  ./run mock run rely part/narcotics-found
  ./run mock run my-scenario.toml --log-level info
  ./run mock run --all --junit scenarios.xml
  ./run mock run fork --html fork.html
  ./run mock run --list

A scenario is named with its number or without; NAME/VARIANT is one variant of it, NAME alone is the scenario with all
its variants. Each is played on nodes of its own, which are real: TLS, signed logs, receipts; only the time of day is
the scenario's. The exit code is 0 when everything came as expected, 1 when not, 2 when a scenario cannot be played.
How to write one: docs/scenarios.md""",
)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--all", "everything", is_flag=True, help="Every scenario that comes with the project.")
@click.option("--list", "listed", is_flag=True, help="Show what there is, and play nothing.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write JUnit XML into this file."
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write one page with everything, diagrams of the exchange included, into this file.",
)
@click.option(
    "--at-a-time", default=3, show_default=True, type=click.IntRange(1, 16), help="How many are played at once."
)
@click.option(
    "--log-level",
    default="critical",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error", "critical"]),
    help="What the nodes log, on standard error.",
)
def command(
    scenarios: tuple[str, ...],
    *,
    everything: bool,
    listed: bool,
    junit: Path | None,
    html: Path | None,
    at_a_time: int,
    log_level: str,
) -> None:
    """Play scenarios on real nodes, and compare what comes with what should."""
    import time

    from gateway.cli.screen import err, out
    from gateway.cli.serving import write_log
    from mock_partners.reporting.page import write_page
    from mock_partners.reporting.summary import summary
    from mock_partners.staging import telling
    from mock_partners.staging.junit import write_junit
    from mock_partners.staging.playing import play_all
    from mock_partners.staging.report import Report
    from mock_partners.staging.script import ScenarioInvalid
    from mock_partners.staging.variants import find_plays, plays_of, shipped

    if not (scenarios or everything or listed):
        raise click.UsageError("Name a scenario, or --all; --list shows what there is.")
    console, progress = out(), err()
    try:
        named = [play for each in scenarios for play in find_plays(each)]
        every = [play for file in shipped() for play in plays_of(file)] if everything or not scenarios else []
        plays = [*named, *every]
        if listed:
            console.print(telling.listing(plays))
            return
        write_log(form="text", level=log_level)
        ended: list[Report] = []

        def told(report: Report) -> None:
            ended.append(report)
            progress.print(f"{len(ended)}/{len(plays)} {report.name} {'✓' if report.holds else '✗'}", style="dim")

        began = time.monotonic()
        reports = play_all(plays, at_a_time=at_a_time, told=told)
    except ScenarioInvalid as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(2)
    for report in reports:
        telling.tell(console, report)
    if any(report.behaviours for report in reports):
        console.print(summary(reports))
    telling.tell_sum(console, reports, time.monotonic() - began)
    if junit is not None:
        write_junit(junit, reports)
    if html is not None:
        write_page(html, "Scenarios", reports)
    sys.exit(0 if all(report.holds for report in reports) else 1)
