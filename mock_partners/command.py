"""``python -m mock_partners``: the mock programs, one command each."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mock_partners.network.command import up as up_command
from mock_partners.network.join_command import join as join_command
from mock_partners.staging.command import command as run_command
from mock_partners.trials.command import command as rogue_command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  ./run mock generate --count 300 --seed 7 --out records.jsonl
  ./run mock generate --count 50 --issuer CN | ./run gateway submit --home cn -
  ./run mock proxy --listen 127.0.0.1:9401 --to 127.0.0.1:7401 --cut-every 5 --bytes-per-second 10000
  ./run mock behaviours
  ./run mock serve --behaviour fork@30s nl
  ./run mock up --members NL,CN,US,BR,KE,JP
  ./run mock run --all
  ./run mock rogue --all""",
)
def cli() -> None:
    """Programs to test a gateway against. All data they make is made up."""


cli.add_command(up_command)
cli.add_command(join_command)
cli.add_command(run_command)
cli.add_command(rogue_command)


@cli.command(
    epilog="""\b
Examples:
  ./run mock generate --count 300 --seed 7 --out records.jsonl
  ./run mock generate --count 50 --issuer CN | ./run gateway submit --home cn -"""
)
@click.option("--count", default=300, show_default=True, type=click.IntRange(min=1), help="How many records.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same records.")
@click.option("--issuer", "issuers", multiple=True, metavar="CODE", help="Only these issuers.")
@click.option("--no-aeo", is_flag=True, help="No operators' standings, only screenings and controls.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; standard output if left out."
)
def generate(count: int, seed: int, issuers: tuple[str, ...], out: Path | None, *, no_aeo: bool) -> None:
    """Write made-up records as JSON lines, one submission each (proto3 JSON)."""
    from mock_partners.traffic.generator import ISSUERS, Traffic

    traffic = Traffic(seed, issuers=issuers or ISSUERS, aeo=not no_aeo)
    with click.open_file(str(out or "-"), "w", encoding="utf-8") as target:
        for submission in traffic.submissions(count):
            target.write(f"{json.dumps(submission, separators=(',', ':'))}\n")
    if out:
        click.echo(f"{count} made-up records in {out}", err=True)


@cli.command(
    epilog="""\b
Examples:
  ./run mock proxy --listen 127.0.0.1:9401 --to 127.0.0.1:7401 --cut-every 5
  ./run mock proxy --listen 127.0.0.1:9401 --to 127.0.0.1:7401 --bytes-per-second 10000 --latency 0.3
  ./run mock proxy --listen 127.0.0.1:9401 --to 127.0.0.1:7401 --silent back   a line that carries one way only"""
)
@click.option(
    "--listen", required=True, metavar="HOST:PORT", help="Where partners dial instead; port 0 takes a free one."
)
@click.option("--to", "target", required=True, metavar="HOST:PORT", help="The peer port of the gateway behind it.")
@click.option("--cut-every", type=click.FloatRange(min=0, min_open=True), help="Cut all connections every N seconds.")
@click.option("--bytes-per-second", type=click.IntRange(min=1), help="At most so many bytes/s in each direction.")
@click.option("--latency", default=0.0, show_default=True, type=click.FloatRange(min=0), help="Seconds added each way.")
@click.option(
    "--silent",
    type=click.Choice(["there", "back", "both"]),
    help="Carry nothing towards the gateway, back from it, or at all, and tell nobody.",
)
def proxy(  # noqa: PLR0917  click hands them over by name
    listen: str,
    target: str,
    cut_every: float | None,
    bytes_per_second: int | None,
    latency: float,
    silent: str | None,
) -> None:
    """Stand between two gateways as a bad line."""
    import asyncio

    from mock_partners.fault_proxy import Faults, Silence, run

    faults = Faults(
        cut_every=cut_every,
        bytes_per_second=bytes_per_second,
        latency=latency,
        silent=Silence(silent) if silent else Silence.NEITHER,
    )
    asyncio.run(run(listen, target, faults, told=lambda line: click.echo(line, err=True)))


@cli.command(
    epilog="""\b
Examples:
  ./run mock serve --behaviour leak-field nl
  ./run mock serve --behaviour late:by=2s --behaviour fork@30s nl
  ./run demo --program CN="python -m mock_partners serve --behaviour corrupt-record\""""
)
@click.argument("home", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option(
    "--behaviour",
    "--fault",
    "specs",
    required=True,
    multiple=True,
    metavar="NAME[:key=value,…][@FROM[-UNTIL]]",
    help="What it does wrong, from when until when; several go together. 'behaviours' lists them.",
)
@click.option("--json", "as_json", is_flag=True, help="Say as JSON when it serves.")
def serve(home: Path, specs: tuple[str, ...], *, as_json: bool) -> None:
    """Run the node at HOME as a partner that misbehaves. Its own checks do not notice."""
    from mock_partners.behaviours import SpecInvalid
    from mock_partners.serving import serve_misbehaving

    try:
        serve_misbehaving(home, specs, as_json=as_json)
    except SpecInvalid as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(2)


@cli.command(
    epilog="""\b
Examples:
  ./run mock behaviours
  ./run mock behaviours --json
  ./run mock run fork            # the scenario of one of them"""
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def behaviours(*, as_json: bool) -> None:
    """List what a mock partner can do wrong, and what honest nodes must do then."""
    from gateway.cli.screen import out
    from mock_partners.behaviours import listing

    if as_json:
        click.echo(json.dumps(listing.rows(), indent=2))
    else:
        out().print(listing.table())


def main() -> None:
    """Run the command; an interruption ends it quietly."""
    try:
        cli(prog_name="./run mock")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(1)
