"""``gateway recall``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option
from gateway.cli.moments import MOMENT, posix

if TYPE_CHECKING:
    from datetime import datetime

    from mutualrecognition.national.v1 import recalls_service_pb2 as pb
    from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub

CAUSES: Final = (
    "RECORD_WITHDRAWN",
    "RECORD_CORRECTED",
    "OPERATOR_SUSPENDED",
    "KEY_COMPROMISED",
    "EQUIPMENT_FAULT",
    "PROGRAMME_INCIDENT",
)
STATES: Final = ("OPEN", "ACKNOWLEDGED", "SETTLED", "ESCALATED")
_DECLARE_SECONDS: Final = 120.0
"""Finding the records of a device among very many takes some seconds."""


issuer_option = click.option(
    "--issuer", default="", metavar="XX", help="Whose recall, where several administrations have used its name."
)


@click.group(cls=GatewayGroup)
def command() -> None:
    """Recall what must no longer be relied on, and see what stood on it."""


@command.command(
    "declare",
    epilog="\b\nExamples:\n  gateway recall declare CN-2026-7 --device CN-YTN-XR-07 --from 2026-11-01 \\\n"
    "      --to 2026-11-03 --cause EQUIPMENT_FAULT --dry-run --home cn\n"
    "  gateway recall declare CN-2026-8 --record RECORD_ID --cause RECORD_WITHDRAWN --home cn",
)
@click.argument("name")
@click.option("--record", "records", multiple=True, help="This record; may be given several times.")
@click.option("--device", default="", help="Whatever was done with this equipment.")
@click.option("--office", default="", help="Whatever this office stated.")
@click.option("--tin", default="", help="Whatever was stated of this operator.")
@click.option("--kind", default="", help="Only this kind of record, such as inspection_outcome.")
@click.option("--from", "begin", type=MOMENT, help="Done at this time or later, UTC.")
@click.option("--to", "end", type=MOMENT, help="Done before this time, UTC.")
@click.option("--cause", type=click.Choice(CAUSES), required=True, help="Why.")
@click.option("--text", default="", help="What there is to say.")
@click.option("--answer-by", type=MOMENT, help="By when it must be answered, UTC; in 24 hours if left out.")
@click.option("--dry-run", is_flag=True, help="Only tell what it would reach.")
@home_option
@json_option
def declare(
    *,
    name: str,
    records: tuple[str, ...],
    device: str,
    office: str,
    tin: str,
    kind: str,
    begin: datetime | None,
    end: datetime | None,
    cause: str,
    text: str,
    answer_by: datetime | None,
    dry_run: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Recall records of this administration under NAME: every partner that got them is told."""
    from mutualrecognition.national.v1 import recalls_service_pb2 as pb
    from mutualrecognition.records.v1.recall_pb2 import RecallCause

    selection = pb.RecallSelection(record_ids=records, office=office, equipment_id=device, tin=tin, kind=kind)
    if begin is not None:
        selection.done_from.seconds = posix(begin)
    if end is not None:
        selection.done_until.seconds = posix(end)
    request = pb.DeclareRecallRequest(
        recall_id=name,
        selection=selection,
        cause=RecallCause.Value(f"RECALL_CAUSE_{cause}"),
        text=text,
        dry_run=dry_run,
    )
    if answer_by is not None:
        request.ack_required_by.seconds = posix(answer_by)
    with _recalls(home) as service:
        recall = service.DeclareRecall(request, timeout=_DECLARE_SECONDS).recall
    if not as_json:
        would = "would name" if dry_run else "names"
        count = recall.records
        click.echo(f"{'' if dry_run else '✓ '}the recall {name} {would} {count:,} record{'' if count == 1 else 's'}")
    _tell_one(recall, as_json=as_json)


