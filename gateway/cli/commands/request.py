"""``gateway request``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayGroup, client_option, home_option, json_option, resume_options

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

STEPS: Final = ("accept", "decline", "counter-propose", "schedule", "begin", "complete", "abort")
_TIME: Final = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group(cls=GatewayGroup)
def command() -> None:
    """Ask partners for controls, screenings and information, and answer them."""


@command.command(
    "new",
    epilog="""\b
Examples:
  gateway request new CN --container MSKU3841906 --document MAEU240117845 --method NII_XRAY \\
      --threat RADIOLOGICAL_NUCLEAR --cutoff 2026-12-01T18:00 --home nl
  gateway request new CN --screening --container MSKU3841906 --threat EXPLOSIVES_IED --home nl
  gateway request new CN --information --tin CN1234567890 --element roles --home nl

Without --respond-by, the agreement says how long an answer may take.""",
)
@click.argument("partner")
@click.option("--screening", "matter", flag_value="screening", help="Ask for a risk assessment.")
@click.option("--information", "matter", flag_value="information", help="Ask for information.")
@click.option("--control", "matter", flag_value="control", default=True, help="Ask for a control; if nothing is said.")
@click.option("--container", "containers", multiple=True, help="A container; may be given again.")
@click.option("--document", "documents", multiple=True, help="Number of a transport document; may be given again.")
@click.option("--ucr", default="", help="Unique consignment reference.")
@click.option("--mrn", default="", help="Movement reference number.")
@click.option("--tin", default="", help="The operator, for information about one.")
@click.option("--method", "methods", multiple=True, help="What should be done, as in NII_XRAY; may be given again.")
@click.option("--threat", "threats", multiple=True, help="What is feared, as in NARCOTICS.")
@click.option("--element", "elements", multiple=True, help="An element of information; may be given again.")
@click.option("--question", default="", help="The question in words.")
@click.option("--respond-by", type=_TIME, help="When the answer is needed, UTC.")
@click.option("--cutoff", type=_TIME, help="When the terminal closes, UTC.")
@click.option("--etd", type=_TIME, help="Expected departure, UTC.")
@click.option("--observe", is_flag=True, help="An officer of this side wishes to be present.")
@click.option("--fallback", default="", help="What follows where it is not done: NO_LOAD, EXAMINE_ON_ARRIVAL or NONE.")
@click.option("--name", default="", help="The request's name; the node makes one.")
@client_option
@home_option
@json_option
def new(partner: str, matter: str, home: Path, *, as_json: bool, **said: object) -> None:
    """Ask PARTNER."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand
    from gateway.cli.request_forms import create_call

    call = create_call(partner, matter, said)
    with in_hand(home) as hand:
        _tell(hand.requests.CreateRequest(call, timeout=CALL_SECONDS).request, as_json=as_json)


@command.command(
    "answer",
    epilog="""\b
Examples:
  gateway request answer NL-REQ-2026-000317 accept --home cn
  gateway request answer NL-REQ-2026-000317 schedule --at 2026-12-01T13:00 --remark "Lane 3" --home cn
  gateway request answer NL-REQ-2026-000317 complete --control-id CN-2026-1187 --home cn
  gateway request answer NL-REQ-2026-000317 decline --reason ALREADY_CONTROLLED --control-id CN-2026-1187 --home cn""",
)
@click.argument("name")
@click.argument("step", type=click.Choice(STEPS))
@click.option("--asker", default="", help="Who asks, where several have used the name.")
@click.option("--reason", default="", help="Why it is declined, as in NO_CAPACITY.")
@click.option("--control-id", default="", help="The control that was done.")
@click.option("--outcome", default="", help="The record_id of its outcome, or of the screening's result.")
@click.option("--at", type=_TIME, help="When the control is planned, UTC.")
@click.option("--method", "methods", multiple=True, help="What is proposed instead; may be given again.")
@click.option("--element", "elements", multiple=True, metavar="NAME=VALUE", help="Information given.")
@click.option("--remark", default="", help="A word to the colleague who asked.")
@client_option
@home_option
@json_option
def answer(name: str, step: str, asker: str, home: Path, *, as_json: bool, **said: object) -> None:
    """Take a STEP of the request NAME that this administration was asked."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand
    from gateway.cli.request_forms import answer_call
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

    with in_hand(home) as hand:
        found = hand.requests.GetRequest(pb.GetRequestRequest(request_id=name), timeout=CALL_SECONDS).requests
        call = answer_call(found[0], step, asker, said)
        _tell(hand.requests.AnswerRequest(call, timeout=CALL_SECONDS).request, as_json=as_json)


@command.command("cancel", epilog="Examples:\n  gateway request cancel NL-REQ-2026-000317 --home nl")
@click.argument("name")
@client_option
@home_option
@json_option
def cancel(name: str, home: Path, *, as_json: bool) -> None:
    """Call off the request NAME of this administration."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand, new_call_id
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

    call = pb.CancelRequestRequest(call_id=new_call_id(), request_id=name)
    with in_hand(home) as hand:
        _tell(hand.requests.CancelRequest(call, timeout=CALL_SECONDS).request, as_json=as_json)


