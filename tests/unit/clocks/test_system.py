"""The machine's time and chance, by what the ports promise."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

import pytest

from gateway.clocks.system import SystemClock, SystemRandomness


def test_the_clock_reads_the_machines() -> None:
    clock = SystemClock()
    before, now, after = int(time.time()), clock.now(), int(time.time())
    assert before <= now <= after
    assert isinstance(now, int)


def test_the_monotonic_clock_is_never_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    first = clock.monotonic()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock.now() == 0
    assert clock.monotonic() >= first


def test_salts_are_16_bytes_and_never_the_same() -> None:
    chance = SystemRandomness()
    salts = chance.salts(1000) + chance.salts(1000)
    assert {len(salt) for salt in salts} == {16}
    assert len(set(salts)) == 2000
    assert chance.salts(0) == []


def test_session_ids_are_16_bytes_and_never_the_same() -> None:
    chance = SystemRandomness()
    assert len({chance.session_id() for _ in range(1000)}) == 1000
    assert len(chance.session_id()) == 16


def test_record_ids_are_uuid7_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_790_000_000_123_999_999)
    text = SystemRandomness().record_id()
    read = UUID(text)
    assert (str(read), read.version, read.variant) == (text, 7, RFC_4122)
    assert read.int >> 80 == 1_790_000_000_123


def test_record_ids_ascend_whatever_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = SystemRandomness()
    ids = [chance.record_id() for _ in range(1000)]
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    ids += [chance.record_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_record_ids_ascend_over_threads() -> None:
    chance = SystemRandomness()
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [chance.record_id() for _ in range(500)], range(8)))
    assert len({each for batch in batches for each in batch}) == 4000
    assert all(batch == sorted(batch) for batch in batches)


def test_two_processes_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_790_000_000_000_000_000)
    assert SystemRandomness().record_id() != SystemRandomness().record_id()


def test_jitter_is_from_0_up_to_1() -> None:
    drawn = [SystemRandomness().jitter() for _ in range(1000)]
    assert all(0 <= each < 1 for each in drawn)
    assert len(set(drawn)) > 900
