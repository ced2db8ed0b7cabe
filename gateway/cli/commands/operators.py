"""``gateway operators``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option, resume_options

if TYPE_CHECKING:
    from datetime import datetime

    import grpc

    from mutualrecognition.national.v1 import operators_service_pb2 as pb

_LOCAL = re.compile("([A-Z0-9_-]{1,17}):(.{1,35})")


@click.group(cls=GatewayGroup)
def command() -> None:
    """Tell what each administration says of operators."""


@command.command(
    "lookup",
    epilog="\b\nExamples:\n  gateway operators lookup CN1234567890 --home nl\n"
    "  gateway operators lookup EORI:NL123456789 --home nl",
)
@click.argument("number")
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="At which moment, UTC; now if left out."
)
@client_option
@home_option
@json_option
def lookup(number: str, at: datetime | None, home: Path, *, as_json: bool) -> None:
    """Look NUMBER up: a TIN, or SCHEME:NUMBER of a national scheme. Names are never looked up."""
    from datetime import UTC

    from google.protobuf.timestamp_pb2 import Timestamp

    from gateway.cli.client import CALL_SECONDS, national_channel
    from gateway.cli.describing import readable
    from gateway.cli.operator_words import heard, operator_lines
    from mutualrecognition.national.v1 import operators_service_pb2 as pb
    from mutualrecognition.national.v1.operators_service_pb2_grpc import OperatorsServiceStub
    from mutualrecognition.records.v1.aeo_status_pb2 import LocalIdentifier

    moment = Timestamp(seconds=int(at.replace(tzinfo=UTC).timestamp())) if at else None
    if scheme := _LOCAL.fullmatch(number):
        request = pb.LookupOperatorRequest(local_id=LocalIdentifier(scheme=scheme[1], value=scheme[2]), at=moment)
    else:
        request = pb.LookupOperatorRequest(tin=number, at=moment)
    with national_channel(home) as channel:
        answer = OperatorsServiceStub(channel).LookupOperator(request, timeout=CALL_SECONDS)
        touched = {} if as_json else _touched(channel, answer)
    if as_json:
        click.echo(json.dumps(readable(answer)))
        return
    if not answer.operators:
        click.echo(f"Nobody has said anything of {number}.")
    for operator in answer.operators:
        for line in operator_lines(operator, touched):
            click.echo(line)
    for mark in answer.watermarks:
        click.echo(heard(mark))


@command.command("list", epilog="Examples:\n  gateway operators list CN --home nl")
@click.argument("administration")
@client_option
@home_option
@json_option
def listing(administration: str, home: Path, *, as_json: bool) -> None:
    """List the operators of ADMINISTRATION, a line each."""
    from gateway.cli.client import CALL_SECONDS, register
    from gateway.cli.describing import readable
    from gateway.cli.operator_words import headline, heard
    from mutualrecognition.national.v1 import operators_service_pb2 as pb

    token, told = "", 0
    with register(home) as operators:
        while True:
            request = pb.ListOperatorsRequest(issuer=administration, page_token=token)
            page = operators.ListOperators(request, timeout=CALL_SECONDS)
            told += len(page.operators)
            for operator in page.operators:
                click.echo(json.dumps(readable(operator)) if as_json else headline(operator))
            token = page.next_page_token
            if not token:
                break
    if not told and not as_json:
        click.echo(f"Nothing is known here of operators of {administration}.")
    if page.HasField("watermark") and not as_json:
        click.echo(heard(page.watermark))


@command.command(
    "watch",
    epilog="""\b
Examples:
  gateway operators watch --from-now --issuer CN --home nl
  gateway operators watch --json --resume operators.txt --home nl | national-system

It goes on for ever, also when the node was away meanwhile. With --json, the last line of what came together tells the
cursor.""",
)
@resume_options
@click.option("--from-now", is_flag=True, help="Only what is said from now on.")
@click.option("--issuer", "issuers", multiple=True, metavar="XX", help="Only what this administration says.")
@client_option
@home_option
@json_option
def watch(
    *,
    count: int | None,
    cursor: str,
    resume: Path | None,
    from_now: bool,
    issuers: tuple[str, ...],
    home: Path,
    as_json: bool,
) -> None:
    """Show operators as something new is said of them."""
    from gateway.cli import watching
    from gateway.cli.client import register
    from gateway.cli.hand_table import message_json
    from gateway.cli.operator_words import headline
    from mutualrecognition.national.v1 import operators_service_pb2 as pb

    call = pb.WatchOperatorsRequest(cursor=cursor or watching.kept_cursor(resume), issuers=issuers, from_now=from_now)
    with register(home) as operators:
        news = watching.follow(operators.WatchOperators, call, "operators", resume=resume, count=count)
        for each, reached in news:
            click.echo(message_json(each, reached) if as_json else headline(each))


@command.command("digest", epilog="Examples:\n  gateway operators digest CN NL --day 2026-11-26 --home nl")
@click.argument("issuer")
@click.argument("partner")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="The day that begins at that midnight; today if left out."
)
@client_option
@home_option
@json_option
def digest(issuer: str, partner: str, day: datetime | None, home: Path, *, as_json: bool) -> None:
    """Sum up what PARTNER knows of ISSUER's operators at a midnight, UTC.

    Both administrations compute it from their own records. Equal digests mean that nothing is missing.
    """
    from datetime import UTC, datetime

    from gateway.cli.client import CALL_SECONDS, register
    from gateway.cli.describing import readable, when
    from mutualrecognition.national.v1 import operators_service_pb2 as pb

    asked = (day or datetime.now(UTC)).strftime("%Y-%m-%d")
    with register(home) as operators:
        request = pb.GetRegisterDigestRequest(issuer=issuer, partner=partner, day=asked)
        answer = operators.GetRegisterDigest(request, timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps({**readable(answer), "sha256": answer.sha256.hex()}))
        return
    click.echo(f"{issuer} to {partner}, {when(answer.midnight.seconds)}: {answer.count} operators")
    click.echo(f"  digest {answer.sha256.hex()}")
    if not answer.complete:
        click.echo(f"  {issuer} was not heard beyond that midnight yet: until then, a difference means nothing.")


def _touched(channel: grpc.Channel, answer: pb.LookupOperatorResponse) -> dict[tuple[str, str], str]:
    """Say in a line what each record is that a late notice touches."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.describing import summary
    from gateway.cli.operator_words import touched_in
    from mutualrecognition.national.v1 import records_service_pb2 as records
    from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

    service = RecordsServiceStub(channel)
    notices = [notice for operator in answer.operators for notice in operator.late_notices]
    named = {name for notice in notices for name in touched_in(notice)}
    asked = {name: records.GetRecordRequest(issuer=name[0], record_id=name[1]) for name in sorted(named)}
    return {name: summary(service.GetRecord(call, timeout=CALL_SECONDS).record.record) for name, call in asked.items()}
