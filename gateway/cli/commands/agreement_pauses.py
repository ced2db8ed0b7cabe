"""``gateway agreement suspend`` and ``resume``: one side's word that an agreement does not count."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, client_option, home_option, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway agreement suspend cn-nl-security --reason 'letter of 3 March' --home nl
  gateway agreement suspend cn-nl-security --at-once --reason 'keys of CN in doubt' --home nl

It begins after the agreement's notice_days, unless --at-once. From then on nothing leaves under it and what the partner
issues under it is quarantined; what waits is kept. An agreement ends for good by a last version that both sign.""",
)
@click.argument("identity")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@click.option("--at-once", is_flag=True, help="Without the term of notice.")
@client_option
@home_option
@json_option
def suspend(identity: str, reason: str, home: Path, *, at_once: bool, as_json: bool) -> None:
    """Suspend the agreement IDENTITY on this side's own word."""
    from gateway.cli.describing import when
    from gateway.cli.trust_door import suspend_agreement

    begins = suspend_agreement(home, identity, reason=reason, at_once=at_once)
    if as_json:
        click.echo(json.dumps({"id": identity, "begins": begins}))
    else:
        click.echo(f"✓ {identity} does not count from {when(begins)} on. Tell the partner.")


@click.command(
    cls=GatewayCommand,
    epilog="Examples:\n  gateway agreement resume cn-nl-security --reason 'settled on 9 March' --home nl",
)
@click.argument("identity")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@client_option
@home_option
@json_option
def resume(identity: str, reason: str, home: Path, *, as_json: bool) -> None:
    """Let the agreement IDENTITY count again, or take a notice back."""
    from gateway.cli.trust_door import resume_agreement

    resume_agreement(home, identity, reason=reason)
    click.echo(json.dumps({"id": identity}) if as_json else f"✓ {identity} counts again.")
