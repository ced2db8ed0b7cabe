"""What happens in the demo, act by act; every act reads what it tells from the nodes' public doors."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.cli.client import CALL_SECONDS
from gateway.cli.demo import cast
from gateway.cli.demo.ledger import Ledger
from gateway.cli.demo.observing import Views
from gateway.cli.demo.settling import settle
from gateway.cli.demo.telling import Teller, listed
from gateway.cli.describing import summary
from gateway.cli.submitting import submit
from gateway.records import kind_of
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.operations.v1.links_service_pb2 import LINK_STATE_OPEN
from mutualrecognition.records.v1.record_pb2 import Record

ARRIVAL_SECONDS: Final = 30.0


class StoryStops(Exception):
    """Something is so wrong that the next acts would say nothing; the ledger has the finding."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every act needs."""

    teller: Teller
    views: Views
    ledger: Ledger


def links_open(stage: Stage) -> None:
    """Wait until every link has a session."""
    with stage.teller.links(stage.views.rows):
        until = time.monotonic() + ARRIVAL_SECONDS
        while closed := [
            f"{own} → {link.partner}: {link.last_reason or 'no session'} {link.last_detail}".strip()
            for own, link in stage.views.rows()
            if link.state != LINK_STATE_OPEN
        ]:
            if time.monotonic() > until:
                stage.teller.say("links", f"Links do not open: {'; '.join(closed)}", ok=False)
                stage.ledger.find("LINK_CLOSED", closed[0][:2], closed[0])
                raise StoryStops
            time.sleep(0.05)


def everyday_records(stage: Stage) -> None:
    """Submit the records that come with the demo at all three nodes."""
    refused: Counter[tuple[str, str, str]] = Counter()
    count, began = 0, time.monotonic()
    with stage.teller.links(stage.views.rows):
        for issuer, placed in sorted(cast.shipped_records().items()):
            for each, result in submit(stage.views[issuer].records, placed):
                count += 1
                if not stage.ledger.note(issuer, each.submission, result):
                    refused[issuer, kind_of(each.submission.record), result.refusal.reason] += 1
        settled = settle(stage.views, stage.ledger)
    seconds = time.monotonic() - began
    ways = listed([f"{due} {issuer} → {to}" for (issuer, to), due in sorted(stage.ledger.due.items())])
    require_arrival(
        stage, settled, "everyday", f"{count} records from three national systems: {ways}", f"in {seconds:.1f} s"
    )
    for (issuer, kind, reason), number in refused.items():
        sentence = f"{number} of them refused: no agreement releases {kind} of {issuer} to anybody ({reason})"
        stage.teller.say("everyday-refused", sentence, ok=None, refused=number)


def urgent_record(stage: Stage) -> None:
    """Send one urgent record on idle links and measure until it comes out on the other side."""
    submission = cast.suspended_operator()
    began = time.monotonic()
    record_id = _submit_one(stage, "CN", submission)
    arrival = stage.views["NL"].wait_for(record_id, ARRIVAL_SECONDS) if record_id else None
    if arrival is None:
        settle(stage.views, stage.ledger)
        stage.teller.say("urgent", "CN suspends an operator, and NL does not hear of it", ok=False)
        raise StoryStops
    milliseconds = (arrival.at - began) * 1000
    stage.teller.say(
        "urgent",
        f"CN suspends an operator; {milliseconds:.0f} ms later NL's national system has it: "
        f"{summary(Record.FromString(arrival.stored.record_bytes))}",
        milliseconds=round(milliseconds, 1),
    )
    _require_settled(stage)


def bulk(stage: Stage, file: Path) -> None:
    """Send many records at once and measure from the first submission to the last receipt."""
    placed = cast.records_in(file)["CN"]
    began = time.monotonic()
    with stage.teller.links(stage.views.rows):
        for each, result in submit(stage.views["CN"].records, placed):
            stage.ledger.note("CN", each.submission, result)
        stored = time.monotonic() - began
        settled = settle(stage.views, stage.ledger)
    seconds = time.monotonic() - began
    rate = len(placed) / seconds
    require_arrival(
        stage,
        settled,
        "bulk",
        f"{len(placed):,} records from CN's national system, delivered and signed for",
        f"in {seconds:.1f} s: {rate:,.0f} records/s (stored in CN after {stored:.1f} s)",
        records=len(placed),
        seconds=round(seconds, 2),
        records_per_second=round(rate),
    )


