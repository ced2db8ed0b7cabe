"""``gateway codes``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from gateway.records.codes import CodeList

_PROGRAM: Final = "the program"


@click.group("codes", cls=GatewayGroup)
def command() -> None:
    """Load and list code lists: places, countries, currencies, packages, goods."""


@command.command(
    epilog="""\b
Examples:
  gateway codes load locode-2026-1.csv --home nl

FILE begins with comment lines, as in '# list: locode', '# edition: 2026-1', '# complete: yes', '# source: …', and goes
on as CSV with the columns code, meaning, valid_from, valid_until, same_as. A code that no list knows is a warning and
no fault. A running node reads its lists when it starts again."""
)
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@home_option
@json_option
def load(file: Path, home: Path, *, as_json: bool) -> None:
    """Load a code list from FILE, in place of the one of the same name."""
    from gateway import config
    from gateway.stores import code_files

    config.load(home)
    before = code_files.code_lists(home)
    found = code_files.load(home, file.read_bytes())
    if as_json:
        click.echo(json.dumps(_facts(found, str(home / code_files.DIRECTORY))))
        return
    was = before[found.name].edition
    click.echo(f"✓ {found.name}: {len(found.codes):,} codes of edition {found.edition}, in place of edition {was}")
    click.echo("  A node that runs uses them after its next start.")


@command.command("list", epilog="Examples:\n  gateway codes list --home nl")
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List the code lists that count for the node."""
    from gateway.cli.screen import printable
    from gateway.stores import code_files

    loaded = code_files.loaded(home)
    for name, each in sorted(code_files.code_lists(home).items()):
        facts = _facts(each, str(home / code_files.DIRECTORY) if name in loaded else _PROGRAM)
        if as_json:
            click.echo(json.dumps(facts))
            continue
        whole = "complete" if each.complete else "not complete"
        edition = f"edition {each.edition}, {whole}, from {facts['from']}"
        click.echo(printable(f"{name:15} {len(each.codes):>8,} codes  {edition}: {each.source}"))


def _facts(found: CodeList, place: str) -> dict[str, Any]:
    return {
        "list": found.name,
        "edition": found.edition,
        "complete": found.complete,
        "source": found.source,
        "codes": len(found.codes),
        "from": place,
    }
