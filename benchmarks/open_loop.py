"""Records at a steady rate from one node to another, each sent when it is due, whether or not those before are there.

A record's time begins when it was due, not when it was sent: what one slow answer delays behind it counts in full.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes

AGREEMENT = "cn-nl-security"


@dataclass(slots=True)
class Stream:
    """What became of the records of one direction; all times in seconds from when each was due.

    ``answered`` is until the issuer's node had it on its disk, ``seen`` until the receiver's system had it; ``late`` is
    by how much the load itself was late. ``under_way`` counts what was not seen yet when the last one was sent.
    """

    answered: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    under_way: int = 0

    def add(self, other: Stream) -> None:
        """Take the figures of another stream in."""
        self.answered += other.answered
        self.seen += other.seen
        self.late += other.late
        self.under_way = max(self.under_way, other.under_way)


def samples(issuer: str, count: int, agreement: str = AGREEMENT) -> list[national.Submission]:
    """Give submissions that nobody has made before."""
    began = time.time_ns()
    made = nodes.submissions(issuer, count, seed=began // 1_000_000)
    for number, each in enumerate(made):
        each.request_id = f"{agreement}-{began}-{number}"
        each.record.header.agreement_id = agreement
    return made


async def stream(issuer: nodes.Home, receiver: nodes.Home, *, seconds: float, a_second: float) -> Stream:
    """Send for so long; returns when the last one was seen."""
    given = samples(issuer.administration, max(1, int(seconds * a_second)))
    found = Stream()
    due: dict[str, float] = {}
    async with nodes.records_of(issuer) as at_issuer, _watching(issuer, receiver) as seen:

        async def send(each: national.Submission, at: float) -> None:
            found.late.append(time.perf_counter() - at)
            request = national.SubmitRecordsRequest(submissions=[each])
            answer = await at_issuer.SubmitRecords(request, timeout=nodes.SECONDS, wait_for_ready=True)
            found.answered.append(time.perf_counter() - at)
            due[answer.results[0].record_id] = at

        began = time.perf_counter()
        async with asyncio.TaskGroup() as sending:
            for number, each in enumerate(given):
                at = began + number / a_second
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                sending.create_task(send(each, at))
            found.under_way = len(given) - len(seen)
        await nodes.until(lambda: _length(seen), lambda length: length >= len(given))
    found.seen += [seen[name] - at for name, at in due.items()]
    return found


async def both_ways(one: nodes.Home, other: nodes.Home, *, seconds: float, a_second: float) -> tuple[Stream, Stream]:
    """Send in both directions at once."""
    there, back = await asyncio.gather(
        stream(one, other, seconds=seconds, a_second=a_second),
        stream(other, one, seconds=seconds, a_second=a_second),
    )
    return there, back


async def most_a_second(one: nodes.Home, other: nodes.Home, *, seconds: float, under_way: int = 16) -> float:
    """Give how many records a second, one in each call, the pair can exchange in each direction."""
    counts = await asyncio.gather(
        _as_fast_as(one, other, seconds, under_way), _as_fast_as(other, one, seconds, under_way)
    )
    return min(counts) / seconds


async def _as_fast_as(issuer: nodes.Home, receiver: nodes.Home, seconds: float, under_way: int) -> int:
    variety = samples(issuer.administration, 100)
    name = f"most-{time.time_ns()}"
    sent = 0

    async with nodes.records_of(issuer) as at_issuer, _watching(issuer, receiver) as seen:

        async def send(until: float) -> None:
            nonlocal sent
            while time.perf_counter() < until:
                sent += 1
                each = national.Submission()
                each.CopyFrom(variety[sent % len(variety)])
                each.request_id = f"{name}-{sent}"
                request = national.SubmitRecordsRequest(submissions=[each])
                await at_issuer.SubmitRecords(request, timeout=nodes.SECONDS, wait_for_ready=True)

        until = time.perf_counter() + seconds
        await asyncio.gather(*(send(until) for _ in range(under_way)))
        arrived = len(seen)
        await nodes.until(lambda: _length(seen), lambda length: length >= sent)
    return arrived


@asynccontextmanager
async def _watching(issuer: nodes.Home, receiver: nodes.Home) -> AsyncIterator[dict[str, float]]:
    """Note when the receiver's national system sees each of the issuer's records, from now on."""
    wanted = national.RecordFilter(direction=national.DIRECTION_RECEIVED, partners=[issuer.administration])
    seen: dict[str, float] = {}
    async with nodes.records_of(receiver) as at_receiver:
        request = national.WatchRecordsRequest(from_now=True, filter=wanted)
        watch = at_receiver.WatchRecords(request, wait_for_ready=True)
        await watch.read()
        seeing = asyncio.create_task(_see(watch, seen))
        try:
            yield seen
        finally:
            seeing.cancel()
            await asyncio.gather(seeing, return_exceptions=True)
            watch.cancel()


async def _see(watch: grpc.aio.UnaryStreamCall, seen: dict[str, float]) -> None:
    while True:
        heard = await watch.read()
        now = time.perf_counter()
        seen.update((each.record.header.record_id, now) for each in heard.records)


async def _length(seen: Sequence[str] | dict[str, float]) -> int:
    return len(seen)
