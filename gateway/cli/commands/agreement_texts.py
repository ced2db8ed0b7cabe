"""``gateway agreement check``, ``diff`` and ``rehearse``: what is looked at before anybody signs."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import REFUSED, GatewayCommand, home_option, json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.errors import Violation

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway agreement check docs/examples/agreement-cn-nl.toml
  gateway agreement check agreement.note --json

✗ is a mistake, with its line: nobody can sign it. ! is allowed, and odd: look again. Exit code 1 with any ✗.""",
)
@click.argument("file", type=_FILE)
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """Explain every mistake in FILE, an agreement's text or a signed note, with its line, and what is odd in it."""
    import time

    from gateway.cli.agreement_files import text_in
    from gateway.errors import DocumentInvalid
    from gateway.exchange.agreement_review import review
    from gateway.trust.agreement_oddities import oddities
    from gateway.trust.agreements import parse_agreement

    text = text_in(file.read_bytes())
    try:
        agreement = parse_agreement(text)
    except DocumentInvalid as refused:
        if not refused.violations:
            raise
        _tell_mistakes(file, text, refused.violations, as_json=as_json)
        raise click.exceptions.Exit(REFUSED) from None
    odd = (*review(text), *oddities(text, now=int(time.time())))
    terms = agreement.terms
    if as_json:
        facts = {"id": terms.id, "version": terms.version, "parties": terms.parties}
        click.echo(json.dumps({**facts, "mistakes": [], "warnings": _located(text, odd)}))
        return
    click.echo(f"✓ {terms.id} version {terms.version} between {' and '.join(terms.parties)} has no mistake.")
    for each in _located(text, odd):
        click.echo(f"  ! {file}:{each['line']}: {each['message']}")


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway agreement diff agreement-1.note agreement-2.toml
  gateway agreement diff agreement-1.note agreement-2.toml --json

+ more leaves, or more counts; - less; ~ otherwise.""",
)
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@json_option
def diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Show what NEW releases more or less than OLD, what else counts as equivalent, and what else reads otherwise."""
    from gateway.cli.agreement_files import text_in
    from gateway.cli.screen import out, printable
    from gateway.trust.agreement_diff import Effect, differences
    from gateway.trust.agreements import parse_agreement

    terms = [parse_agreement(text_in(file.read_bytes())).terms for file in (old, new)]
    found = differences(terms[0], terms[1])
    if as_json:
        click.echo(json.dumps([asdict(change) for change in found]))
        return
    if not found:
        click.echo("✓ Both say the same.")
        return
    from rich.table import Table

    signs = {Effect.MORE: "+", Effect.LESS: "-", Effect.OTHER: "~"}
    table = Table("", "way", "what", str(old), str(new))
    for change in found:
        cells = (change.way, change.what, change.before, change.after)
        table.add_row(signs[change.effect], *(printable(cell) for cell in cells))
    out().print(table)
    counts = {effect: sum(change.effect is effect for change in found) for effect in Effect}
    click.echo(f"{counts[Effect.MORE]} more, {counts[Effect.LESS]} less, {counts[Effect.OTHER]} otherwise")


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway agreement rehearse agreement-2.toml --home nl
  gateway agreement rehearse agreement-2.toml --days 90 --home nl --json

SAME as now; NEW: would go, and does not now; MORE and REDUCED: with more or fewer fields; REFUSED: would not go any
more. Nobody need have signed NEW, and nothing is changed. The node must run.""",
)
@click.argument("new", type=_FILE)
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3650), help="Records of so many days.")
@home_option
@json_option
def rehearse(new: Path, days: int, home: Path, *, as_json: bool) -> None:
    """Hold the records of the last days against NEW: which would go, be reduced or be refused otherwise."""
    from gateway.cli.agreement_files import text_in
    from gateway.cli.rehearsing import rehearse_records
    from gateway.cli.screen import out, printable

    rows = rehearse_records(home, text_in(new.read_bytes()), days)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    if not rows:
        click.echo(f"No record of the last {days} days goes under either.")
        return
    from rich.table import Table

    table = Table("way", "kind", "purpose", "records", "outcome", "fields")
    for row in rows:
        way, fields = f"{row.sender} → {row.receiver}", printable(", ".join(row.fields))
        table.add_row(way, row.kind, row.purpose, f"{row.count:,}", row.outcome, fields)
    out().print(table)


def _tell_mistakes(file: Path, text: str, mistakes: Sequence[Violation], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"mistakes": _located(text, mistakes), "warnings": []}))
        return
    for each in _located(text, mistakes):
        click.echo(f"✗ {file}:{each['line']}: {each['message']}")
    click.echo(f"{len(mistakes)} to correct; nobody can sign it yet.", err=True)


def _located(text: str, found: Sequence[Violation]) -> list[dict[str, str | int]]:
    from gateway.trust.agreement_text import line_of_violation

    located: list[dict[str, str | int]] = [
        {"line": line_of_violation(text, each), "path": each.path, "rule": each.rule, "message": each.message}
        for each in found
    ]
    return sorted(located, key=lambda each: each["line"])
