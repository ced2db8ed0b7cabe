"""``gateway backup``."""

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
  gateway backup /backups/nl-monday --home nl
  gateway fsck /backups/nl-monday
  gateway restore /backups/nl-monday --home nl-new

The node may run. The copy gets its name when it was checked whole, as 'gateway fsck' does; all files are readable for
their owner alone. Private keys stay where they are, unless --with-keys takes them along.""",
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--with-keys", is_flag=True, help="Also the private keys and certificates: keep such a copy as you keep them."
)
@home_option
@json_option
def command(directory: Path, *, with_keys: bool, home: Path, as_json: bool) -> None:
    """Copy the node into the new DIRECTORY: its store as it is at one moment, settings, descriptor, clients."""
    from gateway import config
    from gateway.cli.progress import progress
    from gateway.upkeep.copies import back_up

    with progress(shown=not as_json) as tell:
        made = back_up(config.load(home), home, directory, with_keys=with_keys, progress=tell)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), **asdict(made)}))
        return
    click.echo(f"✓ {directory}: {len(made.files)} files of {made.administration}, checked")
    for log in made.logs:
        click.echo(f"    {log.origin}: {log.size:,} entries, {log.receipted:,} receipted")
