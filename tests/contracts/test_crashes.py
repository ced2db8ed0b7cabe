"""Durable before acknowledged: a process is killed in the middle of its load, again and again on the same store."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.paths import verify_inclusion
from gateway.ports.links import Direction, Entry
from gateway.ports.records import RecordQuery, StoredRecord
from tests.contracts.conftest import FACTORIES
from tests.contracts.making import (
    MUCH,
    Store,
    held_origin,
    issued_origin,
    record_id,
    tree_of_entries,
)

ROOT = Path(__file__).resolve().parents[2]


async def load_and_kill(directory: Path, first: int, lines: int) -> list[tuple[str, int]]:
    """Give what the process said before it was killed, after about ``lines`` lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contracts.loading",
        str(directory),
        str(first),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said: list[bytes] = []
    while len(said) < lines:
        line = await process.stdout.readline()
        assert line, "the loading process ended by itself"
        said.append(line)
    process.kill()
    said += (await process.stdout.read()).splitlines(keepends=True)
    assert await process.wait() == -signal.SIGKILL
    whole = [line.decode().split() for line in said if line.endswith(b"\n")]
    return [(what, int(number)) for what, number in whole]


async def all_records(store: Store) -> list[StoredRecord]:
    records: list[StoredRecord] = []
    sequence, newest = 0, await store.records.newest()
    while sequence < newest:
        page, sequence = await store.records.after(sequence, limit=1000, query=RecordQuery())
        records += page
    return records


async def formed_entries(store: Store) -> list[Entry]:
    entries: list[Entry] = []
    while batch := await store.logs.formed_batch("CN", first=len(entries), records=1000, size_bytes=MUCH):
        entries += batch.entries
        assert batch.tree == tree_of_entries(entries)
    return entries


async def check(store: Store, said: list[tuple[str, int]]) -> None:
    """Whatever was answered is there, and all that is there fits together."""
    positions = await store.logs.positions("CN", issued_origin=issued_origin("CN"), held_origin=held_origin("CN"))
    for what, log_size in (("formed", positions.issued.tree.size), ("receipted", positions.issued.receipted)):
        assert log_size >= max((size for kind, size in said if kind == what), default=0)
    assert positions.held.tree.size >= max((size for kind, size in said if kind == "held"), default=0)

    records = await all_records(store)
    issued = [each for each in records if each.direction is Direction.ISSUED]
    ids = {each.record_id for each in issued}
    assert len(ids) == len(issued)
    assert {record_id(number) for kind, number in said if kind == "admitted"} <= ids

    entries = await formed_entries(store)
    assert positions.issued.tree == tree_of_entries(entries)
    await check_deliveries(store, issued, entries)
    received = [each for each in records if each.direction is Direction.RECEIVED]
    assert [each.deliveries[0].index for each in received] == list(range(positions.held.tree.size))
    await check_evidence(store, Random(len(records)).sample(received, 20))


async def check_deliveries(store: Store, issued: list[StoredRecord], entries: list[Entry]) -> None:
    """Each issued record is in the log once, or waits once."""
    in_log = {each.deliveries[0].index: each for each in issued if each.deliveries[0].index >= 0}
    assert sorted(in_log) == list(range(len(entries)))
    released = [each.record.removeprefix(b"statement ") for _, each in sorted(in_log.items())]
    assert [b"released " + number for number in released] == [each.record for each in entries]
    (status,) = await store.logs.statuses()
    assert status.waiting == len(issued) - len(entries)


async def check_evidence(store: Store, some: list[StoredRecord]) -> None:
    for each in some:
        parts = await store.records.evidence("CN", each.record_id)
        tree = await store.logs.tree_at("CN", direction=Direction.RECEIVED, size=parts.size)
        leaf = leaf_hash(commitment(parts.salt, parts.record))
        verify_inclusion(parts.index, parts.size, leaf, parts.path, tree.root())


async def kill_rounds(directory: Path, rounds: int) -> None:
    random = Random(rounds)
    said: list[tuple[str, int]] = []
    for number in range(rounds):
        said += await load_and_kill(directory, number * 10_000_000, random.randrange(20, 2500))
        store = await FACTORIES["sqlite"](directory, 0)
        try:
            await check(store, said)
        finally:
            await store.close()
    kinds = Counter(kind for kind, _ in said)
    assert set(kinds) == {"admitted", "formed", "receipted", "held"}


async def test_killed_in_the_middle(tmp_path: Path) -> None:
    await kill_rounds(tmp_path, 4)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_killed_in_the_middle_thirty_times(tmp_path: Path) -> None:
    await kill_rounds(tmp_path, 30)
