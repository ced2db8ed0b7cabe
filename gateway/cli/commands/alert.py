"""``gateway alert``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option, resume_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mutualrecognition.national.v1 import alerts_service_pb2 as pb

TYPES: Final = {
    "no-load": "NO_LOAD",
    "lift": "NO_LOAD_LIFTED",
    "hold": "HOLD_ON_ARRIVAL",
    "operator": "OPERATOR_ALERT",
    "programme": "PROGRAMME_INCIDENT",
}


@click.group(cls=GatewayGroup)
def command() -> None:
    """Forbid loading, hold goods, warn; and take up what partners say."""


@command.command(
    "issue",
    epilog="""\b
Examples:
  gateway alert issue no-load --container SUDU5620472 --text "One container of this voyage" --home nl
  gateway alert issue lift --lifts NL-ALERT-2026-0042 --container SUDU5620472 --home nl
  gateway alert issue operator --tin CN1234567890 --partner CN --home nl""",
)
@click.argument("kind", type=click.Choice(list(TYPES)))
@click.option("--container", "containers", multiple=True, help="A container; may be given again.")
@click.option("--house", "houses", multiple=True, help="Number of a house document; may be given again.")
@click.option("--tin", default="", help="The operator.")
@click.option("--programme", default="", help="The programme.")
@click.option("--lifts", default="", help="The name of the alert that is lifted.")
@click.option("--partner", "partners", multiple=True, metavar="XX", help="Only for this partner; may be given again.")
@click.option(
    "--ack-within", type=click.IntRange(1, 10_080), metavar="MINUTES", help="How soon it is to be acknowledged."
)
@click.option("--text", default="", help="What there is to say.")
@click.option("--name", default="", help="The alert's name; the node makes one.")
@client_option
@home_option
@json_option
def issue(
    kind: str,
    home: Path,
    *,
    containers: tuple[str, ...],
    houses: tuple[str, ...],
    ack_within: int | None,
    partners: tuple[str, ...],
    as_json: bool,
    **words: str,
) -> None:
    """Issue an alert, or lift a no-load for the containers and house documents named. Others proceed."""
    import time

    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand, new_call_id
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb
    from mutualrecognition.records.v1.alert_pb2 import AlertType
    from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK

    call = pb.IssueAlertRequest(call_id=new_call_id(), partners=partners, purpose=PURPOSE_SECURITY_RISK)
    body = call.alert
    body.type = AlertType.Value(f"ALERT_TYPE_{TYPES[kind]}")
    body.alert_id = words.pop("name")
    for field, value in words.items():
        setattr(body, field, value)
    body.container_numbers.extend(containers)
    for number in houses:
        body.house_documents.add(number=number, level=2)
    if ack_within:
        body.ack_required_by.seconds = int(time.time()) + ack_within * 60
    with in_hand(home) as hand:
        _tell(hand.alerts.IssueAlert(call, timeout=CALL_SECONDS).alerts, as_json=as_json)


@command.command(
    "acknowledge",
    epilog="""\b
Examples:
  gateway alert acknowledge NL-ALERT-2026-0042 --home cn
  gateway alert acknowledge NL-ALERT-2026-0042 --done --home cn
  gateway alert acknowledge NL-ALERT-2026-0042 --not-possible "It is on board" --home cn""",
)
@click.argument("name")
@click.option("--issuer", default="", help="Who issued it, where several have used the name.")
@click.option("--done", is_flag=True, help="It was acted on.")
@click.option("--not-possible", "reason", default="", help="It could not be acted on, and why.")
@client_option
@home_option
@json_option
def acknowledge(name: str, issuer: str, reason: str, home: Path, *, done: bool, as_json: bool) -> None:
    """Take up the alert NAME of a partner; then say what became of it."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand, new_call_id
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb
    from mutualrecognition.records.v1 import alert_answer_pb2 as steps

    if done and reason:
        raise click.UsageError("--done and --not-possible exclude each other.")
    state = steps.ALERT_STATE_ACTIONED if done else steps.ALERT_STATE_ACKNOWLEDGED
    state = steps.ALERT_STATE_NOT_POSSIBLE if reason else state
    call = pb.AnswerAlertRequest(call_id=new_call_id(), alert_id=name, issuer=issuer, state=state, reason=reason)
    with in_hand(home) as hand:
        _tell([hand.alerts.AnswerAlert(call, timeout=CALL_SECONDS).alert], as_json=as_json)


