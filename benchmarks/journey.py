"""The journey of records through two nodes, measured: many at once, and one alone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.pair import Pair
from benchmarks.sample import Samples
from gateway.cli.client import CALL_SECONDS
from mutualrecognition.national.v1 import records_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk: records a second from the first byte submitted to the last receipt, CPU a record on each side."""

    records_per_second: float
    issuer_cpu_us: float
    receiver_cpu_us: float


def bulk(pair: Pair, samples: Samples, records: int) -> Bulk:
    """Submit ``records`` in one StreamRecords call and wait until the issuer holds the receipts for all of them.

    Raises:
        ValueError: a record was refused.
    """
    messages = samples.messages(records)
    receipted = pair.issuer.link().issued.size + records
    sides = (pair.issuer, pair.receiver)
    before = [side.look().cpu_seconds for side in sides]
    began = time.perf_counter()
    for response in pair.issuer.records.StreamRecords(iter(messages)):
        _require_accepted(response.results)
    pair.wait_receipted(receipted)
    seconds = time.perf_counter() - began
    spent = [(side.look().cpu_seconds - cpu) / records * 1e6 for side, cpu in zip(sides, before, strict=True)]
    return Bulk(records / seconds, *spent)


def seconds_alone(pair: Pair, samples: Samples, records: int) -> list[float]:
    """Send records one by one over an idle link; gives the seconds of each from its submission to the partner's Watch.

    Raises:
        ValueError: a record was refused.
    """
    wanted = pb.WatchRecordsRequest(filter=pb.RecordFilter(direction=pb.DIRECTION_RECEIVED), from_now=True)
    watch = pair.receiver.records.WatchRecords(wanted)
    next(watch)  # where it begins
    took = []
    try:
        for _ in range(records):
            receipted = pair.issuer.link().issued.size + 1
            request = pb.SubmitRecordsRequest(submissions=[samples.submission()])
            began = time.perf_counter()
            answer = pair.issuer.records.SubmitRecords.future(request, timeout=CALL_SECONDS)
            while not next(watch).records:
                pass
            took.append(time.perf_counter() - began)
            _require_accepted(answer.result().results)
            pair.wait_receipted(receipted)
    finally:
        watch.cancel()
    return took


def _require_accepted(results: Iterable[pb.SubmissionResult]) -> None:
    for result in results:
        if result.HasField("refusal"):
            raise ValueError(f"A record was refused: {result.refusal.reason}, {result.refusal.message}")
