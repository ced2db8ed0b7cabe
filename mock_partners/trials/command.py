"""``./run mock rogue``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mock_partners.rogue.attack import Attack
    from mock_partners.trials.trial import Verdict


@click.command(
    "rogue",
    epilog="""\b
Examples:
  ./run mock rogue --list
  ./run mock rogue --all --junit rogue.xml
  ./run mock rogue wrong-signature hello-twice
  ./run mock rogue --against 127.0.0.1:7401 --partner nl/descriptor.note --home rogue
  ./run mock rogue wrong-signature --against 127.0.0.1:7401 --partner nl/descriptor.note --home rogue

Without --against, a gateway is brought up in this process, with an honest partner whose link must notice nothing. With
it, and without an attack, the rogue's descriptor and agreement are written, and what the other side runs with them is
printed. The exit code is 0 when every attack was answered as docs/protocol.md demands, 1 when not, 2 when it could not
be tried. What each attack does: docs/rogue.md""",
)
@click.argument("names", nargs=-1, metavar="[ATTACK]...")
@click.option("--all", "everything", is_flag=True, help="Every attack.")
@click.option("--list", "listed", is_flag=True, help="Show what there is, and attack nobody.")
@click.option("--against", metavar="HOST:PORT", help="The peer port of a real gateway.")
@click.option(
    "--partner",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The descriptor of that gateway, as its people gave it.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("rogue"),
    show_default=True,
    help="Where the rogue keeps its keys and logs between attacks on a real gateway.",
)
@click.option("--as", "administration", default="XA", show_default=True, type=click.Choice(["XA", "XB", "XC", "XD"]))
@click.option(
    "--junit", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write JUnit XML into this file."
)
@click.option(
    "--log-level",
    default="critical",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error", "critical"]),
    help="What the gateway that is brought up logs, on standard error.",
)
def command(
    names: tuple[str, ...],
    *,
    everything: bool,
    listed: bool,
    against: str | None,
    partner: Path | None,
    home: Path,
    administration: str,
    junit: Path | None,
    log_level: str,
) -> None:
    """Attack a gateway with what no gateway sends, and compare its answers with the protocol."""
    import gateway.rpc  # noqa: F401  before gRPC is: what it sets for TLS is read once, when gRPC is loaded
    from gateway.cli.screen import out
    from gateway.cli.serving import write_log
    from mock_partners.staging.junit import write_junit
    from mock_partners.trials import telling

    chosen = _chosen(names, everything=everything or (listed and not names))
    if listed:
        out().print(telling.listing(chosen))
        return
    if not (chosen or against):
        raise click.UsageError("Name an attack, or --all; --list shows what there is.")
    if against and not partner:
        raise click.UsageError("--against needs the descriptor of that gateway: --partner FILE.")
    write_log(form="text", level=log_level)
    if against and partner:
        verdicts = _abroad(chosen, home, administration, partner.read_bytes(), against)
    else:
        verdicts = _at_home(chosen)
    if not verdicts:
        return
    telling.tell(out(), verdicts)
    if junit is not None:
        write_junit(junit, [telling.report_of(verdicts)])
    sys.exit(0 if all(each.holds for each in verdicts) else 1)


def _chosen(names: tuple[str, ...], *, everything: bool) -> list[Attack]:
    from mock_partners.rogue.catalogue import ATTACKS

    unknown = [name for name in names if name not in ATTACKS]
    if unknown:
        raise click.UsageError(f"There is no attack {', '.join(unknown)}; --list shows what there is.")
    return list(ATTACKS.values()) if everything else [ATTACKS[name] for name in names]


def _at_home(attacks: list[Attack]) -> list[Verdict]:
    import asyncio

    from gateway.cli.screen import err
    from mock_partners.trials.trial import try_all

    progress = err()
    return asyncio.run(try_all(attacks, told=lambda each: progress.print(f"{each.attack.name} …", style="dim")))


def _abroad(attacks: list[Attack], home: Path, administration: str, partner: bytes, address: str) -> list[Verdict]:
    import asyncio

    from mock_partners.trials.abroad import Abroad

    abroad = Abroad.prepare(home, administration, partner, address)
    if not attacks:
        for line in abroad.steps():
            click.echo(line)
        return []
    verdicts = asyncio.run(abroad.attack(attacks))
    waiting = [each.name for each in attacks[len(verdicts) :]]
    if waiting:
        click.echo(f"The link is suspended there; when it is resumed: {' '.join(waiting)}", err=True)
    return verdicts
