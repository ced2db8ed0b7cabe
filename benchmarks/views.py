"""What views cost and how fast they answer: ``python benchmarks/views.py [--records 1000000] [--pairs 50000]``.

First the same records go, call by call in turn, into two stores, one of which files nothing in its view index: the
ratio of the two rates is what views cost, free of the machine's moods. It is the store's alone: checks, signatures
and the link cost the same on both sides, so a whole node loses less. Then the first store is filled up, and operators
and containers are looked up in it, in this process, one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

from google.protobuf import json_format

from benchmarks.store import Chance, WallClock
from gateway.ports.intake import Admission, Outgoing, Priority
from gateway.records.templates import example
from gateway.stores.sqlite import SqliteStore, admission, open_store
from gateway.views.consignments import Asked
from gateway.views.register import OperatorRegister
from gateway.views.tracing import ConsignmentTracer
from mutualrecognition.records.v1.record_pb2 import Record

CALL: Final = 500
LOOKUPS: Final = 2000
OPERATORS_EACH: Final = 5
"""One statement in this many is an operator's standing, the others are controls."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its unit."""

    name: str
    value: float
    unit: str


def admissions(chance: Chance, total: int) -> Iterator[Admission]:
    """Submissions of made-up records: every operator has some statements, every container some controls."""
    standing = json_format.Parse(example("aeo_status"), Record())
    control = json_format.Parse(example("inspection_outcome"), Record())
    for number in range(total):
        is_standing = number % OPERATORS_EACH == 0
        record = standing if is_standing else control
        record.header.record_id = record_id = chance.record_id()
        if is_standing:
            record.header.subject.operator.tin = record.aeo_status.tin = tin(number // OPERATORS_EACH, total)
        else:
            reference = record.inspection_outcome.consignment
            reference.container_numbers[:] = [container(number, total)]
            reference.ucr = reference.mrn = ""
            del reference.transport_documents[:]
            reference.transport_documents.add(number=f"MAEU{number // 3:09}", level=1)
            record.inspection_outcome.control_id = f"C-{number}"
            record.header.subject.consignment.CopyFrom(reference)
        statement = record.SerializeToString()
        yield Admission(
            client="national",
            request_id=f"{number:012}",
            digest=sha256(statement).digest(),
            record_id=record_id,
            kind="aeo_status" if is_standing else "inspection_outcome",
            subject="",
            supersedes="",
            statement=statement,
            outgoing=(Outgoing("CN", statement),),
            priority=Priority.BULK,
            answer=b"answer",
            stored_at=1,
        )


def tin(number: int, total: int) -> str:
    """An operator that has about four statements among all."""
    return f"CN{number * 7919 % max(total // OPERATORS_EACH // 4, 1):010}"


def container(number: int, total: int) -> str:
    """A container that has about four controls among all."""
    return f"MSCU{number * 7919 % max(total // 4, 1):07}"


def calls(of: Iterator[Admission]) -> Iterator[list[Admission]]:
    """Cut into calls."""
    while call := list(islice(of, CALL)):
        yield call


async def cost(with_views: SqliteStore, without: SqliteStore, given: Sequence[list[Admission]]) -> list[Figure]:
    """Store the same calls in both, in turn."""
    took = [0.0, 0.0]
    for call in given:
        begun = time.perf_counter()
        await with_views.intake.admit(call)
        between = time.perf_counter()
        with patch.object(admission, "file_records", return_value=0):
            await without.intake.admit(call)
        took[0] += between - begun
        took[1] += time.perf_counter() - between
    total = sum(map(len, given))
    return [
        Figure("admit with views", round(total / took[0]), "records/s"),
        Figure("admit without", round(total / took[1]), "records/s"),
        Figure("rate with / without", round(took[1] / took[0], 3), ""),
    ]


async def lookups(name: str, look: Callable[[int], Awaitable[int]]) -> list[Figure]:
    """Look up at random, one after the other; ``look`` gives how much it found, so that nothing is measured in vain."""
    chance = Random(7)  # noqa: S311  which ones to look up
    took, found = [], 0
    for _ in range(LOOKUPS):
        number = chance.randrange(10**9)
        begun = time.perf_counter()
        found += await look(number)
        took.append((time.perf_counter() - begun) * 1e3)
    took.sort()
    return [
        Figure(f"{name}, median", round(took[LOOKUPS // 2], 3), "ms"),
        Figure(f"{name}, p99", round(took[LOOKUPS * 99 // 100], 3), "ms"),
        Figure(f"{name}, records found each", round(found / LOOKUPS, 1), ""),
    ]


async def measure(directory: Path, total: int, pairs: int) -> list[Figure]:
    """Run all steps."""
    chance, clock = Chance(), WallClock()
    store = await open_store(directory / "with.db", randomness=chance, clock=clock)
    other = await open_store(directory / "without.db", randomness=chance, clock=clock)
    made = calls(admissions(chance, total))
    try:
        figures = await cost(store, other, list(islice(made, pairs // CALL)))
        begun = time.perf_counter()
        filled = 0
        for call in made:
            await store.intake.admit(call)
            filled += len(call)
        if filled:
            figures.append(Figure("admit, up to the end", round(filled / (time.perf_counter() - begun)), "records/s"))
        register = OperatorRegister(administration="NL", index=store.views, logs=store.logs, clock=clock)
        tracer = ConsignmentTracer(store.views)

        async def by_tin(number: int) -> int:
            found = await register.lookup(tin(number % (total // OPERATORS_EACH), total))
            return sum(len(view.history) for view in found.views)

        async def by_container(number: int) -> int:
            keys = Asked(containers=frozenset({container(number % total, total)}))
            return sum(len(view.timeline) for view in (await tracer.trace(keys)).views)

        async def under_a_key(number: int) -> int:
            return len(await store.views.records_under([f"container:{container(number % total, total)}"]))

        figures += await lookups("operator by TIN", by_tin)
        figures += await lookups("consignment by container", by_container)
        figures += await lookups("records under a container", under_a_key)
        begun = time.perf_counter()
        await store.views.rebuild(lambda _: None)
        figures.append(Figure("rebuild", round(total / (time.perf_counter() - begun)), "records/s"))
    finally:
        await store.close()
        await other.close()
    return figures


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=50_000)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        figures = asyncio.run(measure(Path(directory), arguments.records, arguments.pairs))
    for each in figures:
        print(f"{each.name:40} {each.value:>12,} {each.unit}")
    if arguments.json:
        rows = {each.name: each.value for each in figures}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
