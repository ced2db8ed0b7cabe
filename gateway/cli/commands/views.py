"""``gateway views``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from gateway.ports.views import RebuildProgress


@click.group(cls=GatewayGroup)
def command() -> None:
    """What is known of operators and consignments is told from the records; this is about finding those."""


@command.command("rebuild", epilog="Examples:\n  gateway views rebuild --home nl")
@home_option
@json_option
def rebuild(home: Path, *, as_json: bool) -> None:
    """File every record anew, with the node stopped. Nothing is lost when this is stopped half way."""
    import asyncio

    from gateway import at_rest, config

    def tell(progress: RebuildProgress) -> None:
        if not as_json:
            click.echo(
                f"\r  {progress.done:,} of {progress.newest:,} records, {progress.keys:,} keys", nl=False, err=True
            )

    digest = asyncio.run(at_rest.rebuild_views(config.load(home), home, tell))
    if as_json:
        click.echo(json.dumps({"digest": digest.hex()}))
        return
    click.echo(err=True)
    click.echo(f"✓ all records are filed; digest {digest.hex()[:16]}…")
