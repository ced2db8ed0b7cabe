"""``gateway descriptor``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option, root_dir_option

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
in_place_of_planned = click.option(
    "--in-place-of-planned", "replace_planned", is_flag=True, help="Give up versions that are to come into force later."
)
_DIRECTORY = click.Path(file_okay=False, exists=True, path_type=Path)


@click.group("descriptor", cls=GatewayGroup)
def command() -> None:
    """Show, export and change what this administration says of itself."""


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
    from gateway.trust.words import spoken

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
        "words": spoken(found.digest),
        "issued": when(found.issued),
        "contacts": list(found.contacts),
        "endpoints": list(found.endpoints),
        "threshold": found.threshold,
        "roots": [key.vkey for key in found.roots],
        "anchors": [sha256(der).hexdigest() for der in found.anchors],
        "denied": [digest.hex() for digest in found.denied],
        "log_keys": [f"{each.key.bare} until {when(each.valid_until)}" for each in found.log_keys],
        "receipt_keys": [f"{each.key.bare} until {when(each.valid_until)}" for each in found.receipt_keys],
    }
    if as_json:
        click.echo(json.dumps({**facts, "text": found.text}))
        return
    for name, value in facts.items():
        for each in value if isinstance(value, list) else [value]:
            click.echo(f"{name.replace('_', ' '):15} {printable(str(each))}")


@command.command(
    epilog="""\b
Examples:
  gateway descriptor export nl.note --home nl

Send the file by whatever way you like. Then read the words to the partner by telephone, or in person: whoever can
replace the file can replace a digest that comes with it."""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@json_option
def export(file: Path, home: Path, *, as_json: bool) -> None:
    """Write the node's newest descriptor to FILE, for partners, and give its digest in words."""
    from gateway import config
    from gateway.node_files import NodeFiles
    from gateway.trust.documents import write_digest
    from gateway.trust.succession import verify_first
    from gateway.trust.words import in_lines, spoken
    from gateway.whole_files import write_whole

    note = NodeFiles(config.load(home), home).descriptor()
    found = verify_first(note)
    write_whole(file, note)
    digest, words = write_digest(found.digest), spoken(found.digest)
    if as_json:
        click.echo(json.dumps({"file": str(file), "version": found.version, "digest": digest, "words": words}))
        return
    click.echo(f"✓ {found.administration}, version {found.version}: {file}")
    click.echo(f"  digest  {digest}")
    for number, line in enumerate(in_lines(words)):
        click.echo(f"  {'' if number else 'words':6}  {line}")


@command.command(
    "next",
    epilog="""\b
Examples:
  gateway descriptor next --endpoint gateway.customs.nl.example:7401 --home nl
  gateway descriptor next --deny old-gateway.pem --home nl --root-dir /media/root
  gateway descriptor next --contact 'duty desk, +31 00 000 0000' --home nl
  gateway descriptor next --add-root KEY_OF_THE_SECOND_OFFICER --threshold 2 --home nl --root-dir /media/root

What is not named stays as it is. Partners fetch the new version by themselves; nobody has to compare a digest again.
Without the root keys the text is left in HOME, for 'gateway descriptor sign' and then 'gateway descriptor publish'.""",
)
@click.option("--name", help="Name for people.")
@click.option("--contact", "contacts", multiple=True, help="Whom partners call; replaces all that are there.")
@click.option("--endpoint", "endpoints", multiple=True, metavar="HOST:PORT", help="Where partners dial; replaces all.")
@click.option("--no-endpoints", is_flag=True, help="Partners cannot dial this node: it dials them.")
@click.option("--threshold", type=click.IntRange(1, 8), help="How many root keys must sign from now on.")
@click.option("--add-root", "added", multiple=True, metavar="KEY", help="One more root key, as descriptors write it.")
@click.option("--drop-root", "dropped", multiple=True, metavar="KEY", help="A root key that no longer signs.")
@click.option("--deny", "denied", multiple=True, type=_FILE, help="PEM of a gateway certificate that is withdrawn.")
@in_place_of_planned
@root_dir_option
@home_option
@json_option
def next_(
    *,
    name: str | None,
    contacts: tuple[str, ...],
    endpoints: tuple[str, ...],
    no_endpoints: bool,
    threshold: int | None,
    added: tuple[str, ...],
    dropped: tuple[str, ...],
    denied: tuple[Path, ...],
    replace_planned: bool,
    root_dir: Path | None,
    home: Path,
    as_json: bool,
) -> None:
    """Make the next version of the node's descriptor, with these changes, and publish it."""
    from gateway.cli.certificate_files import fingerprint
    from gateway.cli.next_descriptor import make_next, root_keys
    from gateway.cli.roll_words import tell_made
    from gateway.trust.revision import Revision

    if endpoints and no_endpoints:
        raise click.UsageError("--endpoint and --no-endpoints contradict each other.")
    revision = Revision(
        name=name,
        contacts=contacts or None,
        endpoints=endpoints if endpoints or no_endpoints else None,
        threshold=threshold,
        new_roots=root_keys(home, added),
        dropped_roots=root_keys(home, dropped),
        denied=tuple(fingerprint(file) for file in denied),
    )
    made = make_next(home, revision, root_dir=root_dir, replace_planned=replace_planned)
    tell_made(made, as_json=as_json)


@command.command(
    epilog="""\b
Examples:
  gateway descriptor sign descriptor-2.txt --root-dir /media/root --out descriptor-2.note

It needs no node and no network: run it where the root keys are. With a threshold of two, hand the note on and sign it
again."""
)
@click.argument("file", type=_FILE)
@click.option("--root-dir", required=True, type=_DIRECTORY, help="Where the root keys are.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the note goes.")
@json_option
def sign(file: Path, root_dir: Path, out: Path, *, as_json: bool) -> None:
    """Sign a descriptor's text, or a note that other root keys have signed."""
    from gateway.cli.next_descriptor import sign_file
    from gateway.whole_files import write_whole

    version, note = sign_file(file.read_bytes(), root_dir)
    write_whole(out, note.serialize())
    if as_json:
        click.echo(json.dumps({"version": version, "signatures": len(note.lines), "file": str(out)}))
        return
    click.echo(f"✓ Version {version} bears {len(note.lines)} of its root signatures: {out}")


@command.command(epilog="Examples:\n  gateway descriptor publish descriptor-2.note --home nl")
@click.argument("note", type=_FILE)
@in_place_of_planned
@home_option
@json_option
def publish(note: Path, home: Path, *, replace_planned: bool, as_json: bool) -> None:
    """Take a signed next version into force; a running node tells its partners at once."""
    from gateway.cli import trust_door

    version = trust_door.publish_descriptor(home, note.read_bytes(), replace_planned=replace_planned)
    if as_json:
        click.echo(json.dumps({"version": version}))
    else:
        click.echo(f"✓ The node has version {version}; it is in force from the time on that it states.")
