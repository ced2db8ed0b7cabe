"""``gateway evidence``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.framing import ONLY_CONSISTENT, REFUSED, GatewayGroup, home_option, json_option, tell_refusal

if TYPE_CHECKING:
    from gateway.evidence.verdict import Verdict

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.group("evidence", cls=GatewayGroup)
def command() -> None:
    """Export the proof of a record, or verify one offline."""


@command.command(
    epilog="""\b
Examples:
  gateway evidence export 019a5c1e-7b1e-7000-8000-000000000001 --home nl
  gateway evidence export 019a5c1e-7b1e-7000-8000-000000000001 --home cn --partner NL --out evidence"""
)
@click.argument("record_id")
@click.option("--partner", default="", metavar="XX", help="Whose receipt, for a record that several partners got.")
@click.option("--issuer", default="", metavar="XX", help="Whose record, where several have used its id.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    show_default="the current directory",
    help="Directory to write to.",
)
@home_option
@json_option
def export(record_id: str, partner: str, issuer: str, out: Path, home: Path, *, as_json: bool) -> None:
    """Write the evidence bundle of a record that is receipted."""
    from gateway.cli.client import national
    from gateway.cli.evidence_files import keep

    with national(home) as records:
        path = keep(records, record_id, partner, out, issuer=issuer)
    click.echo(json.dumps({"file": str(path)}) if as_json else f"✓ {path}  ({path.stat().st_size:,} bytes)")


@command.command(
    epilog="""\b
Examples:
  gateway evidence verify evidence/*.zip --trust nl
  gateway evidence verify record.zip --descriptor 'HoQ…=' --descriptor 'p9x…='
  gateway evidence verify record.zip --trust roots.txt

What is trusted comes from outside, never from the bundle: the digests of both newest descriptors, as the two
administrations read them to you; a list of such digests; a directory of descriptors (*.note); or a node's home.

\b
Exit codes: 0 proven · 3 consistent only, a descriptor is not known from outside · 1 refused"""
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_FILE)
@click.option("--descriptor", "digests", multiple=True, metavar="DIGEST", help="A newest descriptor's digest.")
@click.option(
    "--trust",
    "places",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A directory of known descriptors, a node's home, or a file with digests.",
)
@json_option
def verify(files: tuple[Path, ...], digests: tuple[str, ...], places: tuple[Path, ...], *, as_json: bool) -> None:
    """Verify evidence bundles offline."""
    from gateway.cli.evidence_files import known_outside, read_bundle
    from gateway.errors import GatewayError
    from gateway.evidence.verdict import Outcome
    from gateway.evidence.verification import verify as verify_bundle

    outside = known_outside(digests, places)
    worst = 0
    for file in files:
        data = read_bundle(file)
        try:
            verdict = verify_bundle(data, outside.digests, known=outside.descriptors)
        except GatewayError as error:
            worst = REFUSED
            if as_json:
                told = {"file": str(file), "outcome": "REFUSED", "reason": error.reason, "message": str(error)}
                click.echo(json.dumps(told))
            else:
                tell_refusal(error.reason, f"{file}: {error}", (), as_json=False)
            continue
        if verdict.outcome is not Outcome.PROVEN and worst == 0:
            worst = ONLY_CONSISTENT
        if as_json:
            click.echo(json.dumps({"file": str(file), **_facts(verdict)}))
        else:
            click.echo("\n".join(_lines(file, data, verdict)))
    if worst:
        raise click.exceptions.Exit(worst)


def _lines(file: Path, data: bytes, verdict: Verdict) -> Iterator[str]:
    import io
    import zipfile

    from gateway.cli.describing import summary, when
    from gateway.evidence.verdict import Outcome
    from mutualrecognition.records.v1.record_pb2 import Record

    proven = verdict.outcome is Outcome.PROVEN
    yield f"{'✓ PROVEN' if proven else '○ CONSISTENT, not proven'}  {file}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        record = Record.FromString(archive.read("record.bin"))
    issuer, receiver = verdict.issuer.administration, verdict.receiver.administration
    yield f"  {issuer} stated on {when(verdict.issued_at)}: {summary(record)}"
    yield f"  {receiver} signed for it on {when(verdict.receipted_at)}; record {verdict.record_id}"
    yield from (f"    {check.number} {check.sentence}" for check in verdict.checks)
    if not proven:
        yield "  Compare the digests with both administrations, then give them: --descriptor DIGEST --descriptor DIGEST"


def _facts(verdict: Verdict) -> dict[str, Any]:
    from gateway.trust.documents import write_digest

    sides = {
        side: {
            "administration": used.administration,
            "version": used.version,
            "digest": write_digest(used.digest),
            "known_from_outside": used.trusted,
        }
        for side, used in (("issuer", verdict.issuer), ("receiver", verdict.receiver))
    }
    return {
        "outcome": str(verdict.outcome),
        "record_id": verdict.record_id,
        "kind": verdict.kind,
        **sides,
        "agreement_id": verdict.agreement_id,
        "agreement_version": verdict.agreement_version,
        "issued_at": verdict.issued_at,
        "receipted_at": verdict.receipted_at,
        "origin": verdict.origin,
        "index": verdict.index,
        "size": verdict.size,
        "judgements": [{"verdict": each.verdict, "receipted_at": each.receipted_at} for each in verdict.judgements],
        "checks": [{"number": check.number, "sentence": check.sentence} for check in verdict.checks],
    }
