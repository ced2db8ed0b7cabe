"""A partner whose records are not what they should be: changed, too much, never answered, taken back by the day."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from gateway.errors import NotCovered
from gateway.exchange.release import Route
from gateway.records import EVERYTHING, FieldSelection, kind_of
from mock_partners.behaviours.behaviour import Behaviour
from mock_partners.behaviours.spec import Value, count
from mutualrecognition.records.v1.record_pb2 import Record


class CorruptRecord(Behaviour):
    """Signs other things than were submitted."""

    name = "corrupt-record"
    does = "Of every few records it signs something else than its own national system has submitted."
    honest = (
        "They cannot see it, and keep the proof: the exact bytes, the issuer's signature, the time. It is the "
        "issuer's word, and its own to answer for."
    )
    values: ClassVar = {"every": Value(count, "7", "one record in so many")}

    seen = 0

    def stated(self, record: Record) -> Record:
        """Change one in so many; counted over everything that it states."""
        if not self.on:
            return record
        self.seen += 1
        if self.seen % self.given["every"]:
            return record
        changed = Record()
        changed.CopyFrom(record)
        _change(changed)
        return changed


class LeakField(Behaviour):
    """Sends more than the agreement releases."""

    name = "leak-field"
    does = "It releases whole bodies, whatever the agreement lets through; the header still names the agreed selection."
    honest = (
        "They quarantine the record, tell its issuer by a judgement, and use nothing of it; the records beside it "
        "are taken."
    )

    def routed(self, record: Record, routes: tuple[Route, ...]) -> tuple[Route, ...]:
        """Let everything through."""
        if not self.on:
            return routes
        whole = FieldSelection(kind_of(record), (EVERYTHING,))
        return tuple(replace(route, fields=whole) for route in routes)


class NeverAnswers(Behaviour):
    """Leaves requests open."""

    name = "never-answers"
    does = "It takes requests and never answers one: whatever its officers say, its gateway does not let it out."
    honest = (
        "They let a request expire at its deadline by themselves; what waited for the answer comes to its "
        "default, which is never reliance."
    )

    def routed(self, record: Record, routes: tuple[Route, ...]) -> tuple[Route, ...]:
        """Let no answer out, whatever its officers say."""
        if self.on and kind_of(record).endswith("_answer"):
            raise NotCovered("This node never answers: it was told to behave so.")
        return routes


def _change(record: Record) -> None:
    match record.WhichOneof("body"):
        case "inspection_outcome":
            record.inspection_outcome.control_id += "-X"
        case "screening_result":
            record.screening_result.performed_at.seconds += 3600
        case "aeo_status":
            record.aeo_status.effective_at.seconds += 3600
