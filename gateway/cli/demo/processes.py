"""The programs that the demo starts: nodes that go on, and commands that end."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.errors import ConfigurationInvalid

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
COMMAND_SECONDS: Final = 60.0
GATEWAY: Final = (sys.executable, "-m", "gateway")
_LAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  any JSON
        """What it printed with --json: one object."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class NodeProcess:
    """A node that serves."""

    administration: str
    home: Path
    process: subprocess.Popen[bytes]
    addresses: dict[str, str]
    seconds_to_ready: float

    def ask_to_stop(self) -> None:
        """Let it drain and end."""
        self.process.terminate()

    def wait_stopped(self) -> int:
        """Wait until it has ended; gives its exit code, negative when it had to be killed."""
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def run(arguments: Sequence[str], *, expected: Sequence[int] = (0,), program: Sequence[str] = GATEWAY) -> Answer:
    """Run a command to its end.

    Raises:
        ConfigurationInvalid: it ended otherwise than expected, with what it said.
    """
    done = subprocess.run(  # noqa: S603  our own programs
        [*program, *arguments], capture_output=True, timeout=COMMAND_SECONDS, check=False, env=_environment()
    )
    answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
    if answer.code not in expected:
        raise ConfigurationInvalid(f"'{' '.join(arguments[:2])}' failed: {_last_lines(answer.err)}")
    return answer


def start_node(administration: str, home: Path, program: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a node; its log goes to a file beside its home. A session of its own keeps Ctrl-C for the demo."""
    with _log_of(home).open("wb") as log:
        try:
            return subprocess.Popen(  # noqa: S603
                [*program, "--json", str(home)],
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        except OSError as error:
            raise ConfigurationInvalid(f"The node of {administration} cannot be started: {error}.") from None


def wait_until_ready(
    administration: str,
    home: Path,
    process: subprocess.Popen[bytes],
    started: float,
    *,
    patience: float = READY_SECONDS,
) -> NodeProcess:
    """Wait for the line with which a node says that it serves, ``patience`` seconds from when it was started.

    Raises:
        ConfigurationInvalid: it ended, or did not say so in time; with the end of its log.
    """
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        remaining = started + patience - time.monotonic()
        line = process.stdout.readline() if selector.select(max(0.0, remaining)) else b""
    if not line:
        process.kill()
        said = _last_lines(_log_of(home).read_text("utf-8", errors="replace"))
        raise ConfigurationInvalid(f"The node of {administration} does not start: {said or 'it says nothing'}")
    ready = json.loads(line)
    addresses = {name: ready[name] for name in ("peer", "national", "operations")}
    return NodeProcess(administration, home, process, addresses, time.monotonic() - started)


def _environment() -> dict[str, str]:
    """Leave out what would override the settings of all three nodes at once."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}


def _log_of(home: Path) -> Path:
    return home.with_name(f"{home.name}.log")


def _last_lines(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-_LAST_LINES:])
