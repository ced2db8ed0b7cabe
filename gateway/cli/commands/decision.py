"""``gateway decision``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.framing import GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

OUTCOMES: Final = ("RELY", "RELY_SUBJECT_TO", "RELY_IN_PART", "DO_NOT_RELY", "VERIFY", "PENDING")


@click.group(cls=GatewayGroup)
def command() -> None:
    """Show, watch, override and replay decisions."""


@command.command(epilog="\b\nExamples:\n  gateway decision show 0193b2c4-… --home nl --explain")
@click.argument("decision_id")
@click.option("--explain", is_flag=True, help="Also every rule's result for every basis.")
@home_option
@json_option
def show(decision_id: str, home: Path, *, explain: bool, as_json: bool) -> None:
    """Show one decision as it stands."""
    from gateway.cli.client import CALL_SECONDS, recognition
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    with recognition(home) as service:
        found = service.GetDecision(pb.GetDecisionRequest(decision_id=decision_id), timeout=CALL_SECONDS)
    _print(found.decision, explain=explain, as_json=as_json)


@command.command(
    "list",
    epilog="\b\nExamples:\n  gateway decision list --home nl --container MSKU3841906\n"
    "  gateway decision list --home nl --relied-on RECORD_ID\n  gateway decision list --home nl --overridden",
)
@click.option("--container", help="About goods in this container.")
@click.option("--document", help="About goods under this transport document.")
@click.option("--ucr", help="About this consignment.")
@click.option("--relied-on", metavar="RECORD_ID", help="Standing on this record.")
@click.option("--partner", metavar="XX", help="Whose record that is, where several have used its id.")
@click.option("--outcome", "outcomes", multiple=True, type=click.Choice(OUTCOMES), help="With this outcome.")
@click.option("--overridden", is_flag=True, help="Only those that an officer overrode.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
@home_option
@json_option
def list_(home: Path, limit: int, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """List decisions, the newest first, and count all that there are by outcome."""
    from gateway.cli.client import CALL_SECONDS, recognition
    from gateway.cli.decision_table import decisions_table
    from gateway.cli.decision_words import outcome_word
    from gateway.cli.describing import readable
    from gateway.cli.screen import out
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    with recognition(home) as service:
        found: list[Any] = []
        request = pb.ListDecisionsRequest(filter=_filter(options))
        while len(found) < limit:
            request.page_size = limit - len(found)
            page = service.ListDecisions(request, timeout=CALL_SECONDS)
            found += page.decisions
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        counted = service.CountDecisions(pb.CountDecisionsRequest(), timeout=CALL_SECONDS).counts
    if as_json:
        click.echo(json.dumps([readable(each) for each in found]))
        return
    out().print(decisions_table(found))
    words = [f"{each.decisions:,} {outcome_word(each.outcome)}" for each in counted]
    overridden = sum(each.overridden for each in counted)
    click.echo(f"In all: {', '.join(words) or 'none'}; {overridden} overridden.")


@command.command(epilog="\b\nExamples:\n  gateway decision replay 0193b2c4-… --home nl")
@click.argument("decision_id")
@home_option
@json_option
def replay(decision_id: str, home: Path, *, as_json: bool) -> None:
    """Make a decision again from the facts that were kept with it; exit code 1 unless it comes out the same."""
    from gateway.cli.client import CALL_SECONDS, recognition
    from gateway.cli.decision_words import outcome_word
    from gateway.cli.describing import readable
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    with recognition(home) as service:
        answer = service.ReplayDecision(pb.ReplayDecisionRequest(decision_id=decision_id), timeout=CALL_SECONDS)
    is_same = answer.verdict == pb.REPLAY_VERDICT_SAME
    if as_json:
        click.echo(json.dumps(readable(answer)))
    elif is_same:
        click.echo(f"✓ SAME: {outcome_word(answer.recorded.outcome)}, as it was answered then.")
    elif answer.verdict == pb.REPLAY_VERDICT_EVIDENCE_ERASED:
        click.echo(f"✗ EVIDENCE_ERASED: {', '.join(answer.erased)} is no longer here.")
    else:
        then, now = outcome_word(answer.recorded.outcome), outcome_word(answer.replayed.outcome)
        click.echo(f"✗ DIFFERENT: {then} then, {now} by the rules of now.")
    if not is_same:
        raise click.exceptions.Exit(1)


@command.command(
    epilog="\b\nExamples:\n  gateway decision override 0193b2c4-… --home nl --outcome VERIFY --reason 'Smelt of fuel'"
)
@click.argument("decision_id")
@click.option("--outcome", required=True, type=click.Choice(["RELY", "DO_NOT_RELY", "VERIFY"]), help="What was done.")
@click.option("--reason", required=True, help="Why.")
@click.option("--officer", default="", help="The officer, by a pseudonym that the national system can resolve.")
@home_option
@json_option
def override(decision_id: str, outcome: str, reason: str, officer: str, home: Path, *, as_json: bool) -> None:
    """Record that an officer did otherwise; it is counted."""
    from gateway.cli.client import CALL_SECONDS, recognition
    from mutualrecognition.national.v1 import decision_pb2
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    request = pb.OverrideDecisionRequest(
        decision_id=decision_id,
        outcome=decision_pb2.Outcome.Value(f"OUTCOME_{outcome}"),
        reason=reason,
        officer_ref=officer,
    )
    with recognition(home) as service:
        answer = service.OverrideDecision(request, timeout=CALL_SECONDS)
    _print(answer.decision, explain=False, as_json=as_json)


@command.command(epilog="\b\nExamples:\n  gateway decision watch --home nl --from-now --json | national-system")
@click.option("--from-now", is_flag=True, help="Only what happens from now on.")
@click.option("--cursor", default="", help="Go on after this cursor.")
@click.option("--count", type=click.IntRange(min=1), help="Stop after so many changes.")
@home_option
@json_option
def watch(home: Path, cursor: str, count: int | None, *, from_now: bool, as_json: bool) -> None:
    """Show decisions as they are made, resolve and are overridden."""
    from gateway.cli.client import recognition
    from gateway.cli.decision_words import outcome_word
    from gateway.cli.describing import readable
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    told = 0
    with recognition(home) as service:
        for response in service.WatchDecisions(pb.WatchDecisionsRequest(cursor=cursor, from_now=from_now)):
            for event in response.events:
                change = pb.DecisionChange.Name(event.change).removeprefix("DECISION_CHANGE_")
                if as_json:
                    click.echo(json.dumps(readable(event)))
                else:
                    click.echo(f"{change}: {outcome_word(event.decision.outcome)}  {event.decision.decision_id}")
                told += 1
                if told == count:
                    return


def _filter(options: dict[str, Any]) -> pb.DecisionFilter:
    from mutualrecognition.national.v1 import decision_pb2
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    return pb.DecisionFilter(
        container_number=options["container"] or "",
        transport_document=options["document"] or "",
        ucr=options["ucr"] or "",
        relied_on=options["relied_on"] or "",
        partner=options["partner"] or "",
        outcomes=[decision_pb2.Outcome.Value(f"OUTCOME_{each}") for each in options["outcomes"]],
        overridden=options["overridden"],
    )


def _print(decision: Any, *, explain: bool, as_json: bool) -> None:  # noqa: ANN401
    from gateway.cli.decision_table import print_decision
    from gateway.cli.describing import readable
    from gateway.cli.screen import out

    if as_json:
        click.echo(json.dumps(readable(decision)))
    else:
        print_decision(out(), decision, explain=explain)
