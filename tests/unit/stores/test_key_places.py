"""The filter of the view index: whatever is filed is looked for where it lies, and little is looked for in vain."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ports.records import StoredRecord
from gateway.stores.sqlite import SqliteStore, key_places, open_store
from gateway.stores.sqlite.key_places import KeyPlaces, segment_of
from gateway.views.keys import key_number, keys_of_bytes
from tests.contracts.making import SeededChance, StillClock, admission
from tests.contracts.test_views import seal_event

FEW_BITS = 2
"""Four records a segment, so that a test crosses many."""


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_places, "SEGMENT_BITS", FEW_BITS)


numbers = st.integers(0, 2**32 - 1)
rows = st.lists(st.tuples(st.integers(0, 140), numbers), max_size=60)


def index_of(filed: set[tuple[int, int]]) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE view_index (segment, key, sequence)")
    connection.executemany("INSERT INTO view_index VALUES (?, ?, 0)", sorted(filed))
    return connection


@settings(max_examples=60)
@given(before=rows, meanwhile=rows, learned=st.integers(0, 160))
def test_no_place_of_a_key_is_missed(
    before: list[tuple[int, int]], meanwhile: list[tuple[int, int]], learned: int
) -> None:
    newest = max((segment for segment, _ in before), default=0) << key_places.SEGMENT_BITS
    places, connection = KeyPlaces(newest), index_of(set(before))
    places.note(sorted((segment, number, 0) for segment, number in meanwhile))
    committed = max((segment for segment, _ in before + meanwhile), default=0) << key_places.SEGMENT_BITS
    for _ in range(learned):
        if not places.knows_all(committed):
            places.learn(connection)
    for segment, number in before + meanwhile:
        assert (segment, number) in places.of([1, number], 0, 200)
        assert (segment, number) in places.of([number], segment, segment)
        assert (segment, number) not in places.of([number], segment + 1, 200)


def test_a_key_that_is_nowhere_is_looked_for_in_hardly_any_segment() -> None:
    chance, segments = Random(1), 8
    places = KeyPlaces(0)
    for segment in range(segments):
        places.note(sorted((segment, chance.getrandbits(32), 0) for _ in range(8 << key_places.SEGMENT_BITS)))
    places.learn(index_of(set()))  # of the first segment, nothing was there before
    looked = sum(len(places.of([chance.getrandbits(32)], 0, segments)) for _ in range(2000))
    assert looked < 2000 * segments // 100


def test_a_small_store_needs_no_filter() -> None:
    places = KeyPlaces(5)
    places.note([(0, 1, 5)])
    assert not places._groups
    assert places.of([2], 0, 0) == [(0, 2)]
    assert places.of([2], 1, 1) == []


async def test_records_are_found_across_segments_also_when_the_store_was_opened_again(
    small_segments: None, tmp_path: Path
) -> None:
    boxes = [f"MSKU{number:07}" for number in range(10)]
    statements = [seal_event(Random(number).choice(boxes), control=f"C-{number}") for number in range(150)]

    for part in range(3):
        store = await open_store(tmp_path / "gateway.db", randomness=SeededChance(), clock=StillClock(), reserve=0)
        try:
            for number in range(part * 50, part * 50 + 50):
                await store.intake.admit([admission(number, statement=statements[number])])
                wanted = {f"container:{boxes[number % 10]}", f"control:C-{number // 2}"}
                due = [at for at, each in enumerate(statements[: number + 1], 1) if wanted & set(keys_of_bytes(each))]
                assert [each.sequence for each in await _all(store, wanted)] == due
            assert segment_of(store.views._arrivals.newest) > 4
        finally:
            await store.close()


async def test_what_was_filed_before_the_start_is_learned_beside_the_work(small_segments: None, tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    statements = [seal_event("MSKU3841906", control=f"C-{number}") for number in range(150)]
    await store.intake.admit([admission(number, statement=each) for number, each in enumerate(statements)])
    await store.close()
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    try:
        places, number = store.views._places, key_number("control:C-7")
        everywhere = places.of([number], 0, 9)
        assert len(everywhere) > 4
        await store.views.learn()
        assert len(places.of([number], 0, 9)) < len(everywhere)
        assert [each.sequence for each in await _all(store, {"control:C-7"})] == [8]
        await store.views.learn()
    finally:
        await store.close()


async def test_any_number_of_keys_may_be_asked_of_a_store_that_has_just_been_opened(
    small_segments: None, tmp_path: Path
) -> None:
    path = tmp_path / "gateway.db"
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    await store.intake.admit(
        [admission(number, statement=seal_event("MSKU3841906", control=f"C-{number}")) for number in range(300)]
    )
    await store.close()
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    try:
        found = await store.views.records_under([f"control:C-{number}" for number in range(250, 2000)])
        assert [each.sequence for each in found] == list(range(251, 301))
    finally:
        await store.close()


async def _all(store: SqliteStore, keys: set[str]) -> list[StoredRecord]:
    """Read page after page of three."""
    found: list[StoredRecord] = []
    while page := await store.views.records_under(keys, after=found[-1].sequence if found else 0, limit=3):
        found += page
    return found


async def test_a_store_with_the_larger_segments_of_before_is_filed_anew(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    await store.intake.admit([admission(1, statement=seal_event("MSKU3841906"))])
    await store.close()
    with sqlite3.connect(path) as old:
        old.execute("UPDATE view_index SET segment = 7")
        for since in (
            "DROP INDEX link_suspended",
            "ALTER TABLE decision_revision DROP COLUMN surroundings",
            "ALTER TABLE decision DROP COLUMN surroundings",
            "DROP TABLE decision_surroundings",
            "ALTER TABLE link DROP COLUMN complete_at",
        ):
            old.execute(since)
        old.execute("PRAGMA user_version = 11")
    store = await open_store(path, randomness=SeededChance(), clock=StillClock(), reserve=0)
    try:
        assert await store.views.is_outdated()
        await store.views.rebuild(lambda _: None)
        assert [each.sequence for each in await _all(store, {"container:MSKU3841906"})] == [1]
    finally:
        await store.close()
