"""What views cost a whole node: ``python -m benchmarks.filing [--records 2000] [--rounds 15]``.

Two pairs of nodes stand side by side, one of which files nothing in its view index. They carry the same bulks in turn,
with, without, without, with; the ratio of the two rates is taken in each such round, so that the machine's moods fall
out, and the middle one of all rounds counts, with the quartiles beside it. The nodes' own CPU is in the same ratio, and
moves less with what else the machine does. Everything else that a bulk costs is in both: checks, signatures, the link,
the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Final

from benchmarks import journey
from benchmarks.pair import Pair, pair
from benchmarks.sample import Samples

UNFILED: Final = (sys.executable, "-m", "benchmarks.unfiled")
WARM_UP: Final = 2000


def measure(directory: Path, records: int, rounds: int) -> dict[str, float]:
    """Run both pairs in turn."""
    ratios: list[float] = []
    with_views: list[journey.Bulk] = []
    without: list[journey.Bulk] = []
    with pair(directory / "filed") as filed, pair(directory / "unfiled", UNFILED) as unfiled:
        samples = {id(each): Samples() for each in (filed, unfiled)}

        def bulk(nodes: Pair, count: int) -> journey.Bulk:
            return journey.bulk(nodes, samples[id(nodes)], count)

        for nodes in (filed, unfiled):
            nodes.wait_open()
            bulk(nodes, WARM_UP)
        for number in range(rounds):
            ran = [(nodes, bulk(nodes, records)) for nodes in (filed, unfiled, unfiled, filed)]
            one, other = ([done for nodes, done in ran if nodes is which] for which in (filed, unfiled))
            with_views += one
            without += other
            ratios.append(_seconds(other) / _seconds(one))
            print(f"round {number + 1}: {2 / _seconds(one):,.0f} records/s, {ratios[-1]:.3f} of without")
    lower, _, upper = quantiles(ratios, n=4)
    issuer, issuer_without = _cpu(with_views), _cpu(without)
    receiver, receiver_without = _cpu(with_views, receiver=True), _cpu(without, receiver=True)
    return {
        "bulk_rate_with_to_without": round(median(ratios), 3),
        "lower_quartile": round(lower, 3),
        "upper_quartile": round(upper, 3),
        "cpu_without_to_with": round((issuer_without + receiver_without) / (issuer + receiver), 3),
        "issuer_cpu_without_to_with": round(issuer_without / issuer, 3),
        "issuer_cpu_us_of_views": round(issuer - issuer_without, 1),
        "receiver_cpu_us_of_views": round(receiver - receiver_without, 1),
    }


def _seconds(bulks: Sequence[journey.Bulk]) -> float:
    """Give the seconds that one record of each took, together."""
    return sum(1 / each.records_per_second for each in bulks)


def _cpu(bulks: Sequence[journey.Bulk], *, receiver: bool = False) -> float:
    return mean(each.receiver_cpu_us if receiver else each.issuer_cpu_us for each in bulks)


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        figures = measure(Path(directory), arguments.records, arguments.rounds)
    for name, value in figures.items():
        print(f"{name:40} {value:>10}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
