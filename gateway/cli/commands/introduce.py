"""``gateway introduce``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, json_option

_HOME = click.Path(file_okay=False, exists=True, path_type=Path)


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway introduce nl cn --agreement docs/examples/agreement-cn-nl.toml

It does on one machine what two administrations do over a distance: 'partner add' on both sides after the digests were
compared, 'agreement sign' on both sides, 'agreement add' on both sides. Production refuses it.""",
)
@click.argument("one", type=_HOME)
@click.argument("other", type=_HOME)
@click.option(
    "--agreement",
    "agreement_file",
    required=True,
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The agreement's text, which both sign.",
)
@json_option
def command(one: Path, other: Path, agreement_file: Path, *, as_json: bool) -> None:
    """Make the nodes at ONE and OTHER partners under an agreement. For development, on one machine."""
    from gateway import config
    from gateway.cli import trust_door
    from gateway.cli.agreement_files import sign
    from gateway.errors import CallerNotPermitted
    from gateway.node_files import NodeFiles
    from gateway.trust.agreements import parse_agreement
    from gateway.trust.documents import read_document, write_digest
    from gateway.trust.succession import verify_first

    homes = (one, other)
    settings = [config.load(home) for home in homes]
    for home, settled in zip(homes, settings, strict=True):
        if settled.environment is config.Environment.PRODUCTION:
            raise CallerNotPermitted(
                f"{home} is a production node: its partners are added by people, one step at a time."
            )
    notes = [NodeFiles(each, home).descriptor() for home, each in zip(homes, settings, strict=True)]
    descriptors = [verify_first(note) for note in notes]
    agreement = sign(other, sign(one, agreement_file.read_bytes()))
    for home, note, partner in zip(homes, reversed(notes), reversed(descriptors), strict=True):
        trust_door.add_partner(home, note, partner.digest)
        trust_door.add_agreement(home, agreement)
    terms = parse_agreement(read_document(agreement).text).terms
    if as_json:
        digests = {each.administration: write_digest(each.digest) for each in descriptors}
        click.echo(json.dumps({"descriptors": digests, "agreement": {"id": terms.id, "version": terms.version}}))
        return
    for each in descriptors:
        click.echo(f"  {each.administration}  descriptor digest {write_digest(each.digest)}")
    first, second = (each.administration for each in descriptors)
    click.echo(f"✓ {first} and {second} are partners under {terms.id} version {terms.version}, signed by both.")
