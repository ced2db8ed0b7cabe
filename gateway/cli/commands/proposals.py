"""``gateway proposals``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option


@click.group("proposals", cls=GatewayGroup)
def command() -> None:
    """Changes of trust that a second officer must approve, where the settings ask for four eyes."""


@command.command("list", epilog="Examples:\n  gateway proposals list --home nl --client anna")
@client_option
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List what waits, oldest first."""
    from gateway.cli.client import CALL_SECONDS, proposals
    from gateway.cli.describing import readable, when
    from mutualrecognition.operations.v1 import links_service_pb2 as links
    from mutualrecognition.operations.v1 import proposals_service_pb2 as pb

    with proposals(home) as service:
        waiting = service.ListProposals(pb.ListProposalsRequest(), timeout=CALL_SECONDS).proposals
    for each in waiting:
        if as_json:
            click.echo(json.dumps(readable(each)))
            continue
        kind = links.DocumentType.Name(each.type).removeprefix("DOCUMENT_TYPE_").lower()
        click.echo(
            f"{each.number:>4}  {kind} {each.id} version {each.version}, proposed by {each.proposed_by} at "
            f"{when(each.proposed_at.seconds)}, ends {when(each.expires_at.seconds)}"
        )


@command.command(
    epilog="""\b
Examples:
  gateway proposals approve 3 --home nl --client bert
  gateway proposals approve 3 --words 'bade feko …' --home nl --client bert

The second officer hears the words from the partner too, and not from the first officer: for a partner they are those of
its descriptor, for an agreement those that both sides read to each other when it was signed."""
)
@click.argument("number", type=int)
@click.option("--words", help="The twelve words as they were read to you; asked for when left out.")
@click.option("--digest", help="Instead of the words: the whole digest, base64.")
@client_option
@home_option
@json_option
def approve(number: int, words: str | None, digest: str | None, home: Path, *, as_json: bool) -> None:
    """Carry out proposal NUMBER, which another officer has made."""
    from gateway.cli.client import CALL_SECONDS, proposals
    from gateway.cli.words import compared
    from gateway.errors import Absent
    from mutualrecognition.operations.v1 import proposals_service_pb2 as pb

    with proposals(home) as service:
        waiting = service.ListProposals(pb.ListProposalsRequest(), timeout=CALL_SECONDS).proposals
        found = next((each for each in waiting if each.number == number), None)
        if found is None:
            raise Absent(f"No proposal {number} waits for a second officer.")
        heard = compared(found.digest, f"proposal {number}", words=words, digest=digest, ask=not as_json)
        request = pb.ApproveProposalRequest(number=number, digest=heard)
        added = service.ApproveProposal(request, timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps({"id": added.id, "version": added.version}))
    else:
        click.echo(f"✓ {added.id} version {added.version} is added: {found.proposed_by} proposed it, you approved it.")


@command.command(
    epilog="Examples:\n  gateway proposals withdraw 3 --reason 'the file was another one' --home nl --client bert"
)
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@client_option
@home_option
@json_option
def withdraw(number: int, reason: str, home: Path, *, as_json: bool) -> None:
    """End proposal NUMBER without carrying it out."""
    from gateway.cli.client import CALL_SECONDS, proposals
    from mutualrecognition.operations.v1 import proposals_service_pb2 as pb

    with proposals(home) as service:
        service.WithdrawProposal(pb.WithdrawProposalRequest(number=number, reason=reason), timeout=CALL_SECONDS)
    click.echo(json.dumps({"number": number}) if as_json else f"✓ Proposal {number} is withdrawn.")
