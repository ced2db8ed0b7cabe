"""``gateway demo``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, json_option


def _programs(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in given:
        name, equals, words = each.partition("=")
        program = shlex.split(words)
        if not (equals and program):
            raise click.BadParameter('write it as CN="program and its arguments"')
        if program[0] == "python":
            program[0] = sys.executable
        found[name] = program
    return found


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  ./run demo
  ./run demo --out evidence              keeps evidence bundles, for a verifier of your own
  ./run demo --keep                      leaves the nodes running, to look around
  ./run demo --records 50000 --json
  ./run demo --declarations inspected.csv    import declarations of your own in place of the made-up bulk

It takes about 20 seconds and cleans up after itself. Exit code 1 when anything that arrived is not as it should be:
it is named then.""",
)
@click.option("--records", default=10_000, show_default=True, type=click.IntRange(1, 1_000_000), help="Bulk size.")
@click.option(
    "--declarations",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Send the rows of this CSV of import declarations.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Keep evidence bundles here.")
@click.option("--keep", is_flag=True, help="Leave the nodes running, with their addresses and commands to try.")
@click.option("--program", "programs", multiple=True, hidden=True, callback=_programs, help="Another program.")
@json_option
def command(
    *,
    records: int,
    declarations: Path | None,
    out: Path | None,
    keep: bool,
    programs: dict[str, list[str]],
    as_json: bool,
) -> None:
    """Show three administrations exchanging signed records: NL, CN and US, each a process of its own."""
    from gateway.cli.demo.declarations import require_columns
    from gateway.cli.demo.performance import Wishes, perform
    from gateway.cli.demo.telling import JsonTeller, ScreenTeller

    if declarations:
        with declarations.open(encoding="utf-8-sig", newline="") as source:
            require_columns(source)
    code = perform(JsonTeller() if as_json else ScreenTeller(), Wishes(records, declarations, keep, out, programs))
    if code:
        raise click.exceptions.Exit(code)
