"""``gateway restore``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway restore /backups/nl-monday --home nl-new
  gateway restore /backups/nl-monday --home nl --replace
  gateway recover --from-partner CN --home nl

A copy does not know what was signed after it was made. So no link of a restored node opens before its log was recovered
from the partner, which holds it, and goes on in its next generation.""",
)
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="There is a store already: keep it beside, under another name.")
@home_option
@json_option
def command(directory: Path, *, replace: bool, home: Path, as_json: bool) -> None:
    """Put the copy in DIRECTORY in the place of the node's store, with the node stopped."""
    from gateway import config
    from gateway.cli.describing import when
    from gateway.cli.progress import progress
    from gateway.upkeep.copies import restore

    with progress(shown=not as_json) as tell:
        made = restore(directory, home, replace=replace, progress=tell)
    if as_json:
        click.echo(json.dumps({"home": str(home), **asdict(made)}))
        return
    click.echo(f"✓ {home} is {made.administration} as it was at {when(made.made_at)}")
    if not (home / config.load(home).files.keys).is_dir():
        click.echo("→ The copy has no private keys: put this node's own keys and certificates in their places.")
    for log in made.logs:
        if f"/links/{made.administration}/" not in log.origin:
            partner = log.origin.split("/")[-2]
            click.echo(f"→ {log.origin} is closed: 'gateway recover --from-partner {partner} --home {home}'")
