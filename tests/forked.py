"""Nodes that are forked from a process which has read all the code already, so that starting one costs tenths of a second.

The process that forks them runs no thread and has never touched gRPC; what is killed is the whole node, as ever. For
tests of what nodes do; those of how they start do it as people do (``nodes.NodeProcess``).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gateway.cli.serving import Ready, run_node, write_log
from tests import nodes

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "tests.processes.test_kills"])


class ForkedNode:
    """A node on one home, which may be killed and started again. Its log adds up in one file."""

    def __init__(self, home: nodes.Home) -> None:
        self.home = home
        self._log = home.path.with_name(f"{home.path.name}.log")
        self.start()

    def start(self) -> None:
        """Start it, the first time or again; does not wait until it serves."""
        self._heard, told = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_serve, args=(self.home.path, self._log, told))
        self._process.start()
        told.close()

    def wait_ready(self) -> dict[str, Any]:
        """Wait until it says that it serves."""
        try:
            ready: dict[str, Any] = self._heard.recv()
        except EOFError:
            self._process.join()
            told = "\n".join(self.log_text().splitlines()[-20:])
            raise AssertionError(f"It ended with {self._process.exitcode} instead of serving:\n{told}") from None
        return ready

    def kill_and_start(self) -> None:
        """Kill -9, and start again at once; does not wait until it serves."""
        self.kill()
        self.start()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._heard.close()

    def terminate(self) -> None:
        """Ask it to stop, as a supervisor does."""
        self._process.terminate()

    def wait(self, seconds: float = nodes.SECONDS) -> int:
        """Give its exit code."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, f"it still runs after {seconds} s"
        return self._process.exitcode

    def stop(self, seconds: float) -> None:
        """Ask it to stop, and kill it when it does not."""
        self.terminate()
        self._process.join(seconds)
        self.kill()

    def freeze(self) -> None:
        """Stop it as a machine that hangs: connections stay, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def log_text(self) -> str:
        """Give what it wrote to standard error, all starts together."""
        return self._log.read_text("utf-8")

    def logged(self) -> list[dict[str, Any]]:
        """Give its log, all starts together."""
        lines = self.log_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def _serve(home: Path, log: Path, told: Connection) -> None:
    """Be a node, as ``gateway serve --log-form json`` is."""
    for name in [each for each in os.environ if each.startswith("GATEWAY_")]:
        del os.environ[name]
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(file, 2)
    write_log(form="json", level="info")

    def ready(which: Ready) -> None:
        told.send(asdict(which))

    run_node(home, ready)


@contextmanager
def forked(*homes: nodes.Home) -> Iterator[list[ForkedNode]]:
    """Run nodes; none outlives the context."""
    running = [ForkedNode(home) for home in homes]
    try:
        for node in running:
            node.wait_ready()
        yield running
    finally:
        for node in running:
            node.stop(15)
