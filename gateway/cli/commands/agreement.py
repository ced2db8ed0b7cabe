"""``gateway agreement``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.commands.agreement_pauses import resume, suspend
from gateway.cli.commands.agreement_texts import check, diff, rehearse
from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option, root_dir_option

if TYPE_CHECKING:
    from gateway.trust.agreements import Agreement

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.group("agreement", cls=GatewayGroup)
def command() -> None:
    """Check, compare, sign, add and list agreements: what two administrations release to each other."""


for _each in (check, diff, rehearse, suspend, resume):
    command.add_command(_each)


@command.command(
    epilog="""\b
Examples:
  gateway agreement sign docs/examples/agreement-cn-nl.toml --home nl --out agreement.note
  gateway agreement sign agreement.note --home cn --out agreement-both.note
  gateway agreement sign agreement.note --root-dir /media/root --domain customs.cn.example --out agreement-both.note

The last one needs no node and no network: the machine on which the root key is kept apart."""
)
@click.argument("file", type=_FILE)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the note goes.")
@click.option("--anyway", is_flag=True, help="Also with kinds or fields that this version does not know.")
@root_dir_option
@click.option("--domain", default="", help="With --root-dir: in whose name to sign, where there is no home.")
@home_option
@json_option
def sign(*, file: Path, out: Path, home: Path, root_dir: Path | None, domain: str, anyway: bool, as_json: bool) -> None:
    """Sign FILE, an agreement's text or a note that the other side has signed, with this administration's root key.

    It is refused when this version knows a kind or a field of it not, or when a flow withholds a field without which
    its records break their rules.
    """
    from gateway.cli.agreement_files import sign as sign_file
    from gateway.trust.agreements import parse_agreement
    from gateway.trust.documents import read_document
    from gateway.whole_files import write_whole

    if domain and root_dir is None:
        raise click.UsageError("--domain goes with --root-dir.")
    note = sign_file(home, file.read_bytes(), anyway=anyway, root_dir=root_dir, domain=domain)
    write_whole(out, note)
    facts = _facts(parse_agreement(read_document(note).text))
    if as_json:
        click.echo(json.dumps(facts))
        return
    _guide(note, out)


@command.command(
    epilog="""\b
Examples:
  gateway agreement add agreement-both.note --home nl

Both sides add the same note. A running node uses it at once."""
)
@click.argument("note", type=_FILE)
@client_option
@home_option
@json_option
def add(note: Path, home: Path, *, as_json: bool) -> None:
    """Add an agreement that both sides have signed."""
    from dataclasses import asdict

    from gateway.cli import trust_door
    from gateway.cli.officers import waits
    from gateway.exchange.agreement_review import review
    from gateway.trust.documents import read_document

    data = note.read_bytes()
    added = trust_door.add_agreement(home, data)
    objections = review(read_document(data).text)
    if as_json:
        warnings = [asdict(each) for each in objections]
        facts = {"id": added.identity, "version": added.version, "proposal": added.proposal}
        click.echo(json.dumps({**facts, "warnings": warnings}))
        return
    what = f"{added.identity} version {added.version}"
    click.echo(f"… {waits(added.proposal, what)}" if added.proposal else f"✓ {what} is added.")
    for each in objections:
        click.echo(f"  ! {each.message}", err=True)


@command.command("list", epilog="Examples:\n  gateway agreement list --home nl")
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List agreements."""
    for agreement in _held(home):
        facts = _facts(agreement)
        if as_json:
            click.echo(json.dumps(facts))
            continue
        parties = " and ".join(facts["parties"])
        click.echo(
            f"{facts['id']}  version {facts['version']}  {parties}  until {facts['valid_until']}  {facts['digest']}"
        )


@command.command(epilog="Examples:\n  gateway agreement show cn-nl-security --home nl")
@click.argument("identity")
@home_option
@json_option
def show(identity: str, home: Path, *, as_json: bool) -> None:
    """Show the newest version of an agreement: which kinds and fields it releases."""
    from gateway.cli.screen import printable
    from gateway.errors import Absent

    held = [agreement for agreement in _held(home) if agreement.terms.id == identity]
    if not held:
        raise Absent(f"There is no agreement {identity} here.")
    newest = max(held, key=lambda each: each.terms.version)
    facts = _facts(newest)
    if as_json:
        click.echo(json.dumps({**facts, "flows": [flow.model_dump(mode="json") for flow in newest.terms.flows]}))
        return
    for name, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        click.echo(f"{name:12} {printable(shown)}")
    for flow in newest.terms.flows:
        fields = "everything" if "*" in flow.fields else ", ".join(flow.fields)
        click.echo(f"\n{flow.sender} releases {flow.kind} to {flow.receiver}, kept {flow.retention_days} days:")
        click.echo(f"  for      {', '.join(flow.purposes)}")
        click.echo(f"  fields   {fields}")


def _guide(note: bytes, out: Path) -> None:
    """Say what was signed, by whom so far, and what people do next."""
    from gateway.trust.agreements import parse_agreement
    from gateway.trust.documents import read_document, write_digest
    from gateway.trust.words import in_lines, spoken

    read = read_document(note)
    agreement = parse_agreement(read.text)
    terms, signed = agreement.terms, list(dict.fromkeys(line.name for line in read.lines))
    click.echo(f"✓ {terms.id} version {terms.version} is signed: {out}")
    click.echo(f"  digest {write_digest(agreement.digest)}  (the same on both sides)")
    for number, line in enumerate(in_lines(spoken(agreement.digest))):
        click.echo(f"  {'' if number else 'words':6} {line}")
    click.echo(f"  signed so far by {', '.join(signed)}; parties are {', '.join(terms.parties)}")
    if len(signed) < 2:
        click.echo("  next: send the file to the other side, and compare the words by telephone before it signs:")
        click.echo(f"        gateway agreement sign {out.name} --home HOME --out {out.stem}-both.note")
    else:
        click.echo("  next: send the file back; then each side adds it, and both read the words once more:")
        click.echo(f"        gateway agreement add {out.name} --home HOME")


def _held(home: Path) -> Iterator[Agreement]:
    from gateway.cli.trust_door import held_documents
    from gateway.ports.documents import DocumentType
    from gateway.trust.agreements import parse_agreement
    from gateway.trust.documents import read_document

    for document in held_documents(home, DocumentType.AGREEMENT):
        yield parse_agreement(read_document(document.note).text)


def _facts(agreement: Agreement) -> dict[str, Any]:
    from gateway.cli.describing import when
    from gateway.trust.documents import write_digest

    terms = agreement.terms
    return {
        "id": terms.id,
        "version": terms.version,
        "title": terms.title,
        "parties": list(terms.parties),
        "valid_from": when(terms.valid_from),
        "valid_until": when(terms.valid_until),
        "signatures": terms.signatures,
        "purposes": [str(purpose) for purpose in terms.purposes],
        "digest": write_digest(agreement.digest),
    }
