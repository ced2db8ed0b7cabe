"""``gateway audit``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import ONLY_CONSISTENT, GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from gateway.evidence.audit import AuditEntry, AuditVerdict


@click.group("audit", cls=GatewayGroup)
def command() -> None:
    """Show, export and verify the audit log: who did what, when and why."""


@command.command(
    "list",
    epilog="""\b
Examples:
  gateway audit list --home nl
  gateway audit list --last 500 --action refuse --home nl
  gateway audit list --last 0 --actor local --home nl --json

'gateway' as the actor is the node itself: batches formed, received and receipted.""",
)
@click.option("--last", default=50, show_default=True, type=click.IntRange(min=0), help="So many entries; 0: all.")
@click.option("--actor", help="Of these, only what this client or person did.")
@click.option("--action", help="Of these, only this, such as refuse, suspend, add_document.")
@home_option
@json_option
def list_(last: int, actor: str | None, action: str | None, home: Path, *, as_json: bool) -> None:
    """List the last entries, oldest first."""
    from gateway.cli.audit_door import read_entries

    for entry in read_entries(home, last=last):
        if actor in (None, entry.actor) and action in (None, entry.action):
            click.echo(json.dumps(_fields(entry)) if as_json else _line(entry))


@command.command(
    epilog="""\b
Examples:
  gateway audit export audit-2026-11 --home nl

Keep checkpoint.note of every export: with it a later export shows that nothing before it was rewritten."""
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@home_option
@json_option
def export(directory: Path, home: Path, *, as_json: bool) -> None:
    """Write the whole log, signed, into a new DIRECTORY, to be verified anywhere."""
    from gateway.cli.audit_door import read_signed
    from gateway.cli.audit_files import write_export

    log = read_signed(home)
    write_export(directory, log)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), "entries": len(log.entries), "key": log.key}))
    else:
        click.echo(f"✓ {len(log.entries)} entries are in {directory}, signed by {log.key.partition('+')[0]}.")


@command.command(
    epilog="""\b
Examples:
  gateway audit verify --home nl
  gateway audit verify audit-2026-11 --key audit.vkey --earlier audit-2026-10/checkpoint.note

--key is what makes it a proof: the vkey that 'gateway audit key' printed when the node was founded, kept elsewhere.
Exit code 3: the log is consistent, but no key from outside was given."""
)
@click.argument("directory", required=False, type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--key", help="The audit key as a vkey, or a file that holds it.")
@click.option(
    "--earlier",
    multiple=True,
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="A checkpoint that was kept before.",
)
@home_option
@json_option
def verify(directory: Path | None, key: str | None, earlier: tuple[Path, ...], home: Path, *, as_json: bool) -> None:
    """Verify an exported log in DIRECTORY, or that of the node at --home: that no entry was changed or taken away."""
    from gateway.cli.audit_door import read_signed
    from gateway.cli.audit_files import read_key, verify_directory
    from gateway.evidence.audit import verify_export

    if directory is not None:
        verdict = verify_directory(directory, key=key, earlier=earlier)
    else:
        log = read_signed(home)
        notes = [each.read_bytes() for each in earlier]
        lines = [entry.line for entry in log.entries]
        verdict = verify_export(lines, log.checkpoint, read_key(key), earlier=notes)
    _tell(verdict, len(earlier), as_json=as_json)
    if not verdict.signed:
        raise click.exceptions.Exit(ONLY_CONSISTENT)


@command.command(epilog="Examples:\n  gateway audit key --home nl > audit.vkey")
@home_option
@json_option
def key(home: Path, *, as_json: bool) -> None:
    """Print the key that signs the audit log, for auditors to keep elsewhere."""
    from gateway import config
    from gateway.node_files import NodeFiles

    vkey = NodeFiles(config.load(home), home).audit_signer().key.vkey
    click.echo(json.dumps({"key": vkey}) if as_json else vkey)


def _fields(entry: AuditEntry) -> dict[str, str | int]:
    return {
        "index": entry.index,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "detail": entry.detail,
    }


def _line(entry: AuditEntry) -> str:
    from gateway.cli.describing import when
    from gateway.cli.screen import printable

    told = (entry.actor, entry.action, entry.detail)
    return f"{entry.index:>7}  {when(entry.at)}  " + "  ".join(printable(each) for each in told)


def _tell(verdict: AuditVerdict, earlier: int, *, as_json: bool) -> None:
    checkpoint = verdict.checkpoint
    outcome = "PROVEN" if verdict.signed else "CONSISTENT"
    if as_json:
        facts = {"outcome": outcome, "origin": checkpoint.origin, "size": checkpoint.size, "earlier": earlier}
        click.echo(json.dumps({**facts, "root": checkpoint.root.hex()}))
        return
    remark = "" if verdict.signed else ", not proven: give --key"
    click.echo(f"✓ {outcome}{remark}  {checkpoint.origin}, {checkpoint.size} entries, root {checkpoint.root.hex()}")
    if earlier:
        click.echo(f"  it grew from the {earlier} earlier checkpoint{'s' if earlier > 1 else ''} given")