@command.command("close", epilog="Examples:\n  gateway alert close NL-ALERT-2026-0042 --home nl")
@click.argument("name")
@client_option
@home_option
@json_option
def close(name: str, home: Path, *, as_json: bool) -> None:
    """Close the alert NAME of this administration."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand, new_call_id
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb

    call = pb.CloseAlertRequest(call_id=new_call_id(), alert_id=name)
    with in_hand(home) as hand:
        _tell(hand.alerts.CloseAlert(call, timeout=CALL_SECONDS).alerts, as_json=as_json)


@command.command("show", epilog="Examples:\n  gateway alert show NL-ALERT-2026-0042 --home nl")
@click.argument("name")
@client_option
@home_option
@json_option
def show(name: str, home: Path, *, as_json: bool) -> None:
    """Show the alert NAME with every step, for each administration that got it."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb

    with in_hand(home) as hand:
        _tell(hand.alerts.GetAlert(pb.GetAlertRequest(alert_id=name), timeout=CALL_SECONDS).alerts, as_json=as_json)


@command.command("list", epilog="Examples:\n  gateway alert list --open --home nl")
@click.option("--open", "open_only", is_flag=True, help="Only those on which somebody may still have to act.")
@client_option
@home_option
@json_option
def listing(home: Path, *, open_only: bool, as_json: bool) -> None:
    """List alerts, a line each, what is to be acknowledged first on top."""
    import time

    from gateway.cli.called_node import called_node
    from gateway.cli.hand_calls import all_alerts, in_hand
    from gateway.cli.hand_table import hand_table, message_json, row_of_alert
    from gateway.cli.screen import out
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb

    own = called_node(home).administration
    with in_hand(home) as hand:
        found = list(all_alerts(hand, pb.AlertFilter(open_only=open_only)))
    if as_json:
        for each in found:
            click.echo(message_json(each))
    elif found:
        out().print(hand_table([row_of_alert(each, own) for each in found], int(time.time())))
    else:
        click.echo("There are no alerts here.")


@command.command(
    "watch",
    epilog="""\b
Examples:
  gateway alert watch --from-now --home nl
  gateway alert watch --json --resume alerts.txt --home nl | national-system

It goes on for ever, also when the node was away meanwhile. With --json, the last line of what came together tells the
cursor.""",
)
@resume_options
@click.option("--from-now", is_flag=True, help="Only what happens from now on.")
@client_option
@home_option
@json_option
def watch(count: int | None, cursor: str, resume: Path | None, home: Path, *, from_now: bool, as_json: bool) -> None:
    """Show alerts as something happens to them, the clock included."""
    from gateway.cli import watching
    from gateway.cli.hand_calls import in_hand
    from mutualrecognition.national.v1 import alerts_service_pb2 as pb

    call = pb.WatchAlertsRequest(cursor=cursor or watching.kept_cursor(resume), from_now=from_now)
    with in_hand(home) as hand:
        for each, reached in watching.follow(hand.alerts.WatchAlerts, call, "alerts", resume=resume, count=count):
            _tell([each], as_json=as_json, cursor=reached)


def _tell(found: Iterable[pb.Alert], *, as_json: bool, cursor: str = "") -> None:
    from gateway.cli.hand_stories import alert_lines
    from gateway.cli.hand_table import message_json

    for each in found:
        for line in [message_json(each, cursor)] if as_json else alert_lines(each):
            click.echo(line)
