"""Every single-bit change of a bundle as a node makes it: ``python -m benchmarks.every_bit``.

A million changes, each verified as the command ``evidence verify`` does. CI tries all bits of a bundle with a smaller
description of records, of a batch, of a checkpoint and of a receipt (``tests``, ``-k every_bit``).
"""

from __future__ import annotations

import argparse
import time

from benchmarks.results import Say, add_record_option, telling
from gateway.evidence.bundle import build
from tests.unit.evidence.conftest import World
from tests.unit.evidence.test_every_bit import taken


def main() -> None:
    """Try all, and print one line; fails when one was believed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.every_bit", description=(__doc__ or "").split("\n")[0])
    add_record_option(parser)
    with telling("python -m benchmarks.every_bit", record=parser.parse_args().record) as say:
        _try_all(say)


def _try_all(say: Say) -> None:
    world = World()
    bundle = build(world.parts())
    began = time.monotonic()
    found = taken(bundle, world.digests)
    if found:
        raise SystemExit(f"{len(found)} changes were taken, the first at bit {found[0]}")
    took = time.monotonic() - began
    say(f"{len(bundle) * 8:,} single-bit changes of a bundle, 0 taken, in {took:.0f} s")


if __name__ == "__main__":
    main()
