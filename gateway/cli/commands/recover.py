"""``gateway recover``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway recover --from-partner NL --home cn --reason 'the disk failed; agreed with NL by telephone'
  gateway links --home nl --accept-generation CN:2 --reason 'agreed with CN by telephone'      at the partner

With the node stopped, and the partner's running. What comes back is believed only under this node's own signature.
Where anything was lost the log is closed and goes on in its next generation, once the partner's operator has accepted
that. What the partner issued comes back by itself when the link is open again.""",
)
@click.option("--from-partner", "partner", metavar="XX", required=True, help="Whose link it is.")
@click.option("--reason", default="recovered", show_default=True, help="Why; kept in the audit log.")
@home_option
@json_option
def command(*, partner: str, reason: str, home: Path, as_json: bool) -> None:
    """Take this node's own log of a link back from the partner that holds it, and open its next generation."""
    from gateway import config
    from gateway.cli.progress import progress
    from gateway.upkeep.recovery import recover

    with progress(shown=not as_json) as tell:
        done = asyncio.run(recover(config.load(home), home, partner, reason=reason, progress=tell))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        f"✓ {done.origin}: {done.returned:,} came back under our signature, of which missing here: {done.changed:,}"
    )
    if done.renewal is None:
        click.echo("    nothing was lost: the log goes on as it is")
        return
    generation = done.renewal.origin.rpartition("/")[2]
    click.echo(f"    closed at {done.renewal.closed_at:,}; goes on as {done.renewal.origin}")
    click.echo(f"    {done.renewal.waiting_again:,} records that {partner} does not hold wait for it")
    own = config.load(home).administration
    click.echo(
        f"→ {partner}'s operator must accept it: gateway links --accept-generation {own}:{generation} --reason …"
    )
