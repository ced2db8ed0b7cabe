"""How fast the SQLite store is: ``python benchmarks/store.py [--records 50000] [--directory DIR]``.

Prints records/s of each step, alone on an idle machine, with durable commits; records of 1 KiB, calls of 500.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.tree import CompactRange
from gateway.ports.intake import Admission, Outgoing, Priority
from gateway.ports.links import Entry, JudgedEntry, ReceivedBatch, Standing
from gateway.ports.records import RecordQuery
from gateway.stores.sqlite import SqliteStore, open_store

T = TypeVar("T")

CALL = 500
RECORD_BYTES = 1024
ISSUED = "customs.nl.example/links/CN/1"
HELD = "customs.cn.example/links/NL/1"


@dataclass(frozen=True, slots=True)
class Rate:
    """A step's figures."""

    step: str
    records_per_second: int
    microseconds_cpu: float


class WallClock:
    """The port ``Clock``."""

    def now(self) -> int:
        """POSIX seconds."""
        return int(time.time())

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()


class Chance:
    """The port ``Randomness``; record ids in order, as UUIDv7 are."""

    def __init__(self) -> None:
        self._ids = count(1)

    def salts(self, number: int) -> list[bytes]:
        """One read of the system's randomness for all."""
        chance = os.urandom(16 * number)
        return [chance[at : at + 16] for at in range(0, len(chance), 16)]

    def session_id(self) -> bytes:
        """16 bytes."""
        return os.urandom(16)

    def record_id(self) -> str:
        """In order."""
        return str(UUID(int=next(self._ids) << 80 | 7 << 76 | int.from_bytes(os.urandom(9))))

    def jitter(self) -> float:
        """Not used here."""
        return 0.5


class Stopwatch:
    """Measures one step after the other."""

    def __init__(self, records: int) -> None:
        self._records = records
        self.rates: list[Rate] = []
        self._restart()

    def _restart(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def begin(self) -> None:
        """Start measuring."""
        self._restart()

    def end(self, step: str) -> None:
        """Print and keep the figures since ``begin``."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        rate = Rate(step, round(self._records / wall), round(cpu / self._records * 1e6, 1))
        self.rates.append(rate)
        print(f"{step:24} {rate.records_per_second:>8,} records/s  {rate.microseconds_cpu:>6} µs CPU a record")


def admissions(total: int, randomness: Chance) -> list[list[Admission]]:
    """Submissions of one client to one partner, in calls."""

    def one(number: int) -> Admission:
        statement, released = os.urandom(RECORD_BYTES), os.urandom(RECORD_BYTES)
        return Admission(
            client="national",
            request_id=f"{number:012}",
            digest=sha256(statement).digest(),
            record_id=randomness.record_id(),
            kind="inspection_outcome",
            subject=f"container:MSCU{number * 7919 % 10**7:07}",
            supersedes="",
            statement=statement,
            outgoing=(Outgoing("CN", released),),
            priority=Priority.NORMAL,
            answer=os.urandom(100),
            stored_at=1,
        )

    return _calls([one(number) for number in range(total)])


def received(total: int, randomness: Chance) -> list[ReceivedBatch]:
    """Batches of the partner's log."""

    def one() -> JudgedEntry:
        entry = Entry(os.urandom(16), os.urandom(RECORD_BYTES))
        return JudgedEntry(
            entry, commitment(entry.salt, entry.record), randomness.record_id(), "alert", "x", "", Standing.ACCEPTED, ()
        )

    tree, batches = CompactRange(), []
    for entries in _calls([one() for _ in range(total)]):
        grown, _ = tree.append_all([leaf_hash(each.commitment) for each in entries])
        batches.append(ReceivedBatch("CN", HELD, tree, tuple(entries), grown, b"n" * 400, 1, ()))
        tree = grown
    return batches


async def measure(store: SqliteStore, total: int) -> list[Rate]:
    """Run the steps one after the other."""
    randomness = Chance()
    calls, batches = admissions(total, randomness), received(total, randomness)
    await store.logs.positions("CN", issued_origin=ISSUED, held_origin=HELD)
    watch = Stopwatch(total)
    watch.begin()
    for call in calls:
        await store.intake.admit(call)
    watch.end("admit, one call at a time")
    watch.begin()
    await _form(store)
    watch.end("form_batch")
    watch.begin()
    for batch in batches:
        await store.logs.commit_batch(batch)
    watch.end("commit_batch")
    watch.begin()
    await _read_all(store)
    watch.end("after (2 records each)")
    await _idle_latency(store, admissions(CALL, randomness))
    return watch.rates


async def _form(store: SqliteStore) -> None:
    size = 0
    while batch := await store.logs.form_batch("CN", expected_size=size, records=CALL, size_bytes=900 * 1024):
        size = batch.tree.size


async def _read_all(store: SqliteStore) -> None:
    sequence, newest = 0, await store.records.newest()
    while sequence < newest:
        _, sequence = await store.records.after(sequence, limit=CALL, query=RecordQuery())


async def _idle_latency(store: SqliteStore, calls: Sequence[Sequence[Admission]]) -> None:
    took = []
    for admission in calls[0][:200]:
        begun = time.perf_counter()
        await store.intake.admit([replace(admission, client="single")])
        took.append(time.perf_counter() - begun)
    took.sort()
    print(f"{'admit, one record':24} {took[100] * 1e3:8.2f} ms median, {took[197] * 1e3:.2f} ms p99")


def _calls(items: list[T]) -> list[list[T]]:
    return [items[at : at + CALL] for at in range(0, len(items), CALL)]


async def run(directory: Path, total: int) -> list[Rate]:
    """Measure a new store in ``directory``."""
    store = await open_store(directory / "store.db", randomness=Chance(), clock=WallClock())
    try:
        return await measure(store, total)
    finally:
        await store.close()


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        rates = asyncio.run(run(Path(directory), arguments.records))
        size = sum(file.stat().st_size for file in Path(directory).iterdir())
    print(f"file: {size / arguments.records / 2:,.0f} bytes a record; most memory ", end="")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB, the benchmark's own data among it")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(rate) for rate in rates], indent=2) + "\n")


if __name__ == "__main__":
    main()
