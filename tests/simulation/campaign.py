"""Many seeds, spread over processes; or one, told as a story: ``./run test --seeds N``, ``./run test --seed N``."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.simulation.world import Outcome, run

CHUNK = 5


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__)
    parser.add_argument("paths", nargs="*", help="tests/simulation, if anything")
    parser.add_argument("--seed", type=int, help="live through this seed and print what happened")
    parser.add_argument("--seeds", type=int, help="live through so many, in as many processes as there are processors")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("-x", action="store_true", dest="stop", help="stop at the first seed that breaks a promise")
    given = parser.parse_args(arguments)
    if given.seed is not None:
        return tell(run(given.seed))
    return go_through(range(given.first, given.first + given.seeds), stop=given.stop)


def tell(outcome: Outcome) -> int:
    """Print a history as it can be read, and its hash."""
    print(*outcome.history.lines, sep="\n")
    print(f"seed {outcome.seed}: {outcome.violation or 'every promise was kept'}")
    print(f"{len(outcome.history)} events, history {outcome.history.digest()}")
    return 1 if outcome.violation else 0


def go_through(seeds: range, *, stop: bool) -> int:
    began = time.monotonic()
    lived = promised = 0
    broken: list[tuple[int, str]] = []
    for some_broken, some_promised, count in chunks(seeds):
        lived, promised, broken = lived + count, promised + some_promised, broken + some_broken
        for seed, violation in some_broken:
            print(f"seed {seed}: {violation.strip().splitlines()[-1]}\n    ./run test tests/simulation --seed {seed}")
        if broken and stop:
            break
    seconds = time.monotonic() - began
    print(
        f"{lived} seeds, {promised} promises, {len(broken)} seeds broke one; {seconds:.0f} s, {lived / seconds:.1f}/s"
    )
    return 1 if broken else 0


def chunks(seeds: range) -> Iterator[tuple[list[tuple[int, str]], int, int]]:
    """Live through seeds, some at a time; gives those that broke a promise, the promises made, and how many seeds."""
    pieces = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=settle) as workers:
        waiting = {workers.submit(live, piece) for piece in pieces}
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for each in waiting:
                each.cancel()


def settle() -> None:
    """Take what is loaded now out of the way of the garbage collector: it looks through a world many times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def live(seeds: range) -> tuple[list[tuple[int, str]], int, int]:
    outcomes = [run(seed) for seed in seeds]
    broken = [(each.seed, each.violation) for each in outcomes if each.violation]
    return broken, sum(each.promised for each in outcomes), len(outcomes)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
