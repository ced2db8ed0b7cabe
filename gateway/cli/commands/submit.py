"""``gateway submit``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import REFUSED, GatewayCommand, client_option, home_option, json_option

if TYPE_CHECKING:
    from mutualrecognition.national.v1 import records_service_pb2 as pb

_SHOWN_ONE_BY_ONE: Final = 20
_REFUSALS_SHOWN: Final = 20
_PROGRESS_EVERY: Final = 500


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway submit --home cn docs/examples/record.json
  gateway submit --home cn --recipient NL --priority urgent alert.json
  gateway submit --home cn - < records.jsonl

FILE holds one JSON object, an array of them, or JSON lines. An object is a record, or a submission: {"request_id":
…, "record": {…}, "recipients": […], "priority": …}. A request id may be sent again with the same record, after a
crash for example: the first answer comes back. Exit code 1 when any record was refused.""",
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, exists=True, path_type=Path))
@click.option("--recipient", "recipients", multiple=True, metavar="XX", help="Only for this partner.")
@click.option("--priority", type=click.Choice(["urgent", "normal", "bulk"]), help="How soon it leaves.")
@client_option
@home_option
@json_option
def command(file: Path, recipients: tuple[str, ...], priority: str | None, home: Path, *, as_json: bool) -> None:
    """Issue the records in FILE, or from standard input with -."""
    from gateway.cli.client import national
    from gateway.cli.submission_files import Placed, read_submissions
    from gateway.cli.submitting import submit
    from gateway.clocks.system import SystemRandomness
    from mutualrecognition.national.v1 import records_service_pb2 as pb

    def completed(placed: Placed) -> Placed:
        if not placed.submission.recipients:
            placed.submission.recipients.extend(recipients)
        if priority and not placed.submission.priority:
            placed.submission.priority = pb.Priority.Value(f"PRIORITY_{priority.upper()}")
        return placed

    teller = _json_teller if as_json else _Teller()
    with click.open_file(str(file), encoding="utf-8") as source, national(home) as records:
        given = map(completed, read_submissions(source, SystemRandomness().record_id))
        refused = 0
        for placed, result in submit(records, given):
            refused += result.HasField("refusal")
            teller(placed.place, result)
    if isinstance(teller, _Teller):
        teller.finish()
    if refused:
        raise click.exceptions.Exit(REFUSED)


def _json_teller(place: str, result: pb.SubmissionResult) -> None:
    from gateway.cli.describing import readable

    click.echo(json.dumps({"place": place, **readable(result)}))


class _Teller:
    """Tells a few results one by one, many as counts; every refusal up to a number."""

    def __init__(self) -> None:
        self._held: list[tuple[str, pb.SubmissionResult]] = []
        self._accepted = 0
        self._refused: Counter[str] = Counter()
        self._to: Counter[str] = Counter()

    def __call__(self, place: str, result: pb.SubmissionResult) -> None:
        done = self._accepted + self._refused.total() + 1
        if result.HasField("refusal"):
            self._refused[result.refusal.reason] += 1
            if self._refused.total() <= _REFUSALS_SHOWN:
                _tell_refusal(place, result)
        else:
            self._accepted += 1
            self._to.update(release.partner for release in result.releases)
            if done <= _SHOWN_ONE_BY_ONE + 1:
                self._held.append((place, result))
        if done % _PROGRESS_EVERY == 0 and sys.stderr.isatty():
            click.echo(f"\r{done:,} records …", nl=False, err=True)

    def finish(self) -> None:
        """Say what became of all."""
        total = self._accepted + self._refused.total()
        if total >= _PROGRESS_EVERY and sys.stderr.isatty():
            click.echo("\r", nl=False, err=True)
        if total <= _SHOWN_ONE_BY_ONE:
            for _, result in self._held:
                _tell_accepted(result)
            return
        to = ", ".join(f"{count:,} to {partner}" for partner, count in sorted(self._to.items()))
        click.echo(f"✓ {self._accepted:,} of {total:,} records are stored and on their way: {to or 'to nobody'}")
        for reason, count in self._refused.most_common():
            click.echo(f"✗ {count:,} refused: {reason}", err=True)


def _tell_accepted(result: pb.SubmissionResult) -> None:
    click.echo(f"✓ {result.record_id}")
    for release in result.releases:
        withheld = f"withheld: {', '.join(release.withheld)}" if release.withheld else "nothing withheld"
        under = f"{release.agreement_id} version {release.agreement_version}"
        click.echo(f"    to {release.partner} under {under}; {withheld}")


def _tell_refusal(place: str, result: pb.SubmissionResult) -> None:
    from gateway.cli.framing import tell_refusal
    from gateway.errors import Violation

    refusal = result.refusal
    fields = [Violation(each.path, each.rule, each.message) for each in refusal.violations]
    tell_refusal(refusal.reason, f"{place}: {refusal.message}", fields, as_json=False)
