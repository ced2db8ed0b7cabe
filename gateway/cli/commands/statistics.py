"""``gateway statistics``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option
from gateway.cli.moments import MOMENT, posix

if TYPE_CHECKING:
    from datetime import datetime

_COUNT_SECONDS = 120.0
"""A year of many decisions takes some seconds to count."""


@click.command(
    cls=GatewayCommand,
    epilog="\b\nExamples:\n  gateway statistics --partner CN --from 2026-01-01 --to 2027-01-01 --home nl\n"
    "  gateway statistics --from 2026-10-01 --to 2026-11-01 --page october.html --csv october.csv --home nl",
)
@click.option("--partner", default="", help="One partner; all of them if left out.")
@click.option("--from", "begin", type=MOMENT, required=True, help="The beginning, UTC.")
@click.option("--to", "end", type=MOMENT, required=True, help="The end, UTC, that moment excluded.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page with charts.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Write every figure as CSV.")
@home_option
@json_option
def command(
    *, partner: str, begin: datetime, end: datetime, page: Path | None, table: Path | None, home: Path, as_json: bool
) -> None:
    """Tell by how much each side relied on the other, and whether that was right (SAFE, standard 8)."""
    from gateway.cli.client import national_channel
    from gateway.cli.describing import readable
    from gateway.cli.screen import out
    from gateway.cli.statistics.page import page as drawn
    from gateway.cli.statistics.rows import write_csv
    from gateway.cli.statistics.table import figure_table
    from gateway.whole_files import write_whole
    from mutualrecognition.national.v1 import statistics_service_pb2 as pb
    from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceStub

    request = pb.GetStatisticsRequest(partner=partner)
    getattr(request, "from").seconds, request.until.seconds = posix(begin), posix(end)
    with national_channel(home) as channel:
        answer = StatisticsServiceStub(channel).GetStatistics(request, timeout=_COUNT_SECONDS)
    if page is not None:
        write_whole(page, drawn(answer).encode())
        click.echo(f"✓ {page}", err=True)
    if table is not None:
        text = io.StringIO(newline="")
        write_csv(answer, text)
        write_whole(table, text.getvalue().encode())
        click.echo(f"✓ {table}", err=True)
    if as_json:
        click.echo(json.dumps(readable(answer)))
    elif page is None and table is None:
        for figures in answer.partners:
            out().print(figure_table(answer.administration, figures))
