"""What a decision costs: ``python -m benchmarks.decisions [--records 1000000] [--others 185] [--bulk 100000]``.

First in this process, on a store with that many received records, each signed for: one decision after the other, and
many in one read and one transaction; also in the quietest quarter of the time, since machines that are shared change
their speed. Then over two nodes, 64 unary calls under way: each question is about other goods, on whose control NL
relies, and is asked once; rounds of them take turns with rounds of a bare echo of as many bytes. The processor time of
NL is counted when all are answered, and again when its partner has been told of them all. At last, how long one
decision takes while a bulk streams in from the partner. docs/benchmarks.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, pairwise
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from uuid import uuid4

import grpc

from benchmarks.echo import UNDER_WAY, Echo, echo
from benchmarks.filled import BATCH, Filled, control, filled, question
from benchmarks.pair import Pair, pair
from benchmarks.processes import use_of
from benchmarks.views import Figure
from gateway.cli.client import national as national_calls
from gateway.cli.serving import SWITCH_SECONDS, collect_rarely
from gateway.config import load
from gateway.recognition.desk import Asked
from gateway.recognition.question import read_question
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1 import recognition_service_pb2 as calls
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

DECISIONS: Final = 2000
ROUNDS: Final = 5
STRETCH: Final = 100
"""Decisions that are timed together: a tenth of a second, in which the machine's speed hardly changes."""
QUIET_SECONDS: Final = 2.5
"""NL looks every second whether there is something to tell."""
MANY: Final = 50


async def in_process(directory: Path, total: int, others: int = 0) -> list[Figure]:
    """Fill a store, and decide on what is in it."""
    async with filled(directory, total, others) as store:
        sys.setswitchinterval(SWITCH_SECONDS)
        collect_rarely()  # as a node does when it serves
        return await _decide(store)


async def _decide(store: Filled) -> list[Figure]:
    desk, some = store.desk, store.some
    answer = pb.Decision.FromString((await desk.decide(some(1)))[0].answer)  # type: ignore[union-attr]
    assert answer.outcome in (pb.OUTCOME_RELY_SUBJECT_TO, pb.OUTCOME_VERIFY), answer
    figures = await _one_by_one(store, "a decision, durable", desk.decide)
    figures += await _one_by_one(store, "a decision, in memory", lambda asked: _only_decide(store, asked))
    return figures + await _by_many(store)


async def _only_decide(store: Filled, asked: Sequence[Asked]) -> None:
    """Read the question, gather and decide, as the desk does; nothing is kept."""
    questions = [read_question(each.question) for each in asked]
    (gathered,) = await store.gatherer.gather(questions, int(time.time()))
    store.decider.decide(gathered.facts, gathered.around, questions[0])


