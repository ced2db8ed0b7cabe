"""``gateway records``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import REFUSED, GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from gateway.cli.record_files import Finding

_SHOWN_ONE_BY_ONE = 20


@click.group("records", cls=GatewayGroup)
def command() -> None:
    """Write, check and explain records, before they are issued; no node is needed."""


@command.command(
    epilog="""\b
Examples:
  gateway records new inspection_outcome > control.json
  gateway records new alert --json

Lines that begin with // are comments: 'gateway records check' and 'gateway submit' read past them."""
)
@click.argument("kind")
@json_option
def new(kind: str, *, as_json: bool) -> None:
    """Write a template of KIND: a made-up record with every field explained, ready to be changed."""
    from gateway.records.templates import template, without_comments

    text = template(kind)
    click.echo(json.dumps(json.loads(without_comments(text))) if as_json else text, nl=as_json)


@command.command(
    epilog="""\b
Examples:
  gateway records check control.json
  gateway records check - --json < records.jsonl
  gateway records check records.jsonl --home nl         with the code lists that NL has loaded

FILE holds one JSON object, an array of them, or JSON lines: records, or submissions. What the gateway fills in may be
left out. Warnings (!) are no faults: such a record is taken and kept. Exit code 1 when any record has a fault."""
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, exists=True, path_type=Path))
@home_option
@json_option
def check(file: Path, home: Path, *, as_json: bool) -> None:
    """Tell every fault of the records in FILE, or on standard input with -, each with its path."""
    from gateway.cli.record_files import check_records
    from gateway.stores.code_files import code_lists

    lists = code_lists(home)
    teller = _Teller(as_json=as_json)
    with click.open_file(str(file), encoding="utf-8") as source:
        for finding in check_records(source, lists):
            teller.tell(finding)
    if teller.finish():
        raise click.exceptions.Exit(REFUSED)


@command.command(
    epilog="""\b
Examples:
  gateway records explain
  gateway records explain inspection_outcome
  gateway records explain header --json"""
)
@click.argument("kind", required=False)
@json_option
def explain(kind: str | None, *, as_json: bool) -> None:
    """Show the fields of KIND: what they mean, where they come from and which rules they keep. Without KIND, all."""
    from dataclasses import asdict

    from gateway.cli.explaining import tell_explanation, tell_kinds
    from gateway.records import explanation
    from gateway.records.kinds import KINDS

    if kind is None:
        meanings = {each: explanation.explain(each).meaning for each in KINDS}
        if as_json:
            click.echo(json.dumps(meanings))
        else:
            tell_kinds(meanings)
        return
    found = explanation.explain_header() if kind == "header" else explanation.explain(kind)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        tell_explanation(found)


class _Teller:
    """Tells what was found; good records one by one while they are few."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._total = self._bad = self._odd = 0

    def tell(self, finding: Finding) -> None:
        """Tell what one record came to."""
        self._total += 1
        self._bad += bool(finding.violations)
        self._odd += bool(finding.warnings)
        if self._as_json:
            click.echo(json.dumps(finding.facts()))
            return
        what = f"{finding.place}: {finding.kind or 'no record'}"
        if finding.violations:
            click.echo(f"✗ {what}", err=True)
        elif finding.warnings or self._total <= _SHOWN_ONE_BY_ONE:
            click.echo(f"✓ {what}")
        for each in finding.violations:
            click.echo(f"    {each.path or 'the record'}: {each.message} ({each.rule})", err=True)
        for each in finding.warnings:
            click.echo(f"  ! {each.path}: {each.message} ({each.rule})")

    def finish(self) -> bool:
        """Count; says whether any record has a fault, or there was none to look at."""
        if not self._total:
            click.echo("✗ There is no record in the input.", err=True)
        elif not self._as_json and self._total > 1:
            good, odd = self._total - self._bad, f"; {self._odd:,} have warnings" if self._odd else ""
            click.echo(f"{good:,} of {self._total:,} records keep all rules{odd}")
        return bool(self._bad) or not self._total
