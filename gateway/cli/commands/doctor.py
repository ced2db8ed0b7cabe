"""``gateway doctor``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import REFUSED, GatewayCommand, client_option, home_option, json_option

if TYPE_CHECKING:
    from gateway.cli.doctor.finding import Finding
    from gateway.config import Config
    from gateway.trust.descriptors import Descriptor


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway doctor --home nl
  gateway doctor CN --home nl
  gateway doctor CN --home nl --json

✓ is well, ✗ must be mended and says by whom, ! should be known. Exit code 1 with any ✗. It works while the node runs,
which it then asks, and when it does not.""",
)
@click.argument("partner", required=False, metavar="[PARTNER]")
@client_option
@home_option
@json_option
def command(partner: str | None, home: Path, *, as_json: bool) -> None:
    """Look at this node, and at the way to PARTNER or to every partner: what is wrong, and who must do what."""
    from gateway import config
    from gateway.cli.doctor.finding import Health
    from gateway.cli.screen import CROSS, TICK, printable

    signs = {Health.GOOD: TICK, Health.BAD: CROSS, Health.LOOK: "!"}
    worst = False
    for found in _examine(config.load(home), home, partner):
        worst = worst or found.health is Health.BAD
        if as_json:
            click.echo(json.dumps(asdict(found)))
        else:
            click.echo(f"{signs[found.health]} {found.area:22} {printable(found.sentence)}")
    if worst:
        raise click.exceptions.Exit(REFUSED)


def _examine(settings: Config, home: Path, wanted: str | None) -> Iterator[Finding]:
    from gateway.cli.doctor.finding import good, look
    from gateway.cli.doctor.home import look_at_home
    from gateway.cli.doctor.line import look_at_line
    from gateway.cli.doctor.running import look_at_node
    from gateway.cli.trust_door import node_runs
    from gateway.errors import Absent

    newest = _newest(home)
    own = newest.pop(settings.administration, None)
    if wanted is not None and wanted not in newest:
        raise Absent(f"There is no partner {wanted} here.")
    chosen = [newest[name] for name in sorted(newest) if wanted in (None, name)]
    yield from look_at_home(settings, home, own)
    if node_runs(home):
        yield from look_at_node(home, [each.administration for each in chosen])
    else:
        yield look("node", "It does not run: links, clocks and agreements can only be looked at while it does.")
    for each in chosen:
        yield good(f"{each.administration} descriptor", f"version {each.version}, {each.domain}")
        yield from look_at_line(settings, home, own, each)


def _newest(home: Path) -> dict[str, Descriptor]:
    from gateway.cli.trust_door import held_documents
    from gateway.ports.documents import DocumentType
    from gateway.trust.succession import verify_first

    held = [verify_first(each.note) for each in held_documents(home, DocumentType.DESCRIPTOR)]
    return {each.administration: each for each in sorted(held, key=lambda each: each.version)}
