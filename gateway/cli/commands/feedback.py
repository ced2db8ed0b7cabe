"""``gateway feedback``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option
from gateway.cli.moments import MOMENT, posix

if TYPE_CHECKING:
    from datetime import datetime

SEALS: Final = ("INTACT", "DAMAGED", "MISSING", "NUMBER_MISMATCH", "NOT_CHECKED")
GOODS: Final = ("NOT_ARRIVED", "HELD", "RELEASED")


@click.command(
    cls=GatewayCommand,
    epilog="\b\nExamples:\n  gateway feedback DECISION --goods RELEASED --home nl\n"
    "  gateway feedback DECISION --check NII_XRAY --conclusion NO_DISCREPANCY --seal INTACT --home nl\n"
    "  gateway feedback DECISION --check PHYS_FULL_DEVAN --conclusion DISCREPANCY --contradicts --home nl",
)
@click.argument("decision")
@click.option("--check", "checks", multiple=True, help="What was done, such as NII_XRAY; may be given several times.")
@click.option("--conclusion", default="", help="What it came to, such as NO_DISCREPANCY or DISCREPANCY.")
@click.option("--seal", type=click.Choice(SEALS), help="How the seals were.")
@click.option("--contradicts/--confirms", "contradiction", default=None, help="What it says of the partner's control.")
@click.option("--delay", type=click.IntRange(0), help="By how many minutes the check held the goods up.")
@click.option("--arrived", type=MOMENT, help="When the goods arrived, UTC.")
@click.option("--goods", type=click.Choice(GOODS), help="Where the goods are now.")
@home_option
@json_option
def command(
    *,
    decision: str,
    checks: tuple[str, ...],
    conclusion: str,
    seal: str | None,
    delay: int | None,
    arrived: datetime | None,
    goods: str | None,
    home: Path,
    contradiction: bool | None,
    as_json: bool,
) -> None:
    """Tell what arrival showed of the goods of DECISION, which relied on a partner."""
    from gateway.cli.client import CALL_SECONDS, national_channel
    from gateway.cli.describing import readable
    from gateway.cli.enum_words import value_of
    from gateway.cli.reliance_tables import reliance_table
    from gateway.cli.screen import show_whole
    from mutualrecognition.national.v1 import reliances_service_pb2 as pb
    from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub
    from mutualrecognition.records.v1.arrival_feedback_pb2 import SealState
    from mutualrecognition.records.v1.inspection_outcome_pb2 import Conclusion
    from mutualrecognition.records.v1.method_pb2 import MethodKind
    from mutualrecognition.records.v1.recall_answer_pb2 import GoodsState

    request = pb.GiveFeedbackRequest(decision_id=decision)
    report = request.report
    for each in checks:
        report.checks_done.add(kind=value_of(MethodKind, "METHOD_KIND_", each, "--check"))
    if conclusion:
        report.conclusion = value_of(Conclusion, "CONCLUSION_", conclusion, "--conclusion")
    if seal:
        report.seal_state = SealState.Value(f"SEAL_STATE_{seal}")
    if contradiction is not None:
        report.contradiction = contradiction
    if delay is not None:
        report.delay_minutes = delay
    if arrived is not None:
        report.arrived_at.seconds = posix(arrived)
    if goods:
        request.goods_state = GoodsState.Value(f"GOODS_STATE_{goods}")
    with national_channel(home) as channel:
        answer = ReliancesServiceStub(channel).GiveFeedback(request, timeout=CALL_SECONDS)
    if as_json:
        click.echo(json.dumps(readable(answer.reliance)))
    else:
        show_whole(reliance_table([answer.reliance]))
