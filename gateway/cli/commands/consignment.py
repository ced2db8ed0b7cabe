"""``gateway consignment``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from datetime import datetime

    from mutualrecognition.national.v1 import consignments_service_pb2 as pb

KEYS: Final = ("container", "document", "ucr", "mrn")


@click.group(cls=GatewayGroup)
def command() -> None:
    """Tell what is known of goods."""


@command.command(
    "show",
    epilog="\b\nExamples:\n  gateway consignment show MSKU3841906 --home nl\n"
    "  gateway consignment show MAEU123456789 --key document --home nl",
)
@click.argument("number")
@click.option("--key", type=click.Choice(KEYS), help="What NUMBER is; if left out, each is tried.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="A day on which the goods were on their way.")
@home_option
@json_option
def show(number: str, key: str | None, at: datetime | None, home: Path, *, as_json: bool) -> None:
    """Show the timeline of NUMBER: a container, a transport document, a UCR or an MRN."""
    from gateway.cli.describing import readable
    from gateway.cli.screen import out
    from gateway.cli.timeline import LEGEND, heading, timeline_table

    found = _found(home, number, [key] if key else list(KEYS), at)
    if as_json:
        click.echo(json.dumps([readable(each) for each in found]))
        return
    if not found:
        click.echo(f"Nothing is known of {number}.")
    for consignment in found:
        click.echo(heading(consignment))
        out().print(timeline_table(consignment))
        click.echo()
    if found:
        click.echo(LEGEND)


def _found(home: Path, number: str, kinds: list[str], at: datetime | None) -> list[pb.Consignment]:
    """Ask by each kind of key; a consignment that several of them find is given once."""
    from gateway.cli.client import CALL_SECONDS, consignments
    from mutualrecognition.national.v1 import consignments_service_pb2 as pb

    found: dict[bytes, pb.Consignment] = {}
    with consignments(home) as service:
        for kind in kinds:
            request = pb.GetConsignmentRequest(keys=_keys(kind, number, at))
            for each in service.GetConsignment(request, timeout=CALL_SECONDS).consignments:
                found.setdefault(each.timeline[0].record.record_bytes, each)
    return list(found.values())


def _keys(kind: str, number: str, at: datetime | None) -> pb.ConsignmentKeys:
    from datetime import UTC

    from mutualrecognition.national.v1 import consignments_service_pb2 as pb

    keys = pb.ConsignmentKeys()
    match kind:
        case "container":
            keys.container_numbers.append(number)
        case "document":
            keys.transport_documents.append(number)
        case _:
            setattr(keys, kind, number)
    if at:
        keys.at.seconds = int(at.replace(tzinfo=UTC).timestamp())
    return keys
