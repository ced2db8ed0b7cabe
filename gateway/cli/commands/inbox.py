"""``gateway inbox``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, client_option, home_option, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway inbox --home nl
  gateway inbox --home nl --days 90 --json

What is late is marked with ! and stands first. An alert that nobody has acknowledged in time is ESCALATED.""",
)
@click.option(
    "--days", type=click.IntRange(1, 380), default=30, show_default=True, help="How far to look back and ahead."
)
@client_option
@home_option
@json_option
def command(days: int, home: Path, *, as_json: bool) -> None:
    """Tell what is due: requests, alerts and recalls to answer here, and those that partners have still to answer."""
    import time

    from gateway.cli.called_node import called_node
    from gateway.cli.describing import when
    from gateway.cli.hand_calls import Stretch, all_alerts, all_recalls, all_requests, in_hand
    from gateway.cli.hand_table import UNSETTLED, hand_table, row_json, row_of_alert, row_of_request, rows_of_recall
    from gateway.cli.screen import out
    from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
    from mutualrecognition.national.v1 import requests_service_pb2 as requests

    own, now = called_node(home).administration, int(time.time())
    due = Stretch(now - days * 86_400, now + days * 86_400)
    with in_hand(home) as hand:
        asked = all_requests(hand, requests.RequestFilter(open_only=True), due)
        rows = [row_of_request(each, own) for each in asked]
        rows += [row_of_alert(each, own) for each in all_alerts(hand, alerts.AlertFilter(open_only=True), due)]
        rows += [row for each in all_recalls(hand, UNSETTLED, due) for row in rows_of_recall(each)]
    rows.sort(key=lambda row: (row.due is None, row.due or 0, row.name))
    if as_json:
        for row in rows:
            click.echo(row_json(row))
        return
    for title, mine in (("To be done here", True), ("To be done by partners", False)):
        some = [row for row in rows if row.mine is mine]
        late = sum(row.late for row in some)
        click.echo(f"{title}: {len(some) or 'nothing'}{f', {late} late' if late else ''}")
        if some:
            out().print(hand_table(some, now))
    click.echo(f"Due between {when(due.first)} and {when(due.last)}; --days looks further.")
