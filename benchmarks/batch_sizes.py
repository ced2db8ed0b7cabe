"""What the size of a batch costs the bulk: ``python -m benchmarks.batch_sizes [--sizes 500,250,100] [--rounds 6]``.

One pair of nodes for each size stands beside the others; their receivers announce how many records they take in one
batch. All carry the same bulks in turn, there and back again, so that the machine's moods fall out: each round gives
the rate of every size as a part of the first one's, and the middle one of all rounds counts, with the quartiles beside
it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Final

from benchmarks import journey
from benchmarks.pair import Pair, introduced, running
from benchmarks.sample import Samples

WARM_UP: Final = 2_000
BATCH_BYTES: Final = 900 * 1024
"""So that the number of records alone makes the difference."""


def measure(directory: Path, sizes: Sequence[int], records: int, rounds: int) -> dict[int, dict[str, float]]:
    """Run all pairs in turn."""
    ratios: dict[int, list[float]] = defaultdict(list)
    bulks: dict[int, list[journey.Bulk]] = defaultdict(list)
    with ExitStack() as stack:
        pairs = {size: stack.enter_context(_taking(directory / str(size), size)) for size in sizes}
        samples = {size: Samples() for size in sizes}
        for size, pair in pairs.items():
            pair.wait_open()
            journey.bulk(pair, samples[size], WARM_UP)
        for number in range(rounds):
            seconds: dict[int, float] = defaultdict(float)
            for size in (*sizes, *reversed(sizes)):
                ran = journey.bulk(pairs[size], samples[size], records)
                seconds[size] += 1 / ran.records_per_second
                bulks[size].append(ran)
            for size in sizes:
                ratios[size].append(seconds[sizes[0]] / seconds[size])
            told = ", ".join(f"{size}: {2 / seconds[size]:,.0f}/s {ratios[size][-1]:.3f}" for size in sizes)
            print(f"round {number + 1}: {told}")
    return {size: _figures(ratios[size], bulks[size]) for size in sizes}


@contextmanager
def _taking(directory: Path, records: int) -> Iterator[Pair]:
    """Run a pair whose receiver takes so many records in a batch."""
    homes = introduced(directory)
    with (homes["CN"] / "gateway.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[links]\nbatch_records = {records}\nbatch_bytes = {BATCH_BYTES}\n")
    with running("NL", homes["NL"]) as issuer, running("CN", homes["CN"]) as receiver:
        yield Pair(issuer, receiver)


def _figures(ratios: Sequence[float], bulks: Sequence[journey.Bulk]) -> dict[str, float]:
    lower, _, upper = quantiles(ratios, n=4)
    return {
        "rate_to_first": round(median(ratios), 3),
        "lower_quartile": round(lower, 3),
        "upper_quartile": round(upper, 3),
        "records_a_second": round(median(each.records_per_second for each in bulks)),
        "issuer_cpu_us": round(mean(each.issuer_cpu_us for each in bulks), 1),
        "receiver_cpu_us": round(mean(each.receiver_cpu_us for each in bulks), 1),
    }


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="500,250,100", help="records in a batch; the first is the yardstick")
    parser.add_argument("--records", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    sizes = [int(each) for each in arguments.sizes.split(",")]
    with tempfile.TemporaryDirectory() as directory:
        figures = measure(Path(directory), sizes, arguments.records, arguments.rounds)
    for size, found in figures.items():
        print(f"{size:5}", "  ".join(f"{name} {value}" for name, value in found.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
