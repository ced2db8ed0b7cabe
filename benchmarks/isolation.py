"""What bad partners cost the others: ``python -m benchmarks.isolation [--seconds 3] [--slices 3]``.

NL, a node as its users start it, exchanges records with CN, an honest node, at a steady rate in both directions; each
is timed from when it was due until the other side's national system sees it, and until NL has answered
(``benchmarks.open_loop``). XA is a nuisance, a different one in each phase (``benchmarks.nuisances``).

A phase is cut into slices of a few seconds: quiet, nuisance, quiet, and so on to a last quiet one. Between any two,
what the slice before has left is waited for. So each slice with the nuisance stands between two without it, of the
same minute, on the same store. A slice in which the load itself could not be sent on time is taken again. The phase
``busy-at-home`` is the control: XA uses a processor and sends nothing.

The mark: CN's p99 stays within three times what it is without the nuisance. A phase counts only where the honest stream
was far below what the pair can carry, which is measured first, and where nothing piled up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import nuisances
from benchmarks.figures import machine, percentile
from benchmarks.neighbours import NAMES, Street, street
from benchmarks.open_loop import Stream, both_ways, most_a_second
from benchmarks.processes import seconds_waited, use_of
from benchmarks.results import Say, add_record_option, telling

MARK: Final = 3.0
LATE_AT_MOST: Final = 5.0
"""Milliseconds, p99. Where the load itself was later, something else had the processors: the slice is taken again."""
TAKEN_AT_MOST: Final = 4
SETTLE_SECONDS: Final = 1.0
"""A nuisance is at work for so long before it is measured what it costs."""
LABELS: Final = ("to CN", "from CN", "answer")


@dataclass(slots=True)
class Slice:
    """What was seen in a few seconds, or in several slices together.

    ``cpu`` is NL's share of one processor, ``pressure`` the part of the time in which anybody on this machine waited
    for one. It was taken ``again`` so many times.
    """

    out: Stream = field(default_factory=Stream)
    back: Stream = field(default_factory=Stream)
    cpu: list[float] = field(default_factory=list)
    pressure: list[float] = field(default_factory=list)
    again: int = 0

    def at(self, per_cent: int) -> tuple[float, float, float]:
        """Give in milliseconds: to CN, from CN, and NL's answers to its clients."""
        a, b, c = (1000 * percentile(each, per_cent) for each in (self.out.seen, self.back.seen, self.out.answered))
        return a, b, c

    def add(self, other: Slice) -> None:
        """Take another slice in."""
        self.out.add(other.out)
        self.back.add(other.back)
        self.cpu += other.cpu
        self.pressure += other.pressure
        self.again += other.again

    @property
    def late(self) -> float:
        """By how many milliseconds the load itself was late, p99."""
        return 1000 * percentile(self.out.late + self.back.late, 99)

    @property
    def under_way(self) -> int:
        """How many records were under way at most when the last one of a slice was sent."""
        return max(self.out.under_way, self.back.under_way)


@dataclass(slots=True)
class Phase:
    """One nuisance: its slices, and one more without it."""

    name: str
    quiet: list[Slice] = field(default_factory=list)
    beside: list[Slice] = field(default_factory=list)
    records: int = 0
    reasons: str = ""
    memory: int = 0

    def ratios(self, per_cent: int) -> tuple[float, float, float]:
        """Hold all slices with the nuisance against all without it."""
        a, b, c = (
            x / y for x, y in zip(together(self.beside).at(per_cent), together(self.quiet).at(per_cent), strict=True)
        )
        return a, b, c

    def ratios_by_slice(self) -> list[tuple[float, float, float]]:
        """Hold the p99 of each slice with the nuisance against those of the two beside it."""
        return [over(each, together(self.quiet[number : number + 2]), 99) for number, each in enumerate(self.beside)]


def over(beside: Slice, quiet: Slice, per_cent: int) -> tuple[float, float, float]:
    """Divide what was seen with a nuisance by what was seen without it."""
    a, b, c = (there / here for there, here in zip(beside.at(per_cent), quiet.at(per_cent), strict=True))
    return a, b, c


def together(slices: Sequence[Slice]) -> Slice:
    """Put slices into one."""
    whole = Slice()
    for each in slices:
        whole.add(each)
    return whole


async def take_slice(world: Street, seconds: float, a_second: float) -> Slice:
    """Let NL and CN exchange for a while; again where the load was not sent on time."""
    for again in range(TAKEN_AT_MOST):
        found = await _take(world, seconds, a_second)
        found.again = again
        if found.late <= LATE_AT_MOST:
            break
    return found


async def _take(world: Street, seconds: float, a_second: float) -> Slice:
    before, waited, began = use_of(world.node.pid), seconds_waited(), time.monotonic()
    out, back = await both_ways(world.nl, world.cn, seconds=seconds, a_second=a_second)
    lasted = time.monotonic() - began
    cpu = (use_of(world.node.pid).cpu - before.cpu) / lasted
    return Slice(out, back, [cpu], [(seconds_waited() - waited) / lasted])


async def measure(
    name: str, world: Street, before: Slice | None, *, slices: int, seconds: float, a_second: float
) -> Phase:
    """Take the slices of one phase; the last quiet one of the phase ``before`` is the first of this one."""
    phase = Phase(name)
    phase.quiet.append(before or await take_slice(world, seconds, a_second))
    for _ in range(slices):
        taken = await world.records_of_the_bad()
        await world.trouble(name)
        await asyncio.sleep(SETTLE_SECONDS)
        phase.beside.append(await take_slice(world, seconds, a_second))
        phase.memory = max(phase.memory, use_of(world.node.pid).memory)
        phase.records += await world.records_of_the_bad() - taken
        phase.reasons = await world.reasons() or phase.reasons
        await world.calm()
        phase.quiet.append(await take_slice(world, seconds, a_second))
    return phase


