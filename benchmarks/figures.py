"""What one run found, as JSON and as a table. Every name of a figure has its unit, or it is a ratio or a count."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from os import cpu_count
from pathlib import Path
from typing import Any, TypeVar

from rich.table import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. The issuer is the node to which records are submitted, the receiver its partner."""

    bulk_ratio_to_echo: float
    bulk_records_per_second: float
    echo_calls_per_second: float
    bulk_ratio_to_echo_one_by_one: float
    latency_ms_median: float
    latency_ms_p99: float
    echo_latency_ms_median: float
    latency_ratio_to_echo: float
    issuer_cpu_us_per_record: float
    receiver_cpu_us_per_record: float
    rules_us_per_record: float
    rules_us_by_kind: dict[str, float]
    issuer_idle_memory_mib: float
    receiver_idle_memory_mib: float
    issuer_ready_seconds: float
    receiver_ready_seconds: float
    fdatasync_ms_median: float
    record_bytes: int
    records_a_round: int
    rounds: int
    ratio_of_each_round: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the figures, rounded to what they are worth, and the machine that they are of."""
        return {**{name: _rounded(value) for name, value in asdict(self).items()}, "machine": machine()}

    def table(self) -> Table:
        """Show the figures beside what is to be reached."""
        table = Table(
            "what", "figure", "mark", title=f"{self.records_a_round:,} records of {self.record_bytes:,} bytes"
        )
        table.columns[1].justify = "right"
        for row in self._rows():
            table.add_row(*row)
        return table

    def _rows(self) -> Iterable[tuple[str, ...]]:
        rates = f"{self.bulk_records_per_second:,.0f} records/s"
        yield "bulk, from national submit to durable receipt", rates
        yield "unary gRPC echo over mutual TLS, 64 under way", f"{self.echo_calls_per_second:,.0f} calls/s"
        yield "bulk to echo", f"[bold]{self.bulk_ratio_to_echo:.1f} times", "3 times"
        alone = f"{self.latency_ms_median:.1f} ms, p99 {self.latency_ms_p99:.1f} ms"
        one_by_one = f"{self.bulk_ratio_to_echo_one_by_one:.1f} times"
        yield "bulk to echo, when each call waits for the one before", one_by_one
        yield "one record alone, from submit to the partner's Watch", alone
        yield "one echo alone", f"{self.echo_latency_ms_median:.2f} ms"
        yield "record alone to echo alone", f"{self.latency_ratio_to_echo:.1f} times"
        yield "CPU of the issuer", f"{self.issuer_cpu_us_per_record:.0f} µs a record"
        yield "CPU of the receiver", f"{self.receiver_cpu_us_per_record:.0f} µs a record"
        yield "rules, of which each side pays them once", f"{self.rules_us_per_record:.1f} µs a record", "25 µs"
        kind, most = max(self.rules_us_by_kind.items(), key=lambda each: each[1])
        yield f"rules, the dearest of {len(self.rules_us_by_kind)} kinds: {kind}", f"{most:.1f} µs a record", "25 µs"
        memory = f"{self.issuer_idle_memory_mib:.0f} and {self.receiver_idle_memory_mib:.0f} MiB"
        yield "idle memory, both nodes", memory, "100 MiB"
        ready = f"{self.issuer_ready_seconds:.2f} and {self.receiver_ready_seconds:.2f} s"
        yield "serve is ready after, both nodes", ready, "1.5 s"
        yield "4 KiB written through to this disk", f"{self.fdatasync_ms_median:.2f} ms"


def quarters(seen: Sequence[T]) -> list[Sequence[T]]:
    """Cut what was seen one after the other into four; of fewer than four, all four times."""
    cuts = [number * len(seen) // 4 for number in range(5)]
    return [seen[begin:end] or seen for begin, end in pairwise(cuts)]


def machine() -> dict[str, Any]:
    """Say what it was measured on."""
    return {
        "cpu": _cpu_model(),
        "cpus": cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def percentile(values: Sequence[float], per_cent: int) -> float:
    """Give the value that so many per cent do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * per_cent // 100)]


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _rounded(value: Any) -> Any:  # noqa: ANN401  any figure
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, tuple) else value
