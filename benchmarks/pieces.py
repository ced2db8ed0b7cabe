"""Where the time of a decision goes: ``python -m benchmarks.pieces --directory DIR [--records 1000000]``.

The store that a run fills in the directory stays there, and the next run opens it. Each piece is a function of the
gateway, timed where it is called, in whichever thread: processor time of that thread, less that of the pieces inside
it. What no piece has is the event loop's, the threads' and their waking; on the compiled wheel, whose functions call
each other directly, that is nearly all, and pieces that were not seen are left out.

Machines that are shared change their speed, so figures are medians of the quarter of the rounds that took least.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.filled import Filled, filled
from gateway.cli.serving import SWITCH_SECONDS, collect_rarely
from gateway.recognition import desk, gathering
from gateway.recognition.decider import Decider
from gateway.recognition.gathering import Gatherer
from gateway.stores.sqlite import decision_rows, decisions, facts, group_commit
from gateway.stores.sqlite.group_commit import GroupCommit

ROUNDS: Final = 40
DECISIONS: Final = 100
"""Of one round."""

PIECES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("read the question", desk, "read_question"),
    ("read facts", facts, "read_records"),
    ("deal them out", gathering, "_Shared"),
    ("keep of them what rules look at", Gatherer, "_facts"),
    ("decide", Decider, "decide"),
    ("tell it, enter it, its bytes", desk, "_made"),
    ("rows of decisions", decision_rows, "keep"),
    ("its line of the audit log", decisions, "note_change"),
    ("seal the audit log", group_commit, "seal"),
    ("begin, commit, write through", GroupCommit, "transact"),
)


class Watch:
    """Adds up what each piece took, in every thread."""

    def __init__(self) -> None:
        self.took: dict[str, float] = defaultdict(float)
        self._inside = threading.local()

    def put_on(self, name: str, owner: Any, function: str) -> None:  # noqa: ANN401  a module or a class
        """Have a function timed from now on, wherever it is called."""
        setattr(owner, function, self._timed(name, getattr(owner, function)))

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*values: Any, **named: Any) -> Any:  # noqa: ANN401
            outer, self._inside.took = getattr(self._inside, "took", 0.0), 0.0
            began = time.thread_time()
            try:
                return call(*values, **named)
            finally:
                took = time.thread_time() - began
                self.took[name] += took - self._inside.took
                self._inside.took = outer + took

        return timed


async def _round(store: Filled, watch: Watch, at_once: int) -> dict[str, float]:
    """Decide, and give the microseconds of each piece for a decision."""
    asked = [store.some(at_once) for _ in range(DECISIONS // at_once)]
    watch.took.clear()
    cpu, wall = time.process_time(), time.perf_counter()
    for some in asked:
        await store.desk.decide(some)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found = {name: watch.took[name] for name, _, _ in PIECES}
    found |= {"the rest": cpu - sum(found.values()), "all": cpu, "on the clock": wall}
    return {name: seconds * 1e6 / DECISIONS for name, seconds in found.items()}


async def measure(directory: Path, total: int, others: int, rounds: int) -> dict[int, dict[str, float]]:
    """Decide one by one and by the 50, in turns; gives the median of each piece in the quietest rounds."""
    watch = Watch()
    for piece in PIECES:
        watch.put_on(*piece)
    async with filled(directory, total, others) as store:
        sys.setswitchinterval(SWITCH_SECONDS)
        collect_rarely()  # as a node does when it serves
        found: dict[int, list[dict[str, float]]] = {1: [], 50: []}
        for _ in range(rounds):
            for at_once, times in found.items():
                times.append(await _round(store, watch, at_once))
    return {at_once: _quiet(times) for at_once, times in found.items()}


def _quiet(rounds: list[dict[str, float]]) -> dict[str, float]:
    quietest = sorted(rounds, key=lambda each: each["all"])[: max(1, len(rounds) // 4)]
    return {name: median(each[name] for each in quietest) for name in rounds[0]}


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="where the store is, or is to be made")
    parser.add_argument("--records", type=int, default=1_000_000, help="of a store that is to be made")
    parser.add_argument("--others", type=int, default=0, help="partners besides CN, with agreements")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    measured = measure(arguments.directory, arguments.records, arguments.others, arguments.rounds)
    alone, together = asyncio.run(measured).values()
    print(f"{'µs of processor time for a decision':40} {'alone':>8} {'by 50':>8}")
    for name, took in alone.items():
        if took or together[name]:
            print(f"{name:40} {took:8.1f} {together[name]:8.1f}")


if __name__ == "__main__":
    main()
