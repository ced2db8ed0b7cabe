"""``gateway incident``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.framing import ONLY_CONSISTENT, GatewayGroup, home_option, json_option

if TYPE_CHECKING:
    from gateway.evidence.incidents.verification import IncidentVerdict


@click.group("incident", cls=GatewayGroup)
def command() -> None:
    """Why a link was suspended, and the proof of it for a third party."""


@command.command("list", epilog="Examples:\n  gateway incident list --home nl\n  gateway incident list CN --home nl")
@click.argument("partner", default="")
@home_option
@json_option
def list_(partner: str, home: Path, *, as_json: bool) -> None:
    """List incidents, the newest first; with PARTNER, those with it alone."""
    from gateway.cli.client import CALL_SECONDS, incidents
    from gateway.cli.describing import readable, when
    from gateway.cli.screen import printable
    from mutualrecognition.operations.v1 import incidents_service_pb2 as pb

    with incidents(home) as service:
        found = service.ListIncidents(pb.ListIncidentsRequest(partner=partner), timeout=CALL_SECONDS).incidents
    if not found and not as_json:
        click.echo("○ No link was suspended by what passed on it.")
    for each in found:
        if as_json:
            click.echo(json.dumps(readable(each)))
            continue
        told = f", as {each.partner} says" if each.by_partner else ""
        click.echo(
            f"{each.number:>4}  {when(each.at.seconds)}  {each.partner}  {each.reason}{told}, {each.notes} notes"
        )
        click.echo(f"      {printable(each.detail)}")


@command.command(
    epilog="""\b
Examples:
  gateway incident export CN --home nl
  gateway incident export CN --number 3 --out fork.zip --home nl

The bundle holds the signed notes exactly as they came and as they were kept, both sides' descriptors, the proofs that
two notes belong together or do not, and a README in plain words of what it proves and what not."""
)
@click.argument("partner")
@click.option("--number", default=0, show_default="the newest", help="Which incident, as listed.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@home_option
@json_option
def export(partner: str, number: int, out: Path | None, home: Path, *, as_json: bool) -> None:
    """Write what proves an incident with PARTNER to a file that a third party can verify offline."""
    from gateway.cli.client import CALL_SECONDS, incidents
    from gateway.evidence.incidents.verification import verify as verify_incident
    from gateway.whole_files import write_whole
    from mutualrecognition.operations.v1 import incidents_service_pb2 as pb

    with incidents(home) as service:
        answer = service.ExportIncident(pb.ExportIncidentRequest(partner=partner, number=number), timeout=CALL_SECONDS)
    path = out or Path(Path(answer.file_name).name)
    write_whole(path, answer.bundle)
    against = verify_incident(answer.bundle).against
    if as_json:
        click.echo(json.dumps({"file": str(path), "against": against}))
        return
    shown = f"two histories signed by {' and '.join(against)}" if against else "no contradiction that it proves"
    click.echo(f"✓ {path}  ({len(answer.bundle):,} bytes; {shown})")


@command.command(
    epilog="""\b
Examples:
  gateway incident verify incident-CN-1.zip --descriptor 'HoQ…='
  gateway incident verify incident-CN-1.zip --trust roots.txt

What is trusted comes from outside, never from the bundle: the digest of the newest descriptor of whoever is accused, as
that administration reads it to you; a list of digests; a directory of descriptors (*.note); or a node's home.

\b
Exit codes: 0 proven · 3 not proven: it contradicts nothing, or the descriptor is not known from outside · 1 refused"""
)
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--descriptor", "digests", multiple=True, metavar="DIGEST", help="A newest descriptor's digest.")
@click.option(
    "--trust",
    "places",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A directory of known descriptors, a node's home, or a file with digests.",
)
@json_option
def verify(file: Path, digests: tuple[str, ...], places: tuple[Path, ...], *, as_json: bool) -> None:
    """Verify an incident bundle offline."""
    from gateway.cli.evidence_files import known_outside, read_bundle
    from gateway.evidence.incidents.verification import Outcome
    from gateway.evidence.incidents.verification import verify as verify_incident

    outside = known_outside(digests, places)
    verdict = verify_incident(read_bundle(file), outside.digests, known=outside.descriptors)
    click.echo(json.dumps({"file": str(file), **_facts(verdict)}) if as_json else "\n".join(_lines(file, verdict)))
    if verdict.outcome is not Outcome.PROVEN:
        raise click.exceptions.Exit(ONLY_CONSISTENT)


def _lines(file: Path, verdict: IncidentVerdict) -> Iterator[str]:
    from gateway.cli.describing import when
    from gateway.cli.screen import printable
    from gateway.evidence.incidents.verification import Outcome

    against, told = " and ".join(verdict.against), verdict.statement
    match verdict.outcome:
        case Outcome.PROVEN:
            yield f"✓ PROVEN  {file}: {against} has signed two histories"
        case Outcome.SHOWN:
            yield f"○ SHOWN, not proven  {file}: whoever has the keys of {against} in it has signed two histories"
        case Outcome.NOT_PROVEN:
            yield f"○ NOT PROVEN  {file}: no side has signed two histories in it"
    by = f"{told.partner} told {told.maker}" if told.told_by_partner else f"{told.maker} says"
    yield f"  {by}, on {when(told.at)}: {printable(told.reason)}: {printable(told.detail)}"
    yield from (f"    {check.number} {printable(check.sentence)}" for check in verdict.checks)
    if verdict.outcome is Outcome.SHOWN:
        yield f"  Compare the digest of its descriptor with {against}, then give it: --descriptor DIGEST"


def _facts(verdict: IncidentVerdict) -> dict[str, Any]:
    from dataclasses import asdict

    from gateway.trust.documents import write_digest

    return {
        "outcome": str(verdict.outcome),
        "against": list(verdict.against),
        "statement": asdict(verdict.statement),
        "findings": [
            {"notes": list(each.pair), "shows": str(each.shows), "against": list(each.against)}
            for each in verdict.findings
        ],
        "descriptors": [
            {
                "administration": each.administration,
                "version": each.version,
                "digest": write_digest(each.digest),
                "known_from_outside": each.trusted,
            }
            for each in verdict.sides
        ],
        "checks": [{"number": check.number, "sentence": check.sentence} for check in verdict.checks],
    }
