"""A process that loads a store until it is killed: ``python -m tests.contracts.loading DIRECTORY FIRST``.

Every line that it prints is something that the store answered, so it must be there after the kill.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from gateway.ports.intake import Priority
from tests.contracts.conftest import FACTORIES
from tests.contracts.making import MUCH, PartnerLog, Store, admission, held_origin, issued_origin, judged_entry

CALL = 40


def tell(what: str, number: int) -> None:
    os.write(1, f"{what} {number}\n".encode())


async def submit(store: Store, first: int, lane: int) -> None:
    """One client's calls; four of them run at once, so that commits are shared."""
    for call in range(10_000):
        numbers = range(first + (4 * call + lane) * CALL, first + (4 * call + lane + 1) * CALL)
        priority = Priority(lane % 3)
        await store.intake.admit([admission(number, priority=priority) for number in numbers])
        for number in numbers:
            tell("admitted", number)


async def send(store: Store, size: int) -> None:
    """Form batches and have them receipted."""
    while True:
        batch = await store.logs.form_batch("CN", expected_size=size, records=100, size_bytes=MUCH)
        if batch is None:
            await store.records.wait_beyond(await store.records.newest())
            continue
        size = batch.tree.size
        tell("formed", size)
        await store.logs.commit_receipt("CN", size=size, note=b"issued %d" % size, receipt_time=size)
        tell("receipted", size)


async def receive(store: Store, log: PartnerLog) -> None:
    while True:
        size = log.tree.size
        await store.logs.commit_batch(log.batch(*(judged_entry(number) for number in range(size, size + 30))))
        tell("held", log.tree.size)


async def load(directory: Path, first: int) -> None:
    store = await FACTORIES["sqlite"](directory, 0)
    found = await store.logs.positions("CN", issued_origin=issued_origin("CN"), held_origin=held_origin("CN"))
    lanes = [submit(store, first, lane) for lane in range(4)]
    await asyncio.gather(*lanes, send(store, found.issued.tree.size), receive(store, PartnerLog(tree=found.held.tree)))


if __name__ == "__main__":
    asyncio.run(load(Path(sys.argv[1]), int(sys.argv[2])))
