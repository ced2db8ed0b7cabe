"""``gateway operators``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from datetime import datetime

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
@home_option
@json_option
def lookup(number: str, at: datetime | None, home: Path, *, as_json: bool) -> None:
    """Look NUMBER up: a TIN, or SCHEME:NUMBER of a national scheme. Names are never looked up."""
    from datetime import UTC

    from google.protobuf.timestamp_pb2 import Timestamp

    from gateway.cli.client import CALL_SECONDS, register
    from gateway.cli.describing import readable
    from mutualrecognition.national.v1 import operators_service_pb2 as pb
    from mutualrecognition.records.v1.aeo_status_pb2 import LocalIdentifier

    moment = Timestamp(seconds=int(at.replace(tzinfo=UTC).timestamp())) if at else None
    if scheme := _LOCAL.fullmatch(number):
        request = pb.LookupOperatorRequest(local_id=LocalIdentifier(scheme=scheme[1], value=scheme[2]), at=moment)
    else:
        request = pb.LookupOperatorRequest(tin=number, at=moment)
    with register(home) as operators:
        answer = operators.LookupOperator(request, timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps(readable(answer)))
        return
    if not answer.operators:
        click.echo(f"Nobody has said anything of {number}.")
    for operator in answer.operators:
        for line in _told(operator):
            click.echo(line)
    for line in _silence(answer):
        click.echo(line)


@command.command("list", epilog="Examples:\n  gateway operators list CN --home nl")
@click.argument("administration")
@home_option
@json_option
def listing(administration: str, home: Path, *, as_json: bool) -> None:
    """List the operators of ADMINISTRATION, a line each."""
    from gateway.cli.client import CALL_SECONDS, register
    from gateway.cli.describing import readable
    from mutualrecognition.national.v1 import operators_service_pb2 as pb

    token = ""
    with register(home) as operators:
        while True:
            request = pb.ListOperatorsRequest(issuer=administration, page_token=token)
            page = operators.ListOperators(request, timeout=CALL_SECONDS)
            for operator in page.operators:
                click.echo(json.dumps(readable(operator)) if as_json else _headline(operator))
            token = page.next_page_token
            if not token:
                return


@command.command("digest", epilog="Examples:\n  gateway operators digest CN NL --day 2026-11-26 --home nl")
@click.argument("issuer")
@click.argument("partner")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="The day that begins at that midnight; today if left out."
)
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


def _headline(operator: pb.OperatorStanding) -> str:
    from gateway.cli.screen import printable

    mark = "✓" if operator.counts_for_security else "✗"
    name = f"  {operator.standing.legal_name}" if operator.standing.legal_name else ""
    return printable(f"{mark} {operator.issuer} {operator.tin}{name}: {operator.reason}")


def _told(operator: pb.OperatorStanding) -> Iterator[str]:
    from gateway.cli.describing import short, when
    from mutualrecognition.national.v1 import operators_service_pb2 as pb

    yield _headline(operator)
    for line in operator.history:
        until = f" until {when(line.until.seconds)}" if line.HasField("until") else ""
        gone = {pb.STANDING_FATE_CORRECTED: ", corrected", pb.STANDING_FATE_WITHDRAWN: ", withdrawn"}.get(line.fate, "")
        yield f"    {short(line, 'status')} from {when(line.effective_at.seconds)}{until}{gone}"
    for notice in operator.late_notices:
        yield (
            f"    ! {short(notice, 'status')} held from {when(notice.effective_at.seconds)} and was heard of "
            f"{when(notice.known_at.seconds)}: review what was decided between ({len(notice.touched)} consignments)."
        )
    if operator.purged:
        gone = f"; {operator.erased} records of it were erased here" if operator.erased else ""
        yield f"    purged {operator.purged} earlier statements: the operator withdrew its consent{gone}."


def _silence(answer: pb.LookupOperatorResponse) -> Iterator[str]:
    """Say what silence is worth."""
    from gateway.cli.describing import when

    for mark in answer.watermarks:
        heard = (
            f"complete as of {when(mark.complete_as_of.seconds)}"
            if mark.HasField("complete_as_of")
            else "not heard yet"
        )
        yield f"  {mark.partner}: {heard}"
