"""``gateway watch``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayCommand, client_option, home_option, json_option, resume_options

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import records_service_pb2 as pb
    from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway watch --home nl
  gateway watch --home nl --count 1 --evidence evidence
  gateway watch --home nl --json --resume position.txt | national-system

It begins with what is stored, unless --from-now, --cursor or --resume say otherwise, and goes on for ever, unless
--count says otherwise. When the node is away it tries again and goes on where it was.""",
)
@resume_options
@click.option("--from-now", is_flag=True, help="Only what arrives from now on.")
@click.option(
    "--evidence", type=click.Path(file_okay=False, path_type=Path), help="Keep each record's proof in this directory."
)
@click.option("--partner", "partners", multiple=True, metavar="XX", help="Only this partner.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind, as in inspection_outcome.")
@click.option(
    "--direction",
    type=click.Choice(["received", "issued", "both"]),
    default="received",
    show_default=True,
    help="Which way the records went.",
)
@click.option("--quarantined", is_flag=True, help="Also records that break a rule and must not be used.")
@client_option
@home_option
@json_option
def command(
    *,
    count: int | None,
    cursor: str,
    resume: Path | None,
    from_now: bool,
    evidence: Path | None,
    partners: tuple[str, ...],
    kinds: tuple[str, ...],
    direction: str,
    quarantined: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Show records as they become usable here; each is told once, in the order in which this node stored them."""
    from gateway.cli.client import national
    from gateway.cli.watching import keep_cursor, kept_cursor, tell_away, watch
    from mutualrecognition.national.v1 import records_service_pb2 as pb

    if sum(map(bool, (cursor, from_now))) > 1:
        raise click.UsageError("--cursor and --from-now exclude each other.")
    ways = {"received": pb.DIRECTION_RECEIVED, "issued": pb.DIRECTION_ISSUED, "both": pb.DIRECTION_UNSPECIFIED}
    request = pb.WatchRecordsRequest(
        cursor=cursor or kept_cursor(resume),
        from_now=from_now,
        filter=pb.RecordFilter(
            direction=ways[direction], partners=partners, kinds=kinds, include_quarantined=quarantined
        ),
    )
    told = 0
    with national(home) as records:
        for heard in watch(records.WatchRecords, request, away=tell_away):
            for stored in heard.records:
                if evidence and not stored.HasField("erased_at"):
                    _keep_evidence(records, stored, evidence)
                _tell(stored, as_json=as_json)
                keep_cursor(resume, str(stored.sequence))
                told += 1
                if told == count:
                    return


def _tell(stored: pb.StoredRecord, *, as_json: bool) -> None:
    from gateway.cli.describing import readable, summary, what_is_left

    if as_json:
        click.echo(json.dumps(readable(stored)))
        return
    header, delivery = stored.record.header, stored.deliveries[0] if stored.deliveries else None
    mark = "✗ quarantined" if stored.violations else "✓"
    index = f", entry {delivery.index} of its log" if delivery and delivery.origin else ""
    said = summary(stored.record) if not stored.HasField("erased_at") else what_is_left(stored)
    click.echo(f"{mark} {header.issuer or '??'}: {said}")
    click.echo(f"    {header.record_id} under {header.agreement_id or 'no agreement'}{index}")
    for violation in stored.violations:
        click.echo(f"    {violation.path}: {violation.message}")


def _keep_evidence(records: RecordsServiceStub, stored: pb.StoredRecord, directory: Path) -> None:
    from gateway.cli.evidence_files import keep
    from mutualrecognition.national.v1 import records_service_pb2 as pb

    partner = stored.deliveries[0].partner if stored.deliveries else ""
    header = stored.record.header  # what is in quarantine may name an issuer in whose log it is not
    issuer = partner if stored.direction == pb.DIRECTION_RECEIVED else header.issuer
    path = keep(records, header.record_id, partner, directory, issuer=issuer)
    click.echo(f"  evidence {path}", err=True)
