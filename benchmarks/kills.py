"""kill -9 of both sides under load, again and again; in the end everything acknowledged is there, once and in order.

    python -m benchmarks.kills --cycles 500

Two whole nodes exchange records in both directions while one of them, chosen at random, is killed at a random moment
and started again. It fails on the first record that is lost, doubled or out of its place; nothing is measured but how
long a killed node took until it served again.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.results import add_record_option, telling
from tests.forked import forked
from tests.processes.test_kills import run_with_kills


def main() -> None:
    """Run so many cycles, and print one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cycles", type=int, default=500, help="how often a node is killed (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="which moments and victims (default: 1)")
    add_record_option(parser)
    chosen = parser.parse_args()
    with (
        telling(f"python -m benchmarks.kills --cycles {chosen.cycles}", record=chosen.record) as say,
        tempfile.TemporaryDirectory(prefix="kills-") as place,
    ):
        began = time.monotonic()
        told = asyncio.run(run_with_kills(Path(place), cycles=chosen.cycles, seed=chosen.seed, run=forked))
        took = time.monotonic() - began
        say(
            f"{chosen.cycles} kills in {took:.0f} s, {told.acknowledged:,} records acknowledged, 0 lost, 0 doubled;"
            f" serving again after {told.median_restart:.1f} s (median), {told.longest_restart:.1f} s at most"
        )


if __name__ == "__main__":
    main()
