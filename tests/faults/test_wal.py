"""A write-ahead log that is torn gives whole transactions; one that is damaged is told, never passed over silently."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from random import Random

import apsw
import pytest

from gateway.errors import StoreCorrupt
from gateway.stores.sqlite import open_store
from gateway.stores.sqlite.checking import check_file
from tests.contracts.making import SeededChance, StillClock, admission, open_link

HEADER, FRAME_HEADER = 32, 24
TRANSACTIONS = 6


async def make(place: Path) -> list[int]:
    """Leave a store as a killed process leaves it; gives how many records each transaction had added up to."""
    store = await open_store(place / "gateway.db", randomness=SeededChance(), clock=StillClock(), reserve=0)
    await open_link(store)
    await store._writer.empty_wal()
    kept = [0]
    for number in range(TRANSACTIONS):
        await store.intake.admit([admission(3 * number + each) for each in range(3)])
        kept.append(3 * number + 3)
    left = place.with_name("left")
    left.mkdir()
    for each in ("", "-wal"):
        shutil.copyfile(place / f"gateway.db{each}", left / f"gateway.db{each}")
    await store.close()
    return kept


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    place = tmp_path_factory.mktemp("wal") / "made"
    place.mkdir()
    return place.with_name("left"), asyncio.run(make(place))


def spoiled(left: Path, place: Path, wal: bytes) -> Path:
    for each in place.iterdir():
        each.unlink()
    shutil.copyfile(left / "gateway.db", place / "gateway.db")
    (place / "gateway.db-wal").write_bytes(wal)
    return place / "gateway.db"


async def records_after(path: Path) -> int:
    """Open as a node does and count; the rows must be those of whole transactions."""
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    await store.close()
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").get for table in ("record", "submission", "outbox")
        ]
        assert connection.execute("PRAGMA integrity_check").get == "ok"
    finally:
        connection.close()
    assert len(set(counts)) == 1, counts
    return int(counts[0])


def frame_bytes(wal: bytes) -> int:
    return FRAME_HEADER + int.from_bytes(wal[8:12])


def offsets(wal: bytes, *, every: int) -> list[int]:
    """Every offset of a header and around it; within a page, where all offsets are alike, one in ``every``."""
    step = frame_bytes(wal)
    found = {*range(HEADER + 1), *range(0, len(wal), every), len(wal)}
    for start in range(HEADER, len(wal), step):
        found |= set(range(start - 2, min(start + FRAME_HEADER + 2, len(wal))))
    return sorted(found)


@pytest.mark.parametrize("every", [4096, pytest.param(97, marks=pytest.mark.long)])
async def test_a_torn_log_gives_whole_transactions(every: int, left: tuple[Path, list[int]], tmp_path: Path) -> None:
    place, kept = left
    wal = (place / "gateway.db-wal").read_bytes()
    lengths = offsets(wal, every=every)
    if every > 1000:
        lengths = [*lengths[:-1:25], len(wal)]
    seen = [await records_after(spoiled(place, tmp_path, wal[:length])) for length in lengths]
    assert seen == sorted(seen)
    assert set(seen) <= set(kept)
    assert (seen[0], seen[-1]) == (kept[0], kept[-1])


@pytest.mark.parametrize("count", [60, pytest.param(1500, marks=pytest.mark.long)])
async def test_a_flipped_bit_is_told_unless_a_crash_could_have_made_it(
    count: int, left: tuple[Path, list[int]], tmp_path: Path
) -> None:
    place, kept = left
    wal = (place / "gateway.db-wal").read_bytes()
    chance = Random(count)
    told = 0
    for _ in range(count):
        changed = bytearray(wal)
        at = chance.randrange(len(wal))
        changed[at] ^= 1 << chance.randrange(8)
        path = spoiled(place, tmp_path, bytes(changed))
        try:
            found = await records_after(path)
        except StoreCorrupt:
            told += 1
            continue
        assert found in kept[-3:], f"a bit at {at} took transactions away without a word"
    assert told > count // 2


async def test_fsck_names_a_damaged_log(left: tuple[Path, list[int]], tmp_path: Path) -> None:
    place, _ = left
    wal = bytearray((place / "gateway.db-wal").read_bytes())
    wal[HEADER + FRAME_HEADER + 100] ^= 1
    path = spoiled(place, tmp_path, bytes(wal))
    report = check_file(path, own="NL")
    assert any(each.place == "write-ahead log" for each in report.findings)
    with pytest.raises(StoreCorrupt, match="write-ahead log"):
        await records_after(path)
    assert path.with_name("gateway.db-wal").read_bytes() == bytes(wal), "what was left must stay to be looked at"
