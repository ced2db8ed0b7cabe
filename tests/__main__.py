"""``./run test``: the quick tests; ``--long`` the long ones instead, ``--all`` both. The rest goes to pytest.

::

    ./run test                          a few minutes
    ./run test --all                    everything, as CI does
    ./run test tests/unit -k note       some
    ./run test --pdb -x tests/unit      any option of pytest; -n N sets the number of processes
    ./run test --seeds 100000           so many seeds of the simulated world; --from N: beginning with that one
    ./run test --seed 12345             one of them, with its history

Tests run in two processes, each of which takes whole files (``tests/conftest.py``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 2


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(f"{__doc__}\n")
        return 0
    os.chdir(ROOT)
    if any(each.partition("=")[0] in {"--seed", "--seeds"} for each in arguments):
        from tests.simulation import campaign  # noqa: PLC0415  the world is not needed for anything else here

        return campaign.main(arguments)
    return int(pytest.main([*choice(arguments), *spread(arguments), *rest(arguments)]))


def choice(arguments: list[str]) -> list[str]:
    """Translate the name of a set into pytest's choice of marks."""
    if "--all" in arguments:
        return []
    return ["-m", "long" if "--long" in arguments else "not long"]


def spread(arguments: list[str]) -> list[str]:
    """Say in how many processes to run, unless the caller has said it or wants to talk to the test."""
    if any(each in {"--pdb", "-s", "--capture=no"} or each.startswith(("-n", "--numprocesses")) for each in arguments):
        return []
    return ["-n", str(PROCESSES), "--dist", "loadscope", "--no-loadscope-reorder"]


def rest(arguments: list[str]) -> list[str]:
    return [each for each in arguments if each not in {"--all", "--long"}]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
