"""``gateway consignment``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option, resume_options

if TYPE_CHECKING:
    from datetime import datetime

    import grpc

    from mutualrecognition.national.v1 import consignments_service_pb2 as pb

KEYS: Final = ("container", "document", "ucr", "mrn")

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_AT_HELP: Final = "A day on which the goods were on their way."


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
@click.option("--at", type=_DAY, help=_AT_HELP)
@client_option
@home_option
@json_option
def show(number: str, key: str | None, at: datetime | None, home: Path, *, as_json: bool) -> None:
    """Show the timeline of NUMBER: a container, a transport document, a UCR or an MRN."""
    from gateway.cli.client import national_channel
    from gateway.cli.describing import readable

    with national_channel(home) as channel:
        found, cut_off = _found(channel, number, [key] if key else list(KEYS), at)
        if as_json:
            click.echo(json.dumps([readable(each) for each in found]))
        else:
            _show(channel, number, found, cut_off=cut_off)


@command.command(
    "watch",
    epilog="""\b
Examples:
  gateway consignment watch MSKU3841906 --key container --home nl
  gateway consignment watch MAEU123456789 --key document --json --resume box.txt --home nl | national-system

It goes on for ever, also when the node was away meanwhile. With --json, each line tells the cursor.""",
)
@click.argument("number")
@click.option("--key", type=click.Choice(KEYS), required=True, help="What NUMBER is.")
@click.option("--at", type=_DAY, help=_AT_HELP)
@resume_options
@client_option
@home_option
@json_option
def watch(
    *,
    number: str,
    key: str,
    at: datetime | None,
    count: int | None,
    cursor: str,
    resume: Path | None,
    home: Path,
    as_json: bool,
) -> None:
    """Show the timeline of NUMBER, and again whenever a record comes that bears on it."""
    from gateway.cli import watching
    from gateway.cli.client import national_channel
    from gateway.cli.describing import readable
    from mutualrecognition.national.v1 import consignments_service_pb2 as pb
    from mutualrecognition.national.v1.consignments_service_pb2_grpc import ConsignmentsServiceStub

    call = pb.WatchConsignmentRequest(keys=_keys(key, number, at), cursor=cursor or watching.kept_cursor(resume))
    with national_channel(home) as channel:
        begin = ConsignmentsServiceStub(channel).WatchConsignment
        for told, heard in enumerate(watching.watch(begin, call, away=watching.tell_away), 1):
            if as_json:
                click.echo(json.dumps(readable(heard)))
            else:
                _show(channel, number, list(heard.consignments), cut_off=heard.truncated)
            watching.keep_cursor(resume, heard.cursor)
            if told == count:
                return


def _show(channel: grpc.Channel, number: str, found: list[pb.Consignment], *, cut_off: bool) -> None:
    from gateway.cli.screen import out
    from gateway.cli.timeline import CUT_OFF, LEGEND, heading, timeline_table
    from gateway.cli.timeline_notes import timeline_notes

    notes = timeline_notes(found, channel)
    if not found:
        click.echo(f"Nothing is known of {number}.")
    for place, consignment in enumerate(found, 1):
        if len(found) > 1:
            click.echo(f"{number}: consignment {place} of {len(found)}, the latest first")
        click.echo(heading(consignment))
        out().print(timeline_table(consignment, notes))
        click.echo()
    if found:
        click.echo(LEGEND)
    if cut_off:
        click.echo(CUT_OFF)


def _found(
    channel: grpc.Channel, number: str, kinds: list[str], at: datetime | None
) -> tuple[list[pb.Consignment], bool]:
    """Ask by each kind of key; a consignment that several of them find is given once. Tells whether there is more."""
    from gateway.cli.client import CALL_SECONDS
    from mutualrecognition.national.v1 import consignments_service_pb2 as pb
    from mutualrecognition.national.v1.consignments_service_pb2_grpc import ConsignmentsServiceStub

    found: dict[tuple[str, ...], pb.Consignment] = {}
    cut_off = False
    service = ConsignmentsServiceStub(channel)
    for kind in kinds:
        answer = service.GetConsignment(pb.GetConsignmentRequest(keys=_keys(kind, number, at)), timeout=CALL_SECONDS)
        cut_off |= answer.truncated
        for each in answer.consignments:
            found.setdefault((*each.container_numbers, *each.transport_documents, *each.ucrs, *_records(each)), each)
    return list(found.values()), cut_off


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


def _records(consignment: pb.Consignment) -> list[str]:
    headers = [entry.record.record.header for entry in consignment.timeline]
    return [f"{each.issuer} {each.record_id}" for each in headers]
