"""``./run mock join``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.durations import DURATION

if TYPE_CHECKING:
    from mock_partners.network.joining import Guest
    from mutualrecognition.operations.v1.links_service_pb2 import Link

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.command(
    "join",
    epilog="""\b
Examples:
  ./run gateway descriptor export nl.note --home nl
  ./run mock join --as BR --against 127.0.0.1:7401 --descriptor nl.note --agreement nl-br.toml
  ./run mock join --as XA --against gateway.test.example:7401 --descriptor nl.note --agreement both.note --for 10m

The mock makes a home for itself, signs the agreement and says which commands the other side runs: it adds the mock's
descriptor, by its words, and the agreement with both signatures. Then the mock dials, states what leaves for the other
side, answers its requests and alerts, and ends as ./run mock up does. It need not be reachable: it dials.""",
)
@click.option("--as", "administration", required=True, metavar="CODE", help="Whom the mock stands for.")
@click.option("--against", required=True, metavar="HOST:PORT", help="Where the real gateway takes its partners' calls.")
@click.option("--descriptor", required=True, type=_FILE, help="The real gateway's, as 'descriptor export' wrote it.")
@click.option("--agreement", required=True, type=_FILE, help="Its text, or a note that the other side has signed.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same traffic.")
@click.option(
    "--rate", default=5.0, show_default=True, type=click.FloatRange(min=0, min_open=True), help="Records a second."
)
@click.option("--behaviour", "behaviours", multiple=True, metavar="SPEC", help="How XA to XD misbehave; repeatable.")
@click.option("--for", "lasts", type=DURATION, metavar="SPAN", help="End by itself, as after 45s or 10m.")
@click.option(
    "--place",
    default=Path("mock-partner"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where its home and what it hands out are made.",
)
def join(
    *,
    administration: str,
    against: str,
    descriptor: Path,
    agreement: Path,
    seed: int,
    rate: float,
    behaviours: tuple[str, ...],
    lasts: int | None,
    place: Path,
) -> None:
    """Let one mock partner link with a real gateway, with traffic, until it is stopped."""
    from contextlib import closing

    from gateway.cli.serving import write_log
    from mock_partners.network.command import empty
    from mock_partners.network.joining import Guest, Invitation
    from mock_partners.network.topology import NetworkInvalid
    from mock_partners.staging.homes import Homes

    write_log(form="json", level="critical")
    invitation = Invitation(administration, against, descriptor.read_bytes(), agreement.read_bytes())
    try:
        at = empty(place).resolve()
        with closing(Homes(at)) as maker:
            guest = Guest(invitation, at, maker, behaviours)
            sys.exit(0 if asyncio.run(_visit(guest, seed=seed, rate=rate, lasts=lasts)) else 1)
    except NetworkInvalid as error:
        click.echo(f"mock: {error}", err=True)
        sys.exit(2)


async def _visit(guest: Guest, *, seed: int, rate: float, lasts: int | None) -> bool:
    from mock_partners.network.performing import stop_signals
    from mutualrecognition.operations.v1 import links_service_pb2 as operations

    own, partner = guest.home.administration, guest.partner.administration
    click.echo(f"The other side, {partner}, runs these with its own HOME; the words are those of {own}'s descriptor:")
    for command in guest.guide():
        click.echo(f"  {command}")
    async with stop_signals() as stop:
        if not await _or_stopped(stop, guest.wait_until_agreed()):
            return True
        click.echo(f"✓ The agreement has both signatures; {own} dials.")
        visit = await guest.open()
        try:

            async def opened() -> None:
                while (await visit.link()).state != operations.LINK_STATE_OPEN:  # noqa: ASYNC110  the other side acts
                    await asyncio.sleep(0.2)

            if not await _or_stopped(stop, opened()):
                return True
            click.echo(f"✓ {own} → {partner} is open: {rate:g} records/s. Ctrl-C ends it.")
            visit.trade(seed=seed, rate=rate)
            await _or_stopped(stop, asyncio.sleep(lasts) if lasts else asyncio.Event().wait())
            return _told(own, partner, await visit.settle(), visit.tally.incidents)
        finally:
            await visit.close()


def _told(own: str, partner: str, link: Link, incidents: list[str]) -> bool:
    for each in incidents:
        click.echo(f"✗ {each}")
    issued, waiting = link.issued, link.waiting
    lost = issued.size + waiting - issued.receipted
    sign = "✗" if lost else "✓"
    click.echo(
        f"{sign} {own} → {partner}: {issued.size + waiting:,} records stated, {issued.receipted:,} signed for, "
        f"{lost:,} missing; {link.held.size:,} received"
    )
    return not lost


async def _or_stopped(stop: asyncio.Event, waiting: Coroutine[None, None, object]) -> bool:
    """Wait for something, or until it is to stop; False then."""
    task = asyncio.create_task(waiting)
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, stopping):
        each.cancel()
    if task in done:
        task.result()
    return task in done