async def run(world: Street, chosen: argparse.Namespace, say: Say) -> tuple[list[Phase], float]:
    """Run all phases, one after the other; gives what the pair can carry too."""
    await world.begin()
    await world.calm()
    most = await most_a_second(world.nl, world.cn, seconds=3.0)
    say(f"NL and CN can exchange {most:.0f} records a second each way, one a call; {chosen.rate:g} are sent.")
    await world.calm()
    found: list[Phase] = []
    for name in chosen.only or list(nuisances.NUISANCES):
        before = found[-1].quiet[-1] if found else None
        phase = await measure(name, world, before, slices=chosen.slices, seconds=chosen.seconds, a_second=chosen.rate)
        for line in rows(phase):
            say(line)
        found.append(phase)
    return found, most


def rows(phase: Phase) -> list[str]:
    """Say what a phase has shown, in two lines."""
    quiet, beside = together(phase.quiet), together(phase.beside)
    each = list(zip(*phase.ratios_by_slice(), strict=True))
    parts = [f"{phase.name:17}"]
    for number, label in enumerate(LABELS):
        of_slices = f"{median(each[number]):.1f}, {min(each[number]):.1f}-{max(each[number]):.1f}"
        before, then = quiet.at(99)[number], beside.at(99)[number]
        parts.append(f"{label} {before:.0f} -> {then:.0f} ms {phase.ratios(99)[number]:.1f} ({of_slices})")
    middle = ", ".join(f"{a:.0f} -> {b:.0f}" for a, b in zip(quiet.at(50), beside.at(50), strict=True))
    more = [
        f"{'':17}p50 {middle} ms",
        f"NL's CPU {median(quiet.cpu):.0%} -> {median(beside.cpu):.0%}",
        f"waits for a processor {median(quiet.pressure):.0%} -> {median(beside.pressure):.0%}",
        f"load late {quiet.late:.0f} -> {beside.late:.0f} ms, again {quiet.again} -> {beside.again}",
        f"under way {quiet.under_way} -> {beside.under_way}",
        f"{phase.memory / 2**20:.0f} MiB",
        f"{phase.records:,} records {phase.reasons}",
    ]
    return ["  ".join(parts), "  ".join(more)]


def as_json(phases: Sequence[Phase], most: float, chosen: argparse.Namespace) -> dict[str, Any]:
    """Give all figures."""
    return {
        "mark": MARK,
        "seconds": chosen.seconds,
        "slices": chosen.slices,
        "bad_partners": chosen.partners,
        "records_a_second_each_way": chosen.rate,
        "most_a_second_each_way": most,
        "machine": machine(),
        "phases": {each.name: _figures(each) for each in phases},
    }


def _figures(phase: Phase) -> dict[str, Any]:
    quiet, beside = together(phase.quiet), together(phase.beside)
    return {
        "records_of_bad_partners": phase.records,
        "memory_bytes": phase.memory,
        "cpu": [quiet.cpu, beside.cpu],
        "pressure": [quiet.pressure, beside.pressure],
        "under_way": [quiet.under_way, beside.under_way],
        "load_late_ms": [quiet.late, beside.late],
        "slices_taken_again": [quiet.again, beside.again],
        "p50_ms": {"quiet": quiet.at(50), "beside": beside.at(50)},
        "p99_ms": {"quiet": quiet.at(99), "beside": beside.at(99)},
        "p99_ratio": dict(zip(LABELS, phase.ratios(99), strict=True)),
        "p99_ratio_by_slice": phase.ratios_by_slice(),
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.isolation", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each slice lasts (default: 3)")
    parser.add_argument("--slices", type=int, default=3, help="slices with each nuisance (default: 3)")
    parser.add_argument("--rate", type=float, default=25.0, help="honest records a second, each way (default: 25)")
    parser.add_argument("--partners", type=int, default=1, choices=range(1, len(NAMES) + 1), help="how many bad ones")
    parser.add_argument("--batch-records", type=int, default=100, help="what NL takes at most (default: 100)")
    parser.add_argument("--only", action="append", choices=sorted(nuisances.NUISANCES), help="this nuisance alone")
    parser.add_argument("--json", type=Path, help="write the figures here")
    add_record_option(parser)
    return parser.parse_args()


def main() -> None:
    """Parse arguments, measure, and keep what was found if that is wanted."""
    chosen = arguments()
    words = [f"--only {each}" for each in chosen.only or ()]
    with telling(" ".join(["python -m benchmarks.isolation", *words]), record=chosen.record) as say:
        judge(chosen, say)


def judge(chosen: argparse.Namespace, say: Say) -> None:
    """Measure, and say what is beyond the mark; the command fails when something is."""
    with (
        tempfile.TemporaryDirectory(prefix="isolation-") as place,
        street(Path(place), bad=chosen.partners, batch_records=chosen.batch_records) as world,
    ):
        phases, most = asyncio.run(run(world, chosen, say))
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(phases, most, chosen), indent=2), "utf-8")
    worst = max(phases, key=lambda each: max(each.ratios(99)))
    beyond = [each.name for each in phases if max(each.ratios(99)) > MARK]
    say(f"p99 beside {worst.name}, the worst, is {max(worst.ratios(99)):.1f} times that without it (mark {MARK:g})")
    if beyond:
        raise SystemExit(f"Beyond the mark: {', '.join(beyond)}")


if __name__ == "__main__":
    main()
