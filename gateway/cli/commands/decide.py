"""``gateway decide``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.framing import REFUSED, GatewayCommand, home_option, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway decide --home nl --container MSKU3841906 --ucr 6CN1234567890PO44712 --require EXPLOSIVES_IED:NII
  gateway decide question.toml --home nl --explain
  gateway decide --home nl --container MSKU3841906 --ucr 6CN1234567890PO44712 --require EXPLOSIVES_IED:NII \\
    --seal-seen CN0047821
  gateway decide vessel.json --home nl
  gateway decide vessel.json --home nl --json

A file has one question or a list of them (in TOML: [[questions]]); docs/recognition.md shows one. The answers to a
list are told line by line, each with what is to be done, and counted at the end; --explain tells each whole. A question
that is refused does not stop the others; the exit code is 1 then.""",
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
    from gateway.cli.answers import teller
    from gateway.cli.deciding import decided
    from gateway.cli.progress import progress
    from gateway.cli.questions import add_options, read_questions
    from mutualrecognition.national.v1.decision_pb2 import Question

    questions = read_questions(file) if file else [Question()]
    for question in questions:
        add_options(question, **options)
    answers = teller(many=len(questions) > 1, explain=explain, as_json=as_json)
    refused = 0
    with progress(shown=not sys.stdout.isatty()) as tell:
        for done, (question, result) in enumerate(zip(questions, decided(home, questions, request_id), strict=True), 1):
            answers.tell(result, question)
            refused += result.HasField("refusal")
            tell("answers", done, len(questions))
    answers.finish()
    if refused:
        raise click.exceptions.Exit(REFUSED)