async def _one_by_one(store: Filled, name: str, call: Callable[[list[Asked]], Awaitable[object]]) -> list[Figure]:
    took: list[float] = []
    medians: list[float] = []
    for _ in range(DECISIONS // STRETCH):
        asked, stretch = [store.some(1) for _ in range(STRETCH)], []
        for each in asked:
            began = time.perf_counter()
            await call(each)
            stretch.append((time.perf_counter() - began) * 1e6)
        took += stretch
        medians.append(median(stretch))
    took.sort()
    return [
        Figure(f"{name}, median", round(took[DECISIONS // 2]), "µs"),
        Figure(f"{name}, p99", round(took[DECISIONS * 99 // 100]), "µs"),
        Figure(f"{name}, in the quietest quarter", round(_quietest(medians)), "µs"),
    ]


async def _by_many(store: Filled) -> list[Figure]:
    wall = 0.0
    cpu: list[float] = []
    for _ in range(DECISIONS // STRETCH):
        asked = [store.some(MANY) for _ in range(STRETCH // MANY)]
        began, used = time.perf_counter(), time.process_time()
        for some in asked:
            await store.desk.decide(some)
        wall += time.perf_counter() - began
        cpu.append((time.process_time() - used) / STRETCH * 1e6)
    return [
        Figure(f"decisions by the {MANY}, durable", round(DECISIONS / wall), "/s"),
        Figure("the same, CPU of all threads", round(sum(cpu) / len(cpu)), "µs each"),
        Figure("the same, in the quietest quarter", round(_quietest(cpu)), "µs each"),
    ]


def _quietest(stretches: Sequence[float]) -> float:
    """Give what the quietest quarter of the stretches did not exceed."""
    return quantiles(stretches, n=4)[0]


def over_nodes(directory: Path, bulk: int) -> list[Figure]:
    """Call NL, which holds what CN states, in turns with an echo; then while CN's bulk comes in."""
    with pair(directory) as both, echo(directory / "echo") as bare:
        both.wait_open()
        stated = (ROUNDS + 1) * DECISIONS
        _state(both, range(stated))
        figures = _in_turns(both, bare, directory / "nl")
        took = _while_streaming(both, directory, range(stated, stated + bulk))
    return [
        *figures,
        Figure("Decide while a bulk streams in, median", round(took[len(took) // 2] * 1e3, 1), "ms"),
        Figure("Decide while a bulk streams in, p99", round(took[len(took) * 99 // 100] * 1e3, 1), "ms"),
    ]


def _in_turns(both: Pair, bare: Echo, home: Path) -> list[Figure]:
    """Take the median of ratios, each of one round to the rounds of the echo before and after it."""
    payload = calls.DecideRequest(request_id=str(uuid4()), question=question(1)).SerializeToString()
    asyncio.run(_rate(home, range(DECISIONS)))  # a node's first thousands cost more: nothing is in memory yet
    nl, began = both.issuer.node.process.pid, use_of(bare.pid).cpu
    echoed, decided, costs = [bare.rate(payload, calls=DECISIONS)], [], []
    for number in range(1, ROUNDS + 1):
        _wait_told(both)
        before = use_of(nl).cpu
        decided.append(asyncio.run(_rate(home, range(number * DECISIONS, (number + 1) * DECISIONS))))
        answered = use_of(nl).cpu
        _wait_told(both)
        costs.append((answered - before, use_of(nl).cpu - before))
        echoed.append(bare.rate(payload, calls=DECISIONS))
    beside = [(before + after) / 2 for before, after in pairwise(echoed)]
    of_echo = (use_of(bare.pid).cpu - began) / len(echoed)
    answering, whole = (median(each) for each in zip(*costs, strict=True))
    return [
        Figure("bare echo", round(median(beside)), "calls/s"),
        Figure("Decide, unary", round(median(decided)), "calls/s"),
        Figure("Decide / echo", round(median(one / other for one, other in zip(decided, beside, strict=True)), 2), ""),
        Figure("CPU of the echo's server", round(of_echo / DECISIONS * 1e6), "µs a call"),
        Figure("CPU of NL until all are answered", round(answering / DECISIONS * 1e6), "µs a call"),
        Figure("CPU of NL until CN is told of all", round(whole / DECISIONS * 1e6), "µs a call"),
    ]


def _wait_told(both: Pair) -> None:
    """Wait until NL has told CN of every decision, as far as it has had the time to begin, and holds the receipts."""
    told, quiet_since = -1, time.monotonic()
    while time.monotonic() - quiet_since < QUIET_SECONDS:
        issued = both.issuer.link().issued
        if issued.receipted != told or issued.size != issued.receipted:
            told, quiet_since = issued.receipted, time.monotonic()
        time.sleep(0.05)


def _state(both: Pair, numbers: range) -> None:
    """Have CN state controls, message by message, and wait until NL has signed for them."""
    _stream(both.receiver.records, _messages(numbers))
    _wait_receipted(both, numbers.stop)


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


def _stream(records: RecordsServiceStub, messages: list[national.StreamRecordsRequest]) -> None:
    for response in records.StreamRecords(iter(messages)):
        assert not any(each.HasField("refusal") for each in response.results), response.results[0].refusal


def _wait_receipted(both: Pair, size: int) -> None:
    while both.receiver.link().issued.receipted < size:
        time.sleep(0.05)


def _while_streaming(both: Pair, directory: Path, numbers: range) -> list[float]:
    """Decide while the bulk streams, from a process of its own as CN's national system is one."""
    apart = multiprocessing.get_context("spawn")
    made = apart.Event()
    system = apart.Process(target=_state_from, args=(directory / "cn", numbers, made))
    system.start()
    while not made.wait(1):
        assert system.is_alive(), f"CN's bulk was never made: {system.exitcode}"
    streaming = threading.Thread(target=lambda: (system.join(), _wait_receipted(both, numbers.stop)))
    streaming.start()
    took = asyncio.run(_alone(directory / "nl", streaming.is_alive))
    assert system.exitcode == 0, f"CN's bulk ended with {system.exitcode}"
    return took


def _state_from(home: Path, numbers: range, made: Event) -> None:
    """Make the bulk, say so, and stream it into the node of this home."""
    messages = _messages(numbers)
    made.set()
    with national_calls(home) as records:
        _stream(records, messages)


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


async def _rate(home: Path, numbers: range) -> float:
    async with _channel(home) as channel:
        service = RecognitionServiceStub(channel)
        await service.Decide(calls.DecideRequest(request_id=str(uuid4()), question=question(0)))
        remaining = iter(numbers)

        async def caller() -> None:
            for number in remaining:
                await service.Decide(calls.DecideRequest(request_id=str(uuid4()), question=question(number)))

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(UNDER_WAY)))
        return len(numbers) / (time.perf_counter() - began)


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
    parser.add_argument("--others", type=int, default=0, help="partners besides CN, with agreements, in this process")
    parser.add_argument("--bulk", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        figures = asyncio.run(in_process(Path(directory), arguments.records, arguments.others))
        figures += over_nodes(Path(directory), arguments.bulk)
    for each in figures:
        print(f"{each.name:45} {each.value:>12,} {each.unit}")
    if arguments.json:
        rows = {each.name: each.value for each in figures}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
