"""``gateway partner``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option

if TYPE_CHECKING:
    from gateway.trust.descriptors import Descriptor


@click.group("partner", cls=GatewayGroup)
def command() -> None:
    """Add, list, suspend and revoke partners."""


@command.command(
    epilog="""\b
Examples:
  gateway partner add cn.note --home nl
  gateway partner add cn.note --words 'bade feko …' --home nl
  gateway partner add cn.note --digest 'HoQ…=' --home nl

Call the partner at a number that did not come with the file, and let it read its words to you: whoever can replace the
file can replace a digest that came with it. A running node takes the partner at once. Where four eyes are configured,
a second officer hears the words too, and approves."""
)
@click.argument("note", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--words", help="The twelve words as the partner read them to you; asked for when left out.")
@click.option("--digest", help="Instead of the words: the descriptor's whole digest, base64.")
@client_option
@home_option
@json_option
def add(note: Path, words: str | None, digest: str | None, home: Path, *, as_json: bool) -> None:
    """Add a partner by its descriptor in the file NOTE, once its words are the ones that the partner reads out."""
    from gateway.cli import trust_door
    from gateway.cli.officers import waits
    from gateway.cli.words import compared
    from gateway.trust.succession import verify_first

    data = note.read_bytes()
    descriptor = verify_first(data)
    if not as_json:
        _show(descriptor)
    heard = compared(descriptor.digest, str(note), words=words, digest=digest, ask=not as_json)
    added = trust_door.add_partner(home, data, heard)
    if as_json:
        click.echo(json.dumps({"administration": added.identity, "proposal": added.proposal}))
    elif added.proposal:
        click.echo(f"… {waits(added.proposal, f'{added.identity} as a partner')}")
    else:
        click.echo(f"✓ {added.identity} is a partner. Records go to it once both have added an agreement.")


@command.command("list", epilog="Examples:\n  gateway partner list --home nl")
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List partners, each by its newest descriptor, with where it stands: confirmed, active, suspended or revoked."""
    from gateway.cli.partner_door import states

    standing = states(home)
    for descriptor in _newest(home).values():
        facts = _facts(descriptor)
        state, reason = standing.get(descriptor.administration, ("", ""))
        if as_json:
            click.echo(json.dumps({**facts, "state": state, "reason": reason}))
            continue
        told = f"{state}{f' ({reason})' if reason else ''}"
        click.echo(
            f"{facts['administration']}  {told:24}  {facts['domain']}  version {facts['version']}  {facts['digest']}"
        )


def _decision(name: str, what: str, example: str, said: str) -> None:
    @command.command(name, epilog=f"Examples:\n  gateway partner {name} CN --reason '{example}' --home nl")
    @click.argument("administration")
    @click.option("--reason", required=True, help="Why, in a sentence; kept in the audit log and told to the partner.")
    @home_option
    @json_option
    def decide(administration: str, reason: str, home: Path, *, as_json: bool) -> None:
        from gateway.cli import partner_door

        getattr(partner_door, name)(home, administration, reason)
        if as_json:
            click.echo(json.dumps({"administration": administration, "decision": name}))
        else:
            click.echo(f"✓ {said.format(administration)}")

    decide.help = what


_decision(
    "suspend",
    "Stop the link with a partner now, open sessions too. Records for it wait until 'partner resume'.",
    "their gateway sends nonsense",
    "The link with {} is suspended; records for it wait.",
)
_decision(
    "resume",
    "Let a suspended link dial again. After 'partner revoke', add the partner's descriptor again first.",
    "both operators have settled it",
    "The link with {} is resumed.",
)
_decision(
    "revoke",
    "End trust in a partner now: a stranger from then on. What it has signed before stays provable.",
    "the agreement was terminated",
    "{} is no partner any more.",
)


@command.command(epilog="Examples:\n  gateway partner show CN --home nl")
@click.argument("administration")
@home_option
@json_option
def show(administration: str, home: Path, *, as_json: bool) -> None:
    """Show one partner's newest descriptor."""
    from gateway.errors import Absent

    descriptor = _newest(home).get(administration)
    if descriptor is None:
        raise Absent(f"There is no partner {administration} here.")
    if as_json:
        click.echo(json.dumps(_facts(descriptor)))
    else:
        _show(descriptor)


def _show(descriptor: Descriptor) -> None:
    from gateway.cli.screen import printable

    for name, value in _facts(descriptor).items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        click.echo(f"{name:15} {printable(shown)}")


def _newest(home: Path) -> dict[str, Descriptor]:
    from gateway.cli.called_node import called_node
    from gateway.cli.trust_door import held_documents
    from gateway.ports.documents import DocumentType
    from gateway.trust.succession import verify_first

    own = called_node(home).administration
    held = [verify_first(each.note) for each in held_documents(home, DocumentType.DESCRIPTOR)]
    newest = {each.administration: each for each in sorted(held, key=lambda each: each.version)}
    return {name: newest[name] for name in sorted(newest) if name != own}


def _facts(descriptor: Descriptor) -> dict[str, Any]:
    from gateway.trust.documents import write_digest

    return {
        "administration": descriptor.administration,
        "name": descriptor.name,
        "domain": descriptor.domain,
        "version": descriptor.version,
        "digest": write_digest(descriptor.digest),
        "contacts": list(descriptor.contacts),
        "endpoints": list(descriptor.endpoints),
    }
