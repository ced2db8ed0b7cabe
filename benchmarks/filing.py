"""What views cost a whole node: ``python -m benchmarks.filing [--records 10000] [--rounds 5]``.

Two pairs of nodes stand side by side, one of which files nothing in its view index. They carry the same bulk in turn,
and the ratio of the two rates is taken in each round, so that the machine's moods fall out. Everything else that a
bulk costs is in both: checks, signatures, the link, the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import journey
from benchmarks.pair import Pair, pair
from benchmarks.sample import Samples

UNFILED: Final = (sys.executable, "-m", "benchmarks.unfiled")
WARM_UP: Final = 2000


def measure(directory: Path, records: int, rounds: int) -> dict[str, float]:
    """Run both pairs in turn; the order changes with each round, since the second one finds a warmer machine."""
    ratios: list[float] = []
    cpu: list[tuple[journey.Bulk, journey.Bulk]] = []
    with pair(directory / "filed") as filed, pair(directory / "unfiled", UNFILED) as unfiled:
        samples = {id(each): Samples() for each in (filed, unfiled)}

        def bulk(nodes: Pair, count: int) -> journey.Bulk:
            return journey.bulk(nodes, samples[id(nodes)], count)

        for nodes in (filed, unfiled):
            nodes.wait_open()
            bulk(nodes, WARM_UP)
        for number in range(rounds):
            if number % 2:
                without, with_views = bulk(unfiled, records), bulk(filed, records)
            else:
                with_views, without = bulk(filed, records), bulk(unfiled, records)
            ratios.append(with_views.records_per_second / without.records_per_second)
            cpu.append((with_views, without))
            print(f"round {number + 1}: {with_views.records_per_second:,.0f} records/s, {ratios[-1]:.3f} of without")
    return {
        "bulk_rate_with_to_without": round(median(ratios), 3),
        "issuer_cpu_with_to_without": round(median(a.issuer_cpu_us / b.issuer_cpu_us for a, b in cpu), 3),
        "issuer_cpu_us_of_views": round(median(a.issuer_cpu_us - b.issuer_cpu_us for a, b in cpu), 1),
        "receiver_cpu_us_of_views": round(median(a.receiver_cpu_us - b.receiver_cpu_us for a, b in cpu), 1),
    }


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
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