@command.command("list", epilog="Examples:\n  gateway recall list --state OPEN --state ESCALATED --home nl")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state.")
@home_option
@json_option
def listing(states: tuple[str, ...], home: Path, *, as_json: bool) -> None:
    """List recalls: those of partners, our own, and those that this node found."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.describing import readable
    from gateway.cli.reliance_tables import recall_table
    from gateway.cli.screen import show_whole
    from mutualrecognition.national.v1 import recalls_service_pb2 as pb

    found: list[pb.Recall] = []
    request = pb.ListRecallsRequest(states=[pb.RecallState.Value(f"RECALL_STATE_{each}") for each in states])
    with _recalls(home) as service:
        while True:
            page = service.ListRecalls(request, timeout=CALL_SECONDS)
            found += page.recalls
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        click.echo(json.dumps([readable(each) for each in found]))
    elif found:
        show_whole(recall_table(found))
    else:
        click.echo("Nothing was recalled.")


@command.command("show", epilog="Examples:\n  gateway recall show CN-2026-7 --home nl")
@click.argument("name")
@click.option("--count", type=click.IntRange(1, 1000), default=100, show_default=True, help="Decisions at most.")
@issuer_option
@home_option
@json_option
def show(name: str, count: int, issuer: str, home: Path, *, as_json: bool) -> None:
    """Show the recall NAME: who answered, and which decisions it reaches, goods not yet released first."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.describing import readable
    from gateway.cli.reliance_tables import reliance_table
    from gateway.cli.screen import printable, show_whole
    from mutualrecognition.national.v1 import recalls_service_pb2 as pb

    with _recalls(home) as service:
        request = pb.GetRecallRequest(recall_id=name, page_size=count, issuer=issuer)
        answer = service.GetRecall(request, timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps(readable(answer)))
        return
    _tell_one(answer.recall, as_json=False)
    if answer.recall.text:
        click.echo(printable(answer.recall.text))
    if answer.decisions:
        click.echo()
        show_whole(reliance_table(answer.decisions))
    if answer.next_page_token:
        click.echo(f"… {answer.recall.decisions - len(answer.decisions):,} more")


@command.command(
    "answer",
    epilog="\b\nExamples:\n  gateway recall answer CN-2026-7 --home nl\n"
    "  gateway recall answer CN-2026-7 --finding DECISION=HELD --finding DECISION=RELEASED --complete --home nl",
)
@click.argument("name")
@click.option("--finding", "findings", multiple=True, help="DECISION=STATE: where its goods are now.")
@click.option("--complete", is_flag=True, help="Nothing more is to follow.")
@issuer_option
@home_option
@json_option
def answer(name: str, findings: tuple[str, ...], issuer: str, home: Path, *, complete: bool, as_json: bool) -> None:
    """Tell the partner what was done on the ground of the records that NAME recalls.

    For decisions that no --finding names, what the ledger knows of goods and feedback is told.
    """
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.enum_words import value_of
    from mutualrecognition.national.v1 import recalls_service_pb2 as pb
    from mutualrecognition.records.v1.recall_answer_pb2 import GoodsState

    request = pb.AnswerRecallRequest(recall_id=name, complete=complete, issuer=issuer)
    for each in findings:
        decision, equals, state = each.partition("=")
        if not equals:
            raise click.BadParameter(f"{each} is not DECISION=STATE.", param_hint="--finding")
        request.findings.add(decision_id=decision, goods_state=value_of(GoodsState, "GOODS_STATE_", state, "--finding"))
    with _recalls(home) as service:
        recall = service.AnswerRecall(request, timeout=CALL_SECONDS).recall
    _tell_one(recall, as_json=as_json)


@command.command("watch", epilog="Examples:\n  gateway recall watch --home nl")
@click.option("--cursor", default="", help="Go on after this cursor, which --json prints.")
@click.option("--count", type=click.IntRange(1), help="Stop after so many messages.")
@home_option
@json_option
def watch(cursor: str, count: int | None, home: Path, *, as_json: bool) -> None:
    """Show recalls as something happens to them, until Ctrl-C."""
    from gateway.cli.describing import readable
    from gateway.cli.reliance_tables import recall_table
    from gateway.cli.screen import show_whole
    from mutualrecognition.national.v1 import recalls_service_pb2 as pb

    with _recalls(home) as service:
        for number, message in enumerate(service.WatchRecalls(pb.WatchRecallsRequest(cursor=cursor)), 1):
            if as_json:
                click.echo(json.dumps(readable(message)))
            else:
                show_whole(recall_table(message.recalls))
            if number == count:
                return


def _tell_one(recall: pb.Recall, *, as_json: bool) -> None:
    from gateway.cli.describing import readable
    from gateway.cli.reliance_tables import party_table, recall_table
    from gateway.cli.screen import show_whole

    if as_json:
        click.echo(json.dumps(readable(recall)))
        return
    show_whole(recall_table([recall]))
    if recall.parties:
        click.echo()
        show_whole(party_table(recall.parties))


@contextmanager
def _recalls(home: Path) -> Iterator[RecallsServiceStub]:
    from gateway.cli.client import national_channel
    from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub

    with national_channel(home) as channel:
        yield RecallsServiceStub(channel)
