"""``gateway reliance``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.commands.feedback import GOODS
from gateway.cli.framing import GatewayGroup, home_option, json_option
from gateway.cli.moments import MOMENT, posix

if TYPE_CHECKING:
    from datetime import datetime

    from google.protobuf.message import Message
    from rich.table import Table

    from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub


@click.group(cls=GatewayGroup)
def command() -> None:
    """Look into the ledger of what was relied on, and suspend reliance."""


@command.command("list", epilog="Examples:\n  gateway reliance list --partner CN --open --home nl")
@click.option("--partner", default="", help="On records of this partner only.")
@click.option("--record", "record_id", default="", help="On this record only.")
@click.option("--open", "open_only", is_flag=True, help="Only those without feedback.")
@click.option("--count", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@home_option
@json_option
def listing(partner: str, record_id: str, count: int, home: Path, *, open_only: bool, as_json: bool) -> None:
    """List decisions that relied, the newest first."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.reliance_tables import reliance_table
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb
    from mutualrecognition.national.v1.reliance_pb2 import Reliance

    found: list[Reliance] = []
    token = ""
    with _reliances(home) as service:
        while len(found) < count:
            size = min(1000, count - len(found))
            request = pb.ListReliancesRequest(
                page_size=size, page_token=token, partner=partner, record_id=record_id, open=open_only
            )
            page = service.ListReliances(request, timeout=CALL_SECONDS)
            found += page.reliances
            token = page.next_page_token
            if not token:
                break
    _tell(found, reliance_table(found), as_json=as_json)
    if token and not as_json:
        click.echo("… and more: --count N shows them.")


@command.command("goods", epilog="Examples:\n  gateway reliance goods RELEASED DECISION [DECISION …] --home nl")
@click.argument("state", type=click.Choice(GOODS))
@click.argument("decisions", nargs=-1, required=True)
@home_option
@json_option
def goods(state: str, decisions: tuple[str, ...], home: Path, *, as_json: bool) -> None:
    """Note where the goods of DECISIONS are: a recall lists first what is not released."""
    from gateway.cli.client import CALL_SECONDS
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb
    from mutualrecognition.records.v1.recall_answer_pb2 import GoodsState

    request = pb.NoteGoodsRequest(decision_ids=decisions, state=GoodsState.Value(f"GOODS_STATE_{state}"))
    with _reliances(home) as service:
        unknown = service.NoteGoods(request, timeout=CALL_SECONDS).unknown
    for each in unknown:
        click.echo(f"✗ there is no decision {each} in the ledger", err=True)
    if as_json:
        click.echo(json.dumps({"state": state, "noted": len(decisions) - len(unknown), "unknown": list(unknown)}))
    else:
        click.echo(f"✓ {len(decisions) - len(unknown)} noted as {state}")
    if unknown:
        raise click.exceptions.Exit(1)


@command.command(
    "suspend",
    epilog="\b\nExamples:\n  gateway reliance suspend CN --device CN-YTN-XR-07 --reason 'at fault' --home nl\n"
    "  gateway reliance suspend CN --office CNSHA --until 2027-01-01 --reason 'under review' --home nl",
)
@click.argument("partner")
@click.option("--office", default="", help="Of this office of the partner.")
@click.option("--device", default="", help="Done with this equipment, by its entry in the partner's register.")
@click.option("--kind", default="", help="Of this kind of record, such as inspection_outcome.")
@click.option("--threat", default="", help="For this threat, such as NARCOTICS.")
@click.option("--loaded-at", default="", help="Goods loaded at this LOCODE, or in this country.")
@click.option("--discharged-at", default="", help="Goods discharged at this LOCODE, or in this country.")
@click.option("--until", type=MOMENT, help="Until when, UTC; until it is lifted if left out.")
@click.option("--reason", required=True, help="Why; kept with it.")
@home_option
@json_option
def suspend(
    *,
    partner: str,
    office: str,
    device: str,
    kind: str,
    threat: str,
    loaded_at: str,
    discharged_at: str,
    until: datetime | None,
    reason: str,
    home: Path,
    as_json: bool,
) -> None:
    """Suspend reliance on a part of what PARTNER states, from the next decision on."""
    from uuid import uuid4

    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.enum_words import value_of
    from gateway.cli.reliance_tables import suspension_table
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb
    from mutualrecognition.national.v1.reliance_pb2 import SuspensionScope
    from mutualrecognition.records.v1.threat_pb2 import Threat

    scope = SuspensionScope(
        partner=partner,
        office=office,
        equipment_id=device,
        kind=kind,
        threat=value_of(Threat, "THREAT_", threat, "--threat") if threat else Threat.Value("THREAT_UNSPECIFIED"),
        loaded_at=loaded_at,
        discharged_at=discharged_at,
    )
    request = pb.SuspendRelianceRequest(request_id=str(uuid4()), scope=scope, reason=reason)
    if until is not None:
        request.until.seconds = posix(until)
    with _reliances(home) as service:
        suspension = service.SuspendReliance(request, timeout=CALL_SECONDS).suspension
    _tell([suspension], suspension_table([suspension]), as_json=as_json)


@command.command("lift", epilog="Examples:\n  gateway reliance lift SUSPENSION --reason 'calibrated again' --home nl")
@click.argument("suspension")
@click.option("--reason", required=True, help="Why; kept with it.")
@home_option
@json_option
def lift(suspension: str, reason: str, home: Path, *, as_json: bool) -> None:
    """End a SUSPENSION of reliance before its time."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.reliance_tables import suspension_table
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb

    with _reliances(home) as service:
        answer = service.LiftSuspension(
            pb.LiftSuspensionRequest(suspension_id=suspension, reason=reason), timeout=CALL_SECONDS
        )
    _tell([answer.suspension], suspension_table([answer.suspension]), as_json=as_json)


@command.command("suspensions", epilog="Examples:\n  gateway reliance suspensions --home nl")
@home_option
@json_option
def suspensions(home: Path, *, as_json: bool) -> None:
    """List suspensions of reliance, the newest first."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.reliance_tables import suspension_table
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb

    with _reliances(home) as service:
        found = service.ListSuspensions(pb.ListSuspensionsRequest(), timeout=CALL_SECONDS).suspensions
    _tell(found, suspension_table(found), as_json=as_json)


@contextmanager
def _reliances(home: Path) -> Iterator[ReliancesServiceStub]:
    from gateway.cli.client import national_channel
    from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub

    with national_channel(home) as channel:
        yield ReliancesServiceStub(channel)


def _tell(found: object, table: Table, *, as_json: bool) -> None:
    from gateway.cli.describing import readable
    from gateway.cli.screen import show_whole

    messages: list[Message] = list(found)  # type: ignore[call-overload]
    if as_json:
        click.echo(json.dumps([readable(each) for each in messages]))
    elif messages:
        show_whole(table)
    else:
        click.echo("There is nothing.")
