"""``gateway descriptor``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option


@click.group("descriptor", cls=GatewayGroup)
def command() -> None:
    """Show what this administration says of itself."""


@command.command(
    epilog="""\b
Examples:
  gateway descriptor show --home nl
  gateway descriptor show partner.note"""
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, path_type=Path))
@home_option
@json_option
def show(file: Path | None, home: Path, *, as_json: bool) -> None:
    """Show the node's descriptor, or the one in FILE, with the digest that people compare."""
    from gateway.cli.describing import when
    from gateway.cli.screen import printable
    from gateway.node_files import NodeFiles
    from gateway.trust.documents import write_digest
    from gateway.trust.succession import verify_first

    if file:
        note = file.read_bytes()
    else:
        from gateway import config

        note = NodeFiles(config.load(home), home).descriptor()
    found = verify_first(note)
    facts = {
        "administration": found.administration,
        "name": found.name,
        "domain": found.domain,
        "version": found.version,
        "digest": write_digest(found.digest),
        "issued": when(found.issued),
        "contacts": list(found.contacts),
        "endpoints": list(found.endpoints),
        "roots": [key.vkey for key in found.roots],
        "log_keys": [f"{each.key.bare} until {when(each.valid_until)}" for each in found.log_keys],
        "receipt_keys": [f"{each.key.bare} until {when(each.valid_until)}" for each in found.receipt_keys],
    }
    if as_json:
        click.echo(json.dumps({**facts, "text": found.text}))
        return
    for name, value in facts.items():
        for each in value if isinstance(value, list) else [value]:
            click.echo(f"{name.replace('_', ' '):15} {printable(str(each))}")
