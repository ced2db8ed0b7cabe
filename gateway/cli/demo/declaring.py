"""The act that sends every row of a file of import declarations through the nodes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.cli.demo.declarations import RowRefused, read_declarations, submissions_of
from gateway.cli.demo.settling import settle
from gateway.cli.demo.story import Stage, require_arrival
from gateway.cli.submission_files import Placed
from gateway.cli.submitting import submit
from mutualrecognition.national.v1 import records_service_pb2 as pb

ISSUER: Final = "CN"
RECEIVER: Final = "NL"
_PROGRESS_EVERY: Final = 10_000
_SHOWN_ONE_BY_ONE: Final = 20


def declarations(stage: Stage, file: Path) -> None:
    """Submit all rows as records of one administration to one partner, until each is signed for."""
    began = time.monotonic()
    rows = _Rows(stage, file)
    sent = 0
    with stage.teller.links(stage.views.rows):
        for placed, result in submit(stage.views[ISSUER].records, rows):
            sent += stage.ledger.note(ISSUER, placed.submission, result)
            if result.HasField("refusal"):
                rows.tell(_line(placed, result.refusal))
            if sent and sent % _PROGRESS_EVERY == 0:
                stage.teller.say("declarations-progress", f"{sent:,} records stored", ok=None)
        stored = time.monotonic() - began
        settled = settle(stage.views, stage.ledger)
    seconds = time.monotonic() - began
    if rows.refused.total():
        columns = ", ".join(f"{count:,} for {column or 'their form'}" for column, count in rows.refused.most_common())
        sentence = f"{rows.refused.total():,} refused: {columns}"
        stage.teller.say("declarations-refused", sentence, ok=False, refused=rows.refused.total())
        stage.ledger.find("ROWS_REFUSED", file.name, sentence)
    require_arrival(
        stage,
        settled,
        "declarations",
        f"{rows.good:,} rows as {sent:,} records of {ISSUER} (consignment data and inspection outcomes), delivered to "
        f"{RECEIVER} and signed for",
        f"in {seconds:.1f} s: {sent / seconds:,.0f} records/s (stored in {ISSUER} after {stored:.1f} s)",
        rows=rows.good,
        records=sent,
        seconds=round(seconds, 2),
        records_per_second=round(sent / seconds),
    )


class _Rows:
    """The submissions of a file, made while they are sent; refused rows are told at once."""

    def __init__(self, stage: Stage, file: Path) -> None:
        self._stage = stage
        self._file = file
        self.good = 0
        self.refused: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Placed]:
        with self._file.open(encoding="utf-8-sig", newline="") as source:
            for each in read_declarations(source):
                if isinstance(each, RowRefused):
                    self.tell(each)
                    continue
                self.good += 1
                for placed in submissions_of(each):
                    placed.submission.recipients.append(RECEIVER)
                    yield placed

    def tell(self, refused: RowRefused) -> None:
        """Tell a refused row, the first ones each by itself."""
        self.refused[refused.column] += 1
        if self.refused.total() <= _SHOWN_ONE_BY_ONE:
            self._stage.teller.say(
                "row-refused",
                str(refused),
                ok=False,
                line=refused.line,
                column=refused.column,
                reason=refused.reason,
            )


def _line(placed: Placed, refusal: pb.Refusal) -> RowRefused:
    fields = "; ".join(f"{each.path}: {each.message}" for each in refusal.violations)
    return RowRefused(int(placed.place.removeprefix("line ")), "", f"{refusal.reason} {fields or refusal.message}")
