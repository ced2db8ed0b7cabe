"""A million records that wait, and what becomes of them: ``python -m benchmarks.backlog [--records 1000000]``.

CN is away while NL takes a bulk. NL is killed (kill -9) in the middle of more of it and started again: how long until
it serves? Then CN comes back: how long until all is receipted, how long do live records take meanwhile, each way, and
how much memory has each node? At the end CN is killed and started again too. Everything is durable, and counted.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import grpc

from benchmarks.figures import quarters
from benchmarks.live import Live, live
from benchmarks.pair import Side, introduced, running
from benchmarks.results import add_record_option, telling
from benchmarks.sample import MESSAGE_RECORDS, Samples
from mutualrecognition.national.v1 import records_service_pb2 as pb

LIVE_A_SECOND: Final = 10.0
MEMORY_MIB: Final = 200
LIVE_SECONDS: Final = 1.0
SERVING_SECONDS: Final = 10.0
DRAINED_SECONDS: Final = 900.0
"""The marks; the last is that of a million."""
_LOOK_SECONDS: Final = 1.0
_MORE_SECONDS: Final = 1.0
_DRAIN_SECONDS: Final = 3600.0


class Found(NamedTuple):
    """A sentence on what was found, and which mark it misses, if any."""

    line: str
    missed: str = ""


def submit(side: Side, samples: Samples, records: int) -> None:
    """Hand over so many in one call, as what comes after everything else.

    Raises:
        ValueError: one was refused.
    """

    def messages() -> Iterator[pb.StreamRecordsRequest]:
        for _ in range(0, records, MESSAGE_RECORDS):
            made = [samples.submission() for _ in range(MESSAGE_RECORDS)]
            for each in made:
                each.priority = pb.PRIORITY_BULK
            yield pb.StreamRecordsRequest(submissions=made)

    for response in side.records.StreamRecords(messages()):
        for result in response.results:
            if result.HasField("refusal"):
                raise ValueError(f"A record was refused: {result.refusal.message}")


def kill(side: Side) -> None:
    """Kill -9."""
    side.node.process.kill()
    side.node.process.wait()


class Memory:
    """The resident memory of nodes, looked at every second."""

    def __init__(self, **sides: Side) -> None:
        self._files = {name: Path(f"/proc/{side.node.process.pid}/status") for name, side in sides.items()}
        self._seen: dict[str, list[int]] = {name: [] for name in sides}

    def look(self) -> None:
        """Note what each has now, in MiB."""
        for name, file in self._files.items():
            (line,) = [each for each in file.read_text("utf-8").splitlines() if each.startswith("VmRSS")]
            self._seen[name].append(int(line.split()[1]) >> 10)

    @property
    def most(self) -> int:
        """The most that any had."""
        return max(max(each) for each in self._seen.values())

    def told(self) -> str:
        """Say how it went, in quarters of the time."""
        return "; ".join(
            f"{name} {', '.join(str(max(each)) for each in quarters(seen))} MiB" for name, seen in self._seen.items()
        )


def drain(issuer: Side, receiver: Side, memory: Memory) -> float:
    """Wait until the issuer holds the receipts for everything; gives the seconds.

    Raises:
        TimeoutError: they do not come.
    """
    began = time.monotonic()
    while time.monotonic() < began + _DRAIN_SECONDS:
        memory.look()
        link = issuer.link()
        if link.waiting < 100 and link.issued.receipted > link.issued.size - 100:  # live ones go on
            return time.monotonic() - began
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError(
        f"{issuer.link().waiting} records still wait; {receiver.node.administration} takes them too slowly"
    )


def crashed(stack: ExitStack, side: Side) -> tuple[Side, float]:
    """Kill a node and start it again; gives the seconds until it has answered a call."""
    kill(side)
    began = time.monotonic()
    again = stack.enter_context(running(side.node.administration, side.node.home))
    again.look()
    return again, time.monotonic() - began


def measure(directory: Path, records: int) -> Iterator[Found]:
    """Play it once; says what was found as it goes."""
    homes = introduced(directory)
    samples = Samples()
    with ExitStack() as stack:
        issuer = stack.enter_context(running("NL", homes["NL"]))
        began = time.monotonic()
        submit(issuer, samples, records)
        rate = records / (time.monotonic() - began)
        yield Found(f"taken {records:,} records while the partner was away: {rate:,.0f} a second")
        issuer, seconds = _killed_at_work(stack, issuer, samples)
        waiting = issuer.link().waiting
        yield _timed(
            f"NL serves again {seconds:.1f} s after kill -9 at work, with {waiting:,} records waiting",
            seconds,
            SERVING_SECONDS,
        )
        receiver = stack.enter_context(running("CN", homes["CN"]))
        memory = Memory(NL=issuer, CN=receiver)
        with (
            live(issuer, receiver, a_second=LIVE_A_SECOND) as there,
            live(receiver, issuer, a_second=LIVE_A_SECOND) as back,
        ):
            seconds = drain(issuer, receiver, memory)
        told = f"drained in {seconds:.0f} s: {waiting / seconds:,.0f} a second"
        yield _timed(told, seconds, DRAINED_SECONDS * waiting / 10**6)
        yield from _fared(there, back, memory)
    yield from _counted(homes, waiting)


def _killed_at_work(stack: ExitStack, issuer: Side, samples: Samples) -> tuple[Side, float]:
    def more() -> None:
        try:
            submit(issuer, samples, 10**6)
        except grpc.RpcError:
            return  # it was killed, as is the purpose

    at_work = threading.Thread(target=more, daemon=True)
    at_work.start()
    time.sleep(_MORE_SECONDS)
    found = crashed(stack, issuer)
    at_work.join()
    return found


def _fared(there: Live, back: Live, memory: Memory) -> Iterator[Found]:
    yield _timed(f"NL to CN meanwhile, {there.told()}", there.p99, LIVE_SECONDS)
    yield _timed(f"CN to NL meanwhile, {back.told()}", back.p99, LIVE_SECONDS)
    told = f"most memory in each quarter: {memory.told()}"
    yield Found(told, f"{MEMORY_MIB} MiB of memory" if memory.most > MEMORY_MIB else "")


def _timed(line: str, seconds: float, mark: float) -> Found:
    return Found(line, f"{mark:g} s: {line}" if seconds > mark else "")


def _counted(homes: dict[str, Path], waiting: int) -> Iterator[Found]:
    """Both nodes once more: all is there, and CN comes back from a kill as fast."""
    with ExitStack() as stack:
        issuer, receiver = (stack.enter_context(running(name, homes[name])) for name in ("NL", "CN"))
        issued, held = issuer.link().issued, receiver.link().held
        if not issued.size == issued.receipted == held.size >= waiting:
            raise ValueError(f"Issued {issued.size}, receipted {issued.receipted}, there {held.size}.")
        _, seconds = crashed(stack, receiver)
        told = f"CN serves again {seconds:.1f} s after kill -9, with {held.size:,} records received; 0 lost"
        yield _timed(told, seconds, SERVING_SECONDS)


def main() -> None:
    """Play it and print what was found; fails when a mark is missed, in proportion for fewer than a million."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000, help="how many wait (default: 1000000)")
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    add_record_option(parser)
    chosen = parser.parse_args()
    with (
        telling(f"python -m benchmarks.backlog --records {chosen.records}", record=chosen.record) as say,
        tempfile.TemporaryDirectory(prefix="backlog-", dir=chosen.directory) as place,
    ):
        missed = []
        for found in measure(Path(place), chosen.records):
            say(found.line)
            if found.missed:
                missed.append(found.missed)
        if missed:
            raise SystemExit(f"marks missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
