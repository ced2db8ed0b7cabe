"""Simulated worlds: whatever breaks in them, every promise is kept (docs/decisions/0018-a-simulated-world.md)."""

from __future__ import annotations

import pytest

from tests.simulation.world import run

A_FEW = 10


def live(first: int) -> None:
    for seed in range(first, first + A_FEW):
        outcome = run(seed)
        if outcome.violation:
            history = "\n".join(outcome.history.lines[-60:])
            pytest.fail(
                f"Seed {seed}: {outcome.violation}\nThe whole of it: ./run test tests/simulation --seed {seed}\n{history}"
            )


@pytest.mark.parametrize("first", range(0, 40, A_FEW))
def test_every_promise_is_kept(first: int) -> None:
    live(first)


@pytest.mark.long  # ./run test --seeds 100000 --from 1000 goes on where it ends
@pytest.mark.parametrize("first", range(40, 1000, A_FEW))
def test_every_promise_is_kept_in_many_worlds(first: int) -> None:
    live(first)
