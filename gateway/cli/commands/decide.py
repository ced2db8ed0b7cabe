"""``gateway decide``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.framing import GatewayCommand, home_option, json_option

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb
    from mutualrecognition.national.v1.decision_pb2 import Question


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway decide --home nl --container MSKU3841906 --ucr 6CN1234567890PO44712 --require EXPLOSIVES_IED:NII
  gateway decide question.toml --home nl --explain
  gateway decide --home nl --container MSKU3841906 --ucr 6CN1234567890PO44712 --require EXPLOSIVES_IED:NII \\
    --seal-seen CN0047821
  gateway decide vessel.json --home nl --json

A file has one question or a list of them (in TOML: [[questions]]); docs/recognition.md shows one.""",
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--container", "containers", multiple=True, help="The container.")
@click.option("--document", "documents", multiple=True, help="Its transport document, by number.")
@click.option("--ucr", help="Its unique consignment reference.")
@click.option("--mrn", help="Its movement reference number.")
@click.option("--mode", help="How it travels: sea, air, rail, road.")
@click.option("--require", "required", multiple=True, metavar="THREAT:CHECK", help="A check that our risk asks for.")
@click.option("--operator", "operators", multiple=True, metavar="ROLE:TIN", help="An operator that takes part.")
@click.option("--weight", help="Gross weight as declared, in kilograms.")
@click.option("--seal-seen", "seen", multiple=True, help="At the gate: a seal that was found intact.")
@click.option("--request-id", help="The caller's own id; the same again gives the same decision.")
@click.option("--explain", is_flag=True, help="Also every rule's result for every basis.")
@home_option
@json_option
def command(
    file: Path | None,
    home: Path,
    request_id: str | None,
    *,
    explain: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """May we rely on what partners did, for which threats, and what is left to check?"""
    from gateway.cli.describing import readable
    from gateway.cli.questions import add_options, read_questions
    from gateway.cli.screen import out
    from mutualrecognition.national.v1.decision_pb2 import Question

    questions = read_questions(file) if file else [Question()]
    for question in questions:
        add_options(question, **options)
    for result in _decided(home, questions, request_id):
        if result.HasField("refusal"):
            _tell_refused(result, as_json=as_json)
        elif as_json:
            click.echo(json.dumps(readable(result.decision)))
        else:
            _print(out(), result, explain=explain)


def _print(console: Any, result: pb.DecideResult, *, explain: bool) -> None:  # noqa: ANN401
    from gateway.cli.decision_table import print_decision

    print_decision(console, result.decision, explain=explain)


def _tell_refused(result: pb.DecideResult, *, as_json: bool) -> None:
    from gateway.cli.framing import tell_refusal
    from gateway.errors import Violation

    refusal = result.refusal
    fields = [Violation(each.path, each.rule, each.message) for each in refusal.violations]
    tell_refusal(refusal.reason, refusal.message, fields, as_json=as_json)
    raise click.exceptions.Exit(1)


def _decided(home: Path, questions: list[Question], request_id: str | None) -> Iterator[pb.DecideResult]:
    """Ask, one by one or in messages of a hundred."""
    import uuid

    from gateway.cli.client import CALL_SECONDS, recognition
    from mutualrecognition.national.v1 import recognition_service_pb2 as pb

    ids = [request_id or str(uuid.uuid4())] if len(questions) == 1 else [f"{request_id or uuid.uuid4()}-{number}"
           for number in range(len(questions))]  # fmt: skip
    asked = [pb.DecideRequest(request_id=name, question=each) for name, each in zip(ids, questions, strict=True)]
    with recognition(home) as service:
        if len(asked) == 1:
            answer = service.Decide(asked[0], timeout=CALL_SECONDS)
            yield pb.DecideResult(request_id=asked[0].request_id, decision=answer.decision)
            return
        messages = (pb.DecideManyRequest(requests=asked[start : start + 100]) for start in range(0, len(asked), 100))
        place = 0
        for response in service.DecideMany(messages):
            for result in response.results:
                if result.HasField("decision"):
                    result.decision.question.CopyFrom(questions[place])
                place += 1
                yield result
