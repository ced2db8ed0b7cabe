"""Ask what partners' controls are worth: python decide.py [--wait MINUTES] QUESTION.json…

With --wait an answer may be PENDING so long, where something is under way that would change it; this program waits
with it.
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import door
from google.protobuf.json_format import Parse

from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.recognition_service_pb2 import (
    DecideManyRequest,
    DecideRequest,
    DecideResult,
    WatchDecisionsRequest,
)
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.records.v1.threat_pb2 import Threat

WHAT_TO_DO = {
    pb.OUTCOME_RELY: "Let it go.",
    pb.OUTCOME_RELY_SUBJECT_TO: "Let it go if the gate shows what the conditions say.",
    pb.OUTCOME_RELY_IN_PART: "Do what is left, no more.",
    pb.OUTCOME_DO_NOT_RELY: "Check as if the partner had said nothing.",
    pb.OUTCOME_VERIFY: "Drawn for the sample: check, and report what you find. It says nothing against this trader.",
    pb.OUTCOME_PENDING: "Wait.",
}


def main(files: list[str], wait_minutes: int) -> None:
    """Ask, and tell every answer; those that wait, when they have come."""
    requests = [DecideRequest(request_id=str(uuid.uuid4()), question=question(file, wait_minutes)) for file in files]
    with door.opened() as channel:
        recognition = RecognitionServiceStub(channel)
        before = next(door.watch(recognition.WatchDecisions, WatchDecisionsRequest(from_now=True))).cursor
        pending = set()
        for file, result in zip(files, decided(recognition, requests), strict=True):
            if result.HasField("refusal"):
                print(f"✗ {file}: {door.refused(result.refusal)}")
                continue
            tell(file, result.decision)
            if result.decision.outcome == pb.OUTCOME_PENDING:
                pending.add(result.decision.decision_id)
        for decision in resolved(recognition, pending, since=before):
            tell("resolved", decision)


def question(file: str, wait_minutes: int) -> pb.Question:
    """Read a question; how long its answer may take is a matter of this moment."""
    read = Parse(Path(file).read_text("utf-8"), pb.Question())
    if wait_minutes:
        read.decide_by.FromDatetime(datetime.now(UTC) + timedelta(minutes=wait_minutes))
    return read


def decided(recognition: RecognitionServiceStub, requests: list[DecideRequest]) -> Iterator[DecideResult]:
    """Ask one with Decide, and many, such as the boxes of a vessel, with DecideMany: a thousand a message at most."""
    if len(requests) == 1:
        yield DecideResult(decision=door.ask(recognition.Decide, requests[0]).decision)
        return
    messages = [DecideManyRequest(requests=requests[at : at + 1000]) for at in range(0, len(requests), 1000)]
    for answer in door.ask(lambda given, timeout: list(recognition.DecideMany(iter(given), timeout=timeout)), messages):
        yield from answer.results


def resolved(recognition: RecognitionServiceStub, pending: set[str], *, since: str) -> Iterator[pb.Decision]:
    """Wait for those that are pending. The watch begins before they were asked for, so none is missed."""
    changes = door.watch(recognition.WatchDecisions, WatchDecisionsRequest(cursor=since))
    while pending:
        for event in next(changes).events:
            if event.decision.decision_id in pending and event.decision.outcome != pb.OUTCOME_PENDING:
                pending.remove(event.decision.decision_id)
                yield event.decision


def tell(what: str, decision: pb.Decision) -> None:
    """Print an answer as the officer needs it: the outcome, the gate, what is left and why."""
    print(f"{pb.Outcome.Name(decision.outcome).removeprefix('OUTCOME_')}  {what}: {WHAT_TO_DO[decision.outcome]}")
    lines = [f"  decision {decision.decision_id}: {decision.summary}"]
    lines += [f"  ✗ {each.text} ({each.reason})" for each in decision.general.objections]
    lines += [f"  ○ At the gate: {each.text}" for each in decision.conditions]
    lines += [f"  ✗ Left to check: {left(each)}" for each in decision.remaining]
    lines += [f"  … on {each.reference} of {each.partner}" for each in decision.pending.on]
    print(*lines, sep="\n", flush=True)


def left(remaining: pb.Remaining) -> str:
    """Say what is left for one threat, and why."""
    threat = Threat.Name(remaining.threat).removeprefix("THREAT_")
    return f"{threat} by {', '.join(remaining.checks)} ({', '.join(remaining.reasons)})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Ask what partners' controls are worth.")
    parser.add_argument("--wait", type=int, default=0, metavar="MINUTES", help="how long an answer may take")
    parser.add_argument("question", nargs="+", help="a file with a Question, in JSON")
    given = parser.parse_args()
    door.run(main, given.question, given.wait)
