"""One run of the benchmark: nodes and echo side by side, in rounds, and the medians of the rounds.

Machines are noisy, so each round measures the echo and a bulk right after each other, and gives their ratio.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import journey, rules
from benchmarks.echo import Echo, echo
from benchmarks.figures import Figures, percentile
from benchmarks.pair import Pair, pair
from benchmarks.sample import RECORD_BYTES, Samples

_MIB: Final = 1024 * 1024
_WRITES: Final = 50


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    records: int = 20_000
    rounds: int = 3
    warm_up: int = 2_000
    alone: int = 200
    echo_calls: int = 5_000


def measure(effort: Effort, directory: Path | None, say: Callable[[str], None]) -> Figures:
    """Measure; the nodes' homes are made in ``directory`` (the system's temporary one if None) and removed.

    ``say`` is told what is being measured, for whoever waits.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=directory) as made:
        place = Path(made)
        say("two nodes are made and started")
        with pair(place) as nodes, echo(place / "echo") as yardstick:
            nodes.wait_open()
            memory = [side.look().memory_bytes / _MIB for side in (nodes.issuer, nodes.receiver)]
            say("one record at a time")
            samples = Samples()
            alone = _alone(nodes, yardstick, samples, effort)
            say("everything warms up")
            journey.bulk(nodes, samples, effort.warm_up)
            measured = []
            for number in range(1, effort.rounds + 1):
                say(f"round {number} of {effort.rounds}, {effort.echo_calls:,} echoes and {effort.records:,} records")
                measured.append(_round(nodes, yardstick, samples, effort))
        say("rules, and the disk")
        found = _Found(measured, alone, memory, _fdatasync_seconds(place))
    return _figures(effort, nodes, found)


@dataclass(frozen=True, slots=True)
class _Alone:
    record: list[float]
    echo: list[float]


@dataclass(frozen=True, slots=True)
class _Round:
    echo: float
    bulk: journey.Bulk

    @property
    def ratio(self) -> float:
        return self.bulk.records_per_second / self.echo


@dataclass(frozen=True, slots=True)
class _Found:
    rounds: list[_Round]
    alone: _Alone
    memory_mib: list[float]
    fdatasync_seconds: list[float]


def _alone(nodes: Pair, yardstick: Echo, samples: Samples, effort: Effort) -> _Alone:
    journey.seconds_alone(nodes, samples, max(1, effort.alone // 10))  # the first ones meet cold caches
    record = journey.seconds_alone(nodes, samples, effort.alone)
    return _Alone(record, yardstick.seconds_alone(_payload(), calls=effort.alone))


def _round(nodes: Pair, yardstick: Echo, samples: Samples, effort: Effort) -> _Round:
    calls = yardstick.rate(_payload(), calls=effort.echo_calls)
    return _Round(calls, journey.bulk(nodes, samples, effort.records))


def _figures(effort: Effort, nodes: Pair, found: _Found) -> Figures:
    measured, alone, memory = found.rounds, found.alone, found.memory_mib
    latency, echo_latency = median(alone.record), median(alone.echo)
    records_per_second = median(each.bulk.records_per_second for each in measured)
    return Figures(
        bulk_ratio_to_echo=median(each.ratio for each in measured),
        bulk_records_per_second=records_per_second,
        echo_calls_per_second=median(each.echo for each in measured),
        bulk_ratio_to_echo_one_by_one=records_per_second * echo_latency,
        latency_ms_median=latency * 1e3,
        latency_ms_p99=percentile(alone.record, 99) * 1e3,
        echo_latency_ms_median=echo_latency * 1e3,
        latency_ratio_to_echo=latency / echo_latency,
        issuer_cpu_us_per_record=median(each.bulk.issuer_cpu_us for each in measured),
        receiver_cpu_us_per_record=median(each.bulk.receiver_cpu_us for each in measured),
        rules_us_per_record=rules.check_us(),
        rules_us_by_kind=rules.check_us_by_kind(),
        issuer_idle_memory_mib=memory[0],
        receiver_idle_memory_mib=memory[1],
        issuer_ready_seconds=nodes.issuer.node.seconds_to_ready,
        receiver_ready_seconds=nodes.receiver.node.seconds_to_ready,
        fdatasync_ms_median=median(found.fdatasync_seconds) * 1e3,
        record_bytes=RECORD_BYTES,
        records_a_round=effort.records,
        rounds=effort.rounds,
        ratio_of_each_round=tuple(each.ratio for each in measured),
    )


def _payload() -> bytes:
    return Samples().completed().SerializeToString()


def _fdatasync_seconds(directory: Path) -> list[float]:
    """Measure what a durable write costs here: a memory disk would make durability free."""
    took = []
    with (directory / "written").open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return took
