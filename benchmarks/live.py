"""Live traffic beside something else: records at a steady rate, each timed from its due time to the partner's Watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from operator import itemgetter
from typing import Final

import grpc
from google.protobuf import json_format

from benchmarks.figures import percentile, quarters
from benchmarks.pair import Side
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as pb

KIND: Final = "screening_result"
"""What else goes on is of another kind, so that a watch of the live ones is told of nothing else."""
_VARIETY: Final = 400
_PATIENCE: Final = 120.0


@dataclass(slots=True)
class Live:
    """What was sent from one side and when it was due, and what the other side's Watch has shown and when.

    ``answers`` are the seconds until the own node said that it has them.
    """

    sent: int = 0
    due: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)

    def wait(self) -> None:
        """Wait until all that was sent has come.

        Raises:
            TimeoutError: some never came.
        """
        deadline = time.monotonic() + _PATIENCE
        while self.sent > len(self.due) or not self.due.keys() <= self.seen.keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.sent - len(self.seen)} live records did not arrive")
            time.sleep(0.05)

    @property
    def took(self) -> list[float]:
        """Give what each took that has come, in the order in which they were due."""
        return [self.seen[name] - due for name, due in sorted(self.due.items(), key=itemgetter(1))]

    @property
    def p99(self) -> float:
        """What all but one in a hundred took at most."""
        return percentile(self.took, 99)

    def told(self) -> str:
        """Say how they fared, after the last."""
        took = self.took
        middle, worst = percentile(took, 50), max(took)
        each = ", ".join(f"{percentile(quarter, 99):.2f}" for quarter in quarters(took))
        durable = percentile(self.answers, 99)
        return (
            f"{len(took):,} live records: median {middle:.2f} s, p99 {self.p99:.2f} s (in each quarter {each} s), worst"
            f" {worst:.2f} s; answered as durable at home: p99 {durable:.2f} s"
        )


@contextmanager
def live(issuer: Side, receiver: Side, *, a_second: float) -> Iterator[Live]:
    """Have live traffic from one side to the other for as long as the context is open."""
    found = Live()
    wanted = pb.RecordFilter(direction=pb.DIRECTION_RECEIVED, kinds=[KIND])
    watch = receiver.records.WatchRecords(pb.WatchRecordsRequest(filter=wanted, from_now=True))
    next(watch)
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(watch, found), daemon=True)
    sending = threading.Thread(target=_send, args=(issuer, found, stop, 1 / a_second), daemon=True)
    watching.start()
    sending.start()
    try:
        yield found
        stop.set()
        sending.join()
        found.wait()
    finally:
        stop.set()
        watch.cancel()


def _watch(watch: Iterator[pb.WatchRecordsResponse], found: Live) -> None:
    try:
        for heard in watch:
            now = time.monotonic()
            found.seen.update((each.record.header.record_id, now) for each in heard.records)
    except grpc.RpcError:
        return  # the watch was ended


def _send(issuer: Side, found: Live, stop: threading.Event, pause: float) -> None:
    """Send on time, whether or not what was sent before is answered."""
    made = Traffic(1, issuers=[issuer.node.administration], aeo=False).submissions(_VARIETY)
    parsed = [json_format.ParseDict(each, pb.Submission()) for each in made]
    variety = cycle([each for each in parsed if each.record.HasField(KIND)])
    began = time.monotonic()
    while not stop.is_set():
        due = began + found.sent * pause
        stop.wait(max(0.0, due - time.monotonic()))
        submission = next(variety)
        submission.request_id = f"live-{found.sent}"
        found.sent += 1
        answer = issuer.records.SubmitRecords.future(pb.SubmitRecordsRequest(submissions=[submission]))
        answer.add_done_callback(partial(_answered, found, due))


def _answered(found: Live, due: float, answer: grpc.Future[pb.SubmitRecordsResponse]) -> None:
    found.answers.append(time.monotonic() - due)
    found.due[answer.result().results[0].record_id] = due
