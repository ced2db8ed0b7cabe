"""``gateway show``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.framing import GatewayCommand, client_option, home_option, json_option

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import records_service_pb2 as pb


@click.command(
    cls=GatewayCommand,
    epilog="Examples:\n  gateway show 019a5c1e-7b1e-7000-8000-000000000001 --home nl",
)
@click.argument("record_id")
@click.option("--issuer", default="", metavar="XX", help="Whose record, where several have used its id.")
@client_option
@home_option
@json_option
def command(record_id: str, issuer: str, home: Path, *, as_json: bool) -> None:
    """Show one record, own or received, with where it is on its way."""
    from gateway.cli.client import CALL_SECONDS, national
    from gateway.cli.describing import lines, readable, summary, what_is_left
    from mutualrecognition.national.v1 import records_service_pb2 as pb

    with national(home) as records:
        answer = records.GetRecord(pb.GetRecordRequest(record_id=record_id, issuer=issuer), timeout=CALL_SECONDS)
    stored = answer.record
    if as_json:
        click.echo(json.dumps(readable(stored)))
        return
    click.echo(summary(stored.record) if not stored.HasField("erased_at") else what_is_left(stored))
    for line in _way(stored):
        click.echo(line)
    for other in answer.other_issuers:
        click.echo(f"  ! {other} has stated something else under this id: --issuer {other}")
    click.echo()
    for line in lines(stored.record):
        click.echo(line)


def _way(stored: pb.StoredRecord) -> Iterator[str]:
    from gateway.cli.describing import when
    from mutualrecognition.national.v1 import records_service_pb2 as pb

    issued = stored.direction == pb.DIRECTION_ISSUED
    yield f"{'issued here' if issued else 'received'}, stored {when(stored.stored_at.seconds)}"
    for delivery in stored.deliveries:
        if not delivery.origin:
            yield f"  … waits for {delivery.partner}"
            continue
        place = f"entry {delivery.index} of {delivery.origin}"
        receipt = when(delivery.receipted_at.seconds) if delivery.HasField("receipted_at") else ""
        signed = f"receipt of {receipt}" if receipt else "no receipt yet"
        said = f", judged {delivery.judgement}" if delivery.judgement else ""
        yield f"  {'✓' if receipt else '…'} {delivery.partner}: {place}, {signed}{said}"
    if stored.standing == pb.STANDING_QUARANTINED:
        yield "  ✗ quarantined, it must not be used:"
        yield from (f"    {each.path}: {each.message}" for each in stored.violations)
    if stored.warnings:
        yield "  ! odd, but no ground to refuse it:"
        yield from (f"    {each.path}: {each.message}" for each in stored.warnings)
    if stored.superseded_by:
        yield f"  replaced by {stored.superseded_by}"