@command.command("show", epilog="Examples:\n  gateway request show NL-REQ-2026-000317 --home nl")
@click.argument("name")
@client_option
@home_option
@json_option
def show(name: str, home: Path, *, as_json: bool) -> None:
    """Show the request NAME with every step, those too that count for nothing."""
    from gateway.cli.client import CALL_SECONDS
    from gateway.cli.hand_calls import in_hand
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

    with in_hand(home) as hand:
        for each in hand.requests.GetRequest(pb.GetRequestRequest(request_id=name), timeout=CALL_SECONDS).requests:
            _tell(each, as_json=as_json)


@command.command("list", epilog="Examples:\n  gateway request list --open --home nl")
@click.option("--open", "open_only", is_flag=True, help="Only those to which something can still happen.")
@client_option
@home_option
@json_option
def listing(home: Path, *, open_only: bool, as_json: bool) -> None:
    """List requests, a line each, what is due first on top."""
    import time

    from gateway.cli.called_node import called_node
    from gateway.cli.hand_calls import all_requests, in_hand
    from gateway.cli.hand_table import hand_table, message_json, row_of_request
    from gateway.cli.screen import out
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

    own = called_node(home).administration
    with in_hand(home) as hand:
        found = list(all_requests(hand, pb.RequestFilter(open_only=open_only)))
    if as_json:
        for each in found:
            click.echo(message_json(each))
    elif found:
        out().print(hand_table([row_of_request(each, own) for each in found], int(time.time())))
    else:
        click.echo("There are no requests here.")


@command.command(
    "watch",
    epilog="""\b
Examples:
  gateway request watch --from-now --home nl
  gateway request watch --json --resume requests.txt --home nl | national-system

It goes on for ever, also when the node was away meanwhile. With --json, the last line of what came together tells the
cursor.""",
)
@resume_options
@click.option("--from-now", is_flag=True, help="Only what happens from now on.")
@client_option
@home_option
@json_option
def watch(count: int | None, cursor: str, resume: Path | None, home: Path, *, from_now: bool, as_json: bool) -> None:
    """Show requests as something happens to them, the clock included."""
    from gateway.cli import watching
    from gateway.cli.hand_calls import in_hand
    from mutualrecognition.national.v1 import requests_service_pb2 as pb

    call = pb.WatchRequestsRequest(cursor=cursor or watching.kept_cursor(resume), from_now=from_now)
    with in_hand(home) as hand:
        for each, reached in watching.follow(hand.requests.WatchRequests, call, "requests", resume=resume, count=count):
            _tell(each, as_json=as_json, cursor=reached)


def _tell(request: pb.Request, *, as_json: bool, cursor: str = "") -> None:
    from gateway.cli.hand_stories import request_lines
    from gateway.cli.hand_table import message_json

    for line in [message_json(request, cursor)] if as_json else request_lines(request):
        click.echo(line)