def refusal(stage: Stage) -> None:
    """Submit a record that no agreement covers."""
    submission = cast.control_for_a_stranger()
    result = _result(stage, "NL", submission)
    stage.ledger.note("NL", submission, result)
    told = result.refusal
    good = told.reason == "NO_AGREEMENT"
    if not good:
        stage.ledger.find("RELEASED_WITHOUT_AGREEMENT", "NL", "NL takes a record for US, with whom it has no agreement")
    sentence = f"NL states a control for US, with whom it has no agreement. Refused: {told.reason}"
    stage.teller.say("refusal", sentence, ok=good, reason=told.reason)


def withheld_fields(stage: Stage) -> None:
    """Send one control to two partners whose agreements differ, and look at what each has got."""
    submission = cast.control_with_everything()
    record_id = _submit_one(stage, "CN", submission)
    outcome = submission.record.inspection_outcome
    stage.teller.say("withheld", f"CN states: {summary(submission.record)}, with equipment and officer", ok=None)
    for receiver in ("NL", "US"):
        arrival = stage.views[receiver].wait_for(record_id, ARRIVAL_SECONDS) if record_id else None
        if arrival is None:
            settle(stage.views, stage.ledger)
            raise StoryStops
        got = Record.FromString(arrival.stored.record_bytes).inspection_outcome
        equipment = got.methods[0].equipment_id if got.methods else ""
        there = {
            f"equipment {outcome.methods[0].equipment_id}": bool(equipment),
            f"officer {outcome.officer_ref}": bool(got.officer_ref),
        }
        leaked = [difference.path for difference in stage.ledger.differences(record_id, receiver, arrival.stored)]
        has, lacks = [name for name, is_there in there.items() if is_there], [n for n, t in there.items() if not t]
        sentence = f"{receiver} got {listed(has) or 'neither equipment nor officer'}"
        if has and lacks:
            sentence += f", not {listed(lacks)}"
        sentence += ": more than its agreement releases!" if leaked else ", as its agreement says"
        stage.teller.say("withheld", sentence, ok=not leaked, partner=receiver, there=has, leaked=leaked)
    _require_settled(stage)


def comparison(stage: Stage) -> None:
    """Compare every record that came out anywhere with what was submitted and agreed."""
    good = stage.ledger.compare(stage.views)
    clean = not stage.ledger.findings
    sentence = f"{good:,} deliveries compared with what was submitted: "
    if clean:
        sentence += "each arrived once, unchanged, and with no field more than its agreement releases"
    else:
        sentence += f"{len(stage.ledger.findings):,} things are wrong"
    stage.teller.say("comparison", sentence, ok=clean, deliveries=good)


def _submit_one(stage: Stage, issuer: str, submission: pb.Submission) -> str:
    result = _result(stage, issuer, submission)
    stage.ledger.note(issuer, submission, result)
    return result.record_id


def _result(stage: Stage, issuer: str, submission: pb.Submission) -> pb.SubmissionResult:
    request = pb.SubmitRecordsRequest(submissions=[submission])
    answer: pb.SubmitRecordsResponse = stage.views[issuer].records.SubmitRecords(request, timeout=CALL_SECONDS)
    return answer.results[0]


def _require_settled(stage: Stage) -> None:
    if not settle(stage.views, stage.ledger):
        raise StoryStops


def require_arrival(stage: Stage, settled: bool, name: str, what: str, how: str, **facts: float) -> None:  # noqa: FBT001
    """Tell that something arrived; where it did not, the story stops."""
    if not settled:
        stage.teller.say(name, f"{what}: not all arrived, or not all were signed for", ok=False)
        raise StoryStops
    stage.teller.say(name, f"{what}, {how}", ok=True, **facts)
