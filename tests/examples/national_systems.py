"""National systems as the examples have them: copied to a place of their own, set up as docs/clients.md says, and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT
from tests.nodes import SECONDS, Home

EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Language:
    """How programs of one language are set up and called."""

    name: str
    interpreter: str
    file_of: Callable[[str], str]


PYTHON = Language("python", sys.executable, "{}.py".format)
JAVASCRIPT = Language("javascript", "node", lambda program: f"{program.replace('_', '-')}.js")


class System:
    """The system of one administration in one language."""

    def __init__(self, place: Path, language: Language, home: Home) -> None:
        self.folder = place / "examples" / language.name
        self._language = language
        self._environment = {
            **os.environ,
            "NATIONAL_DOOR": home.national.replace("127.0.0.1", "localhost"),
            "NATIONAL_CREDENTIALS": str(home.path / "clients" / "local"),
        }

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._language.interpreter, self._language.file_of(program), *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, *arguments: str, typed: str = "", code: int = 0) -> str:
        """Run a program to its end; gives what it prints, and what it says when it was refused."""
        started = self.start(program, *arguments)
        said, complaint = started.communicate(typed, timeout=SECONDS)
        assert started.returncode == code, said + complaint
        return said + complaint


def wait_for(text: str, process: subprocess.Popen[str]) -> None:
    """Read what a program prints until a line has ``text``."""
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"It ended without {text!r}: {process.stderr and process.stderr.read()}")


def copy_examples(place: Path) -> None:
    """Copy what docs/clients.md needs of the tree."""
    leave_out = shutil.ignore_patterns("stubs", "protos", "node_modules", "__pycache__", ".venv")
    shutil.copytree(EXAMPLES, place / "examples", ignore=leave_out)
    (place / "docs").symlink_to(ROOT / "docs")
    door = place / "run"
    door.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -P -m gateway "$@"\n', "utf-8")
    door.chmod(0o755)


def address(place: Path, homes: Sequence[Home]) -> None:
    """Say in the ``.env`` files where the nodes of this test listen."""
    for home in homes:
        door = home.national.replace("127.0.0.1", "localhost")
        line = f"export NATIONAL_DOOR={door} NATIONAL_CREDENTIALS={home.path}/clients/local\n"
        (place / "examples" / f"{home.administration.lower()}.env").write_text(line, "utf-8")


def write(file: Path, message: Mapping[str, Any]) -> str:
    file.write_text(json.dumps(message), "utf-8")
    return str(file)
