"""How fast the ledger answers: ``python benchmarks/ledger.py [--decisions 1000000]``.

A store is filled with a year of made-up decisions, each standing on two records. Then, in this process: what a recall
of one device's outcomes of two days reaches, what one of 1,000 named records reaches, and the figures of the whole
year. Each is asked several times; the median counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.progress import track

from benchmarks.store import Chance, WallClock
from gateway.ports.ledger import Ledger, LedgerEntry, Reach, Source, StoodOn
from gateway.reliance.figures import reliance_figures
from gateway.stores.sqlite import SqliteStore, ledger_rows, open_store
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef

YEAR: Final = 365 * 24 * 3600
BEGIN: Final = 1_767_225_600
CALL: Final = 1000
ROUNDS: Final = 5
OUTCOMES: Final = ("RELY", "RELY", "RELY_SUBJECT_TO", "RELY_IN_PART", "DO_NOT_RELY", "VERIFY")
PARTNERS: Final = ("CN", "US", "BR", "JP")


def name(at: int, number: int) -> str:
    """Make a UUIDv7 of a moment."""
    return str(UUID(int=(at * 1000 << 80) | (7 << 76) | (2 << 62) | number))


def entries(total: int, chance: Random) -> Iterator[LedgerEntry]:
    """Make decisions spread over a year, by some offices and devices of four partners."""
    for number in range(total):
        at = BEGIN + number * YEAR // total
        partner = PARTNERS[number % len(PARTNERS)]
        records = tuple(name(at - 86_400, (number + each) // 2) for each in range(2))
        device = chance.randrange(60)
        stood_on = tuple(
            StoodOn(
                Source(partner, method, f"{partner}{device // 2:03}", f"{partner}-X-{device:02}"),
                "inspection_outcome",
                at - 86_400,
            )
            for method in ("NII_XRAY", "RAD_RPM")
        )
        goods = ConsignmentRef(container_numbers=[f"MSKU{number % 10_000_000:07}"]).SerializeToString()
        yield LedgerEntry(name(at, number), at, chance.choice(OUTCOMES), (partner,), stood_on, records, goods)


async def fill(store: SqliteStore, total: int, console: Console) -> None:
    """Enter all decisions, many in a transaction."""
    made = entries(total, Random(1))  # noqa: S311  made-up decisions
    for _ in track(range(0, total, CALL), "filling", console=console):
        some = list(islice(made, CALL))
        await store._writer.run(lambda connection, some=some: ledger_rows.enter(connection, some))  # noqa: SLF001


async def seconds(ask: Callable[[], Awaitable[object]]) -> float:
    """Give the median time of some askings."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


async def figures(ledger: Ledger) -> None:
    """Count a year for every partner, as the statistics do."""
    decided, stood = await ledger.tallies(begin=BEGIN, end=BEGIN + YEAR)
    for partner in PARTNERS:
        reliance_figures((x for x in decided if x.partner == partner), (x for x in stood if x.partner == partner))


async def measure(directory: Path, total: int, console: Console) -> dict[str, float]:
    """Fill a store and ask it."""
    store = await open_store(directory / "gateway.db", randomness=Chance(), clock=WallClock(), reserve=0)
    try:
        await fill(store, total, console)
        ledger, middle = store.ledger, BEGIN + YEAR // 2
        two_days = Reach(partner="CN", device="CN-X-07", done_from=middle, done_until=middle + 172_800)
        named = frozenset(
            name(BEGIN + each * YEAR // total - 86_400, each // 2) for each in range(0, total, max(1, total // 1000))
        )
        return {
            "decisions": total,
            "recall_of_a_device_decisions": (await ledger.reached(two_days, offset=0, limit=100)).decisions,
            "recall_of_a_device_seconds": await seconds(lambda: ledger.reached(two_days, offset=0, limit=100)),
            "recall_of_named_records_seconds": await seconds(
                lambda: ledger.reached(Reach(records=named), offset=0, limit=100)
            ),
            "statistics_of_a_year_seconds": await seconds(lambda: figures(ledger)),
        }
    finally:
        await store.close()


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--directory", type=Path, help="where the store is to be: on the disk to be measured")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        found = asyncio.run(measure(Path(directory), given.decisions, Console(stderr=True)))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
