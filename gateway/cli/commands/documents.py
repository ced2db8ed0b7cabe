"""``gateway documents``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option


@click.group("documents", cls=GatewayGroup)
def command() -> None:
    """Agreements that travel between officers on the link, and wait for their word."""


@command.command("list", epilog="Examples:\n  gateway documents list --home nl")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the notes there, to read and sign."
)
@home_option
@json_option
def list_(out: Path | None, home: Path, *, as_json: bool) -> None:
    """List what partners have offered and nobody has decided about; at most 16 of each partner wait."""
    from gateway.cli.client import CALL_SECONDS, offers
    from gateway.cli.describing import when
    from gateway.cli.screen import printable
    from gateway.trust.documents import write_digest
    from gateway.whole_files import write_whole
    from mutualrecognition.operations.v1 import offers_service_pb2 as pb

    with offers(home) as service:
        found = service.ListOffers(pb.ListOffersRequest(), timeout=CALL_SECONDS).offers
    for each in found:
        document = each.document
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_whole(out / f"{document.id}-{document.version}.note", document.note)
        facts = {
            "partner": each.partner,
            "id": document.id,
            "version": document.version,
            "digest": write_digest(document.digest),
            "signed_by": list(each.signed_by),
            "offered": document.added_at.seconds,
        }
        if as_json:
            click.echo(json.dumps(facts))
            continue
        told = f"{each.partner}  {document.id} version {document.version}  signed by {', '.join(each.signed_by)}"
        click.echo(printable(f"{told}  {when(document.added_at.seconds)}  {facts['digest']}"))


@command.command(epilog="Examples:\n  gateway documents offer agreement.note --to CN --home nl")
@click.argument("note", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--to", "partner", required=True, metavar="XX", help="The partner's administration id.")
@home_option
@json_option
def offer(note: Path, partner: str, home: Path, *, as_json: bool) -> None:
    """Put NOTE, which this side has signed, before a partner's officers."""
    from gateway.cli.client import CALL_SECONDS, offers
    from mutualrecognition.operations.v1 import offers_service_pb2 as pb

    with offers(home) as service:
        request = pb.SendOfferRequest(partner=partner, note=note.read_bytes())
        in_force = service.SendOffer(request, timeout=CALL_SECONDS).in_force
    if as_json:
        click.echo(json.dumps({"partner": partner, "in_force": in_force}))
    else:
        click.echo(f"✓ {partner} has it{'' if in_force else '; it waits for an officer there'}.")


@command.command(epilog="Examples:\n  gateway documents accept 'HoQ…=' --home nl")
@click.argument("digest")
@home_option
@json_option
def accept(digest: str, home: Path, *, as_json: bool) -> None:
    """Take an offer into force. One that this side has not signed is signed and added first ('gateway agreement')."""
    from gateway.cli.client import CALL_SECONDS, offers
    from gateway.trust.documents import read_digest
    from mutualrecognition.operations.v1 import offers_service_pb2 as pb

    with offers(home) as service:
        taken = service.AcceptOffer(pb.AcceptOfferRequest(digest=read_digest(digest)), timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps({"id": taken.id, "version": taken.version, "proposal": taken.proposal}))
    elif taken.proposal:
        click.echo(f"✓ Proposal {taken.proposal}: {taken.id} version {taken.version} waits for another officer.")
    else:
        click.echo(f"✓ {taken.id} version {taken.version} is in force here.")


@command.command(epilog="Examples:\n  gateway documents refuse 'HoQ…=' --reason 'article 3 was not agreed' --home nl")
@click.argument("digest")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@home_option
@json_option
def refuse(digest: str, reason: str, home: Path, *, as_json: bool) -> None:
    """Let an offer go."""
    from gateway.cli.client import CALL_SECONDS, offers
    from gateway.trust.documents import read_digest
    from mutualrecognition.operations.v1 import offers_service_pb2 as pb

    with offers(home) as service:
        request = pb.RefuseOfferRequest(digest=read_digest(digest), reason=reason)
        service.RefuseOffer(request, timeout=CALL_SECONDS)
    click.echo(json.dumps({"refused": digest}) if as_json else "✓ It waits no longer.")
