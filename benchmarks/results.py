"""What the commands that measure the bad days have found, dated: ``results.jsonl`` beside this file, one run a line.

A command prints what it finds; with ``--record`` it keeps that too. The last figures of docs/guarantees.md are those of
the newest runs that stand here (``tests/docs/test_results.py``).
"""

from __future__ import annotations

import json
import os
import subprocess
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).with_name("results.jsonl")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """One run: what was called, when, of which commit, on how many processors, beside what load; what it printed."""

    command: str
    date: str
    commit: str
    processors: int
    load_before: float
    load_after: float
    lines: list[str]


def all_results() -> list[Result]:
    """Read them, the oldest first."""
    return [Result(**json.loads(line)) for line in RESULTS.read_text("utf-8").splitlines()]


def add_record_option(parser: ArgumentParser) -> None:
    """Add ``--record``."""
    parser.add_argument("--record", action="store_true", help=f"keep what is found, in {RESULTS.name}")


@contextmanager
def telling(command: str, *, record: bool) -> Iterator[Say]:
    """Print the date and the machine's load, give what prints a line, and keep all lines if that is wanted.

    A run that misses a mark (``SystemExit`` with what it missed) is kept too; one that fails otherwise is not.
    """
    began = datetime.now(UTC)
    load = os.getloadavg()[0]
    lines: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    print(f"{began:%Y-%m-%d}, {os.cpu_count()} processors, load {load:.1f}", flush=True)
    try:
        yield say
    except SystemExit as missed:
        lines.append(str(missed.code))
        raise
    finally:
        if record and lines:
            _keep(Result(command, f"{began:%Y-%m-%d}", _commit(), os.cpu_count() or 0, load, os.getloadavg()[0], lines))


def _keep(result: Result) -> None:
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=RESULTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()
