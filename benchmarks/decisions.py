"""What a decision costs: ``python -m benchmarks.decisions [--records 1000000] [--bulk 100000]``.

First in this process, on a store with that many received records, each signed for: one decision after the other, and
many in one read and one transaction. Then over two nodes: unary calls beside a bare echo in the same run, and how long
one decision takes while a bulk streams in from the partner. docs/benchmarks.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Final
from uuid import uuid4

import grpc

from benchmarks.echo import UNDER_WAY, echo
from benchmarks.filled import BATCH, Filled, control, filled, question
from benchmarks.pair import Pair, pair
from benchmarks.views import Figure
from gateway.cli.serving import SWITCH_SECONDS, collect_rarely
from gateway.config import load
from gateway.recognition.desk import Asked
from gateway.recognition.question import read_question
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1 import recognition_service_pb2 as calls
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub

DECISIONS: Final = 2000
MANY: Final = 50


async def in_process(directory: Path, total: int) -> list[Figure]:
    """Fill a store, and decide on what is in it."""
    async with filled(directory, total) as store:
        sys.setswitchinterval(SWITCH_SECONDS)
        collect_rarely()  # as a node does when it serves
        return await _decide(store)


async def _decide(store: Filled) -> list[Figure]:
    desk, some = store.desk, store.some
    answer = pb.Decision.FromString((await desk.decide(some(1)))[0].answer)  # type: ignore[union-attr]
    assert answer.outcome in (pb.OUTCOME_RELY_SUBJECT_TO, pb.OUTCOME_VERIFY), answer
    figures = await _timed("a decision, durable", lambda: desk.decide(some(1)))
    figures += await _timed("a decision, in memory", lambda: _only_decide(store, some(1)))
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(DECISIONS // MANY):
        await desk.decide(some(MANY))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures.append(Figure(f"decisions by the {MANY}, durable", round(DECISIONS / wall), "/s"))
    figures.append(Figure("the same, CPU of all threads", round(cpu / DECISIONS * 1e6), "µs each"))
    return figures


async def _only_decide(store: Filled, asked: Sequence[Asked]) -> None:
    """Gather and decide; nothing is kept."""
    (facts,), _ = await store.gatherer.gather([read_question(each.question) for each in asked], int(time.time()))
    store.decider.decide(facts, store.book)


async def _timed(name: str, call: Callable[[], Awaitable[object]]) -> list[Figure]:
    took = []
    for _ in range(DECISIONS):
        began = time.perf_counter()
        await call()
        took.append((time.perf_counter() - began) * 1e6)
    took.sort()
    return [
        Figure(f"{name}, median", round(took[DECISIONS // 2]), "µs"),
        Figure(f"{name}, p99", round(took[DECISIONS * 99 // 100]), "µs"),
    ]


def over_nodes(directory: Path, bulk: int) -> list[Figure]:
    """Call NL, which holds what CN states, beside an echo; then while CN's bulk comes in."""
    with pair(directory) as both, echo(directory / "echo") as bare:
        both.wait_open()
        _state(both, range(BATCH))
        payload = calls.DecideRequest(request_id=str(uuid4()), question=question(1)).SerializeToString()
        rates = [(bare.rate(payload, calls=DECISIONS), asyncio.run(_rate(directory / "nl"))) for _ in range(3)]
        took = _while_streaming(both, directory / "nl", bulk)
    echoed, decided = (sorted(each)[1] for each in zip(*rates, strict=True))
    return [
        Figure("bare echo", round(echoed), "calls/s"),
        Figure("Decide, unary", round(decided), "calls/s"),
        Figure("Decide / echo", round(decided / echoed, 2), ""),
        Figure("Decide while a bulk streams in, median", round(took[len(took) // 2] * 1e3, 1), "ms"),
        Figure("Decide while a bulk streams in, p99", round(took[len(took) * 99 // 100] * 1e3, 1), "ms"),
    ]


def _state(both: Pair, numbers: range) -> None:
    """Have CN state controls, message by message, and wait until NL has signed for them."""
    _stream(both, _messages(numbers), numbers[-1] + 1)


def _messages(numbers: range) -> list[national.StreamRecordsRequest]:
    return [
        national.StreamRecordsRequest(
            submissions=[
                national.Submission(request_id=f"s-{number}", record=control(number))
                for number in numbers[start : start + 100]
            ]
        )
        for start in range(0, len(numbers), 100)
    ]


def _stream(both: Pair, messages: list[national.StreamRecordsRequest], size: int) -> None:
    for response in both.receiver.records.StreamRecords(iter(messages)):
        assert not any(each.HasField("refusal") for each in response.results), response.results[0].refusal
    while both.receiver.link().issued.receipted < size:
        time.sleep(0.05)


def _while_streaming(both: Pair, home: Path, bulk: int) -> list[float]:
    """Decide while the bulk streams; it was made before, so that this process does not wait for itself."""
    sys.setswitchinterval(SWITCH_SECONDS)
    messages = _messages(range(BATCH, BATCH + bulk))
    streaming = threading.Thread(target=_stream, args=(both, messages, BATCH + bulk))
    streaming.start()
    return asyncio.run(_alone(home, streaming.is_alive))


async def _alone(home: Path, goes_on: Callable[[], bool]) -> list[float]:
    """Call one after the other; gives the seconds of each, sorted."""
    took = []
    async with _channel(home) as channel:
        service = RecognitionServiceStub(channel)
        for number in count():
            if not goes_on():
                break
            asked = calls.DecideRequest(request_id=str(uuid4()), question=question(number % BATCH))
            began = time.perf_counter()
            await service.Decide(asked)
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)
    return sorted(took)


async def _rate(home: Path) -> float:
    async with _channel(home) as channel:
        service = RecognitionServiceStub(channel)
        await service.Decide(calls.DecideRequest(request_id=str(uuid4()), question=question(0)))
        remaining = iter(range(DECISIONS))

        async def caller() -> None:
            for number in remaining:
                asked = calls.DecideRequest(request_id=str(uuid4()), question=question(number % BATCH))
                await service.Decide(asked)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(UNDER_WAY)))
        return DECISIONS / (time.perf_counter() - began)


def _channel(home: Path) -> grpc.aio.Channel:
    """Call as the commands of this machine do."""
    files = home / "clients" / "local"
    key, chain, roots = ((files / name).read_bytes() for name in ("client.key", "client.pem", "ca.pem"))
    credentials = grpc.ssl_channel_credentials(roots, key, chain)
    return grpc.aio.secure_channel(
        load(home).national.listen, credentials, [("grpc.ssl_target_name_override", "localhost")]
    )


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--bulk", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        figures = asyncio.run(in_process(Path(directory), arguments.records))
        figures += over_nodes(Path(directory), arguments.bulk)
    for each in figures:
        print(f"{each.name:45} {each.value:>12,} {each.unit}")
    if arguments.json:
        rows = {each.name: each.value for each in figures}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
