"""Planting a bug: a copy of the tree with one small patch, and the part of the suite that must find it there.

A patch begins with its story: what somebody might have written, the promise that it breaks, and who finds it. The
finder is what follows ``./run test``: arguments of pytest, or seeds of the simulated world.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("gateway", "tests", "protos", "certs", "mock_partners", "docs", "pyproject.toml")
TESTS_FAILED = 1
"""pytest's own exit code for it. Any other one, as for a test that cannot even be collected, proves nothing."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class DoesNotApply(Exception):
    """The code has changed where the patch stands: plant the bug anew there, or drop it with the code."""


@dataclass(frozen=True)
class Planted:
    """One bug. ``changes`` are, for each file, pieces of text and what stands there instead."""

    name: str
    story: str
    breaks: str
    found_by: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]


def read(patch: Path) -> Planted:
    """Read a patch file: headers, an empty line, a unified diff."""
    header, _, diff = patch.read_text("utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in header.splitlines())
    changes: list[tuple[str, str, str]] = []
    file, before, after = "", [], []

    def end_hunk() -> None:
        if before or after:
            changes.append((file, "".join(before), "".join(after)))
            before.clear()
            after.clear()

    for line in diff.splitlines(keepends=True):
        if line.startswith("--- "):
            end_hunk()
            file = line.split()[1].removeprefix("a/")
        elif _HUNK.match(line):
            end_hunk()
        elif not line.startswith("+++ "):
            mark, text = line[0], line[1:]
            if mark in " -\n":
                before.append(text or "\n")
            if mark in " +\n":
                after.append(text or "\n")
    end_hunk()
    return Planted(patch.stem, said["Story"], said["Breaks"], tuple(said["Found by"].split()), tuple(changes))


def plant(bug: Planted, directory: Path) -> None:
    """Make a copy of the tree that has this bug."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, directory / name)
    for name, before, after in bug.changes:
        file = directory / name
        text = file.read_text("utf-8") if file.is_file() else ""
        if text.count(before) != 1:
            raise DoesNotApply(
                f"tests/planted/{bug.name}.patch does not apply to {name} any more: this stands there "
                f"{text.count(before)} times, once is needed:\n{before}"
            )
        file.write_text(text.replace(before, after), "utf-8")


def find(bug: Planted, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the finder over a tree; each in a process of its own, which imports that tree and no other."""
    if bug.found_by[0].startswith("--seed"):
        command = [sys.executable, "-m", "tests.simulation.campaign", *bug.found_by]
    else:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-m",
            "not long",
            "-p",
            "no:cacheprovider",
            *bug.found_by,
        ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(directory), str(directory / "protos" / "python")])}
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
