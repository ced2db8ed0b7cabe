"""``gateway links``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option

if TYPE_CHECKING:
    from rich.table import Table

    from mutualrecognition.operations.v1 import links_service_pb2 as pb
    from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub

_REFRESH_SECONDS: Final = 0.5


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway links --home nl
  gateway links --home nl --watch
  gateway links --home nl --resume CN --reason 'both operators compared the checkpoints'
  gateway links --home nl --accept-generation CN:2 --reason 'CN lost its disk; agreed by telephone'

position: records in our log to the partner; receipted: those that it has signed for; lag: how long the oldest record
without a receipt has waited; received: records in the partner's log to us.""",
)
@click.option("--watch", is_flag=True, help="Go on showing, until Ctrl-C.")
@click.option("--resume", metavar="XX", help="Let the suspended link with this partner dial again.")
@click.option(
    "--accept-generation",
    "accepted",
    metavar="XX:N",
    help="Hold this partner's log in its generation N from here on: it lost the log before, and has closed it.",
)
@click.option("--reason", help="Why it is resumed or accepted; kept in the audit log.")
@home_option
@json_option
def command(
    *, watch: bool, resume: str | None, accepted: str | None, reason: str | None, home: Path, as_json: bool
) -> None:
    """Show the links with all partners as the running node sees them."""
    from gateway.cli.client import CALL_SECONDS, operations
    from gateway.cli.describing import readable
    from gateway.cli.link_table import link_table
    from mutualrecognition.operations.v1 import links_service_pb2 as pb

    if bool(resume) + bool(accepted) != bool(reason):
        raise click.UsageError("--resume or --accept-generation, one of them, and --reason go together.")
    with operations(home) as (links, _):
        if reason:
            _settle(links, resume, accepted or "", reason)
            return
        node = links.GetNode(pb.GetNodeRequest(), timeout=CALL_SECONDS)
        own = node.administration

        def current() -> Sequence[pb.Link]:
            return links.ListLinks(pb.ListLinksRequest(), timeout=CALL_SECONDS).links

        if not as_json:
            if watch:
                _show_live(lambda: link_table(own, current()))
            else:
                _show(own, current())
                for concern in node.concerns:
                    click.echo(f"! {concern.sentence}")
            return
        while True:
            for link in current():
                click.echo(json.dumps(readable(link)))
            if not watch:
                return
            time.sleep(_REFRESH_SECONDS)


def _show(own: str, rows: Sequence[pb.Link]) -> None:
    from gateway.cli.link_table import link_table, remarks_on
    from gateway.cli.screen import show_whole

    show_whole(link_table(own, rows))
    for remark in remarks_on(rows):
        click.echo(remark)


def _settle(links: LinksServiceStub, resume: str | None, accepted: str, reason: str) -> None:
    """Say the operator's word about a link: that it may be dialled again, or in which generation its log goes on."""
    from gateway.cli.client import CALL_SECONDS
    from mutualrecognition.operations.v1 import links_service_pb2 as pb

    if resume:
        links.ResumeLink(pb.ResumeLinkRequest(partner=resume, reason=reason), timeout=CALL_SECONDS)
        click.echo(f"✓ The link with {resume} is resumed.")
        return
    partner, generation = _log_in(accepted)
    request = pb.AcceptGenerationRequest(partner=partner, generation=generation, reason=reason)
    origin = links.AcceptGeneration(request, timeout=CALL_SECONDS).origin
    click.echo(f"✓ The log {origin} is held from here on; the one before stays as evidence.")


def _log_in(accepted: str) -> tuple[str, int]:
    """Read ``CN:2``."""
    partner, colon, generation = accepted.partition(":")
    if not (colon and generation.isascii() and generation.isdigit()):
        raise click.UsageError("Name partner and generation, as in --accept-generation CN:2.")
    return partner, int(generation)


def _show_live(current: Callable[[], Table]) -> None:
    from rich.live import Live

    from gateway.cli.screen import out

    with Live(current(), console=out(), auto_refresh=False) as live:
        while True:
            time.sleep(_REFRESH_SECONDS)
            live.update(current(), refresh=True)
