"""``./run mock up``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from gateway.cli.durations import DURATION


@click.command(
    "up",
    epilog="""\b
Examples:
  ./run mock up --members NL,CN,US,BR,KE,JP
  ./run mock up --members 12 --topology star --rate 200 --for 2m
  ./run mock up --members 186 --topology k-regular:6 --rate 100
  ./run mock up --members NL,CN --until-quiet
  ./run mock up --members NL,CN,XA --behaviour XA=fork@30s --for 2m --report network.html
  ./run mock up --members NL,CN,KR --csv inspected.csv --until-quiet

Members are real gateways on this machine, each with keys, certificates, a store and ports of its own; what they trade
is made up. With more than 12 members two processes share them. Topologies: mesh, star (all with the first), regions or
regions:SIZE, k-regular:K. Profiles: island, small, medium, hub, mixed. Ctrl-C or SIGTERM ends it: no vessel departs any
more, everything is delivered and signed for, both sides of every log are compared. The exit code is 0 when nothing is
lost, 1 when something is, 2 when there cannot be such a network. The columns of a CSV: docs/mock-networks.md""",
)
@click.option("--members", required=True, help="Codes with commas between, or how many countries.")
@click.option("--topology", default="mesh", show_default=True, help="Who has an agreement with whom.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same network and traffic.")
@click.option(
    "--rate", default=20.0, show_default=True, type=click.FloatRange(min=0, min_open=True), help="Records a second."
)
@click.option("--profile", default="mixed", show_default=True, help="How much each member trades.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Trade what this file says instead.")
@click.option(
    "--behaviour", "behaviours", multiple=True, metavar="XA=SPEC", help="How an adversary misbehaves; more than once."
)
@click.option("--for", "lasts", type=DURATION, metavar="SPAN", help="End by itself, as after 45s or 10m.")
@click.option(
    "--until-quiet", is_flag=True, help="One vessel from each to each partner, or the whole file; then end by itself."
)
@click.option(
    "--place", type=click.Path(file_okay=False, path_type=Path), help="Make the homes here, and leave them there."
)
@click.option("--junit", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write JUnit XML here.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write one page (HTML) of it here."
)
def up(
    *,
    lasts: int | None,
    until_quiet: bool,
    place: Path | None,
    csv: Path | None,
    junit: Path | None,
    report: Path | None,
    **wanted: Any,  # noqa: ANN401  the options that go into the plan
) -> None:
    """Run a network of mock partners, with traffic, until it is stopped."""
    from gateway.cli.screen import out
    from gateway.cli.serving import SWITCH_SECONDS, write_log
    from mock_partners.network.crew import CrewFailed
    from mock_partners.network.declared import read_file
    from mock_partners.network.performing import perform
    from mock_partners.network.plan import Plan, behaviours_in, members_in
    from mock_partners.network.topology import NetworkInvalid
    from mock_partners.network.view import ScreenView
    from mock_partners.reporting.page import write_page
    from mock_partners.staging.junit import write_junit

    write_log(form="json", level="critical")
    sys.setswitchinterval(SWITCH_SECONDS)
    view = ScreenView(out())
    try:
        if csv is not None:
            read_file(csv)
        with tempfile.TemporaryDirectory(prefix="network-", ignore_cleanup_errors=True) as temporary:
            plan = Plan(
                members=members_in(wanted["members"]),
                place=str((empty(place) if place else Path(temporary)).resolve()),
                topology=wanted["topology"],
                seed=wanted["seed"],
                rate=wanted["rate"],
                profile=wanted["profile"],
                csv=str(csv.resolve()) if csv else "",
                behaviours=behaviours_in(wanted["behaviours"]),
                vessels=1 if until_quiet and not lasts else 0,
            )
            account = asyncio.run(perform(plan, view, lasts=lasts, until_quiet=until_quiet))
            if junit is not None:
                write_junit(junit, [account])
            if report is not None:
                write_page(report, "A network of mock partners", [account])
            sys.exit(0 if account.holds else 1)
    except NetworkInvalid as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(2)
    except CrewFailed as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(1)


def empty(place: Path) -> Path:
    """Give a directory that is empty. Raises NetworkInvalid when it is not."""
    from mock_partners.network.topology import NetworkInvalid

    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise NetworkInvalid(f"{place} is there already and is not empty; nothing was changed.")
    place.mkdir(parents=True, exist_ok=True)
    return place
