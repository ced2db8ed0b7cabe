"""Three administrations on this machine: their homes, trust and processes, made on the spot."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.cli.addresses import free_addresses
from gateway.cli.demo.expectation import DIRECTORY
from gateway.cli.demo.processes import GATEWAY, NodeProcess, run, start_node, wait_until_ready

ADMINISTRATIONS: Final = ("CN", "NL", "US")
NAMES: Final = {"CN": "China", "NL": "Netherlands", "US": "United States"}
AGREEMENTS: Final = (("CN", "NL", "cn-nl.toml"), ("CN", "US", "cn-us.toml"))
SERVE: Final = (*GATEWAY, "serve")


@dataclass(slots=True)
class World:
    """Where everything is. ``digests`` are those of the descriptors, what people would compare by telephone."""

    directory: Path
    digests: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, NodeProcess] = field(default_factory=dict)

    @property
    def homes(self) -> dict[str, Path]:
        """The nodes' home directories."""
        return {name: self.directory / name.lower() for name in ADMINISTRATIONS}

    def found(self) -> None:
        """Make homes, keys and certificates, exchange descriptors, sign agreements: by the commands for it."""
        addresses = iter(free_addresses(3 * len(ADMINISTRATIONS)))
        arguments = [
            ["init", str(self.homes[name]), "--environment", "demo", "--name", f"Customs of {NAMES[name]} (demo)"]
            + [word for port in ("--peer", "--national", "--operations") for word in (port, next(addresses))]
            for name in ADMINISTRATIONS
        ]
        with ThreadPoolExecutor() as pool:
            made = list(pool.map(lambda words: run([*words, "--json"]).json, arguments))
        self.digests = {each["administration"]: each["digest"] for each in made}
        for one, other, file in AGREEMENTS:
            run(["introduce", str(self.homes[one]), str(self.homes[other]), "--agreement", str(DIRECTORY / file)])

    def serve(self, programs: Mapping[str, Sequence[str]]) -> None:
        """Start the nodes, each in a process of its own, and wait until all serve.

        ``programs`` replaces the program of some.
        """
        began = time.monotonic()
        started = {name: start_node(name, self.homes[name], programs.get(name, SERVE)) for name in ADMINISTRATIONS}
        try:
            for name, process in started.items():
                self.nodes[name] = wait_until_ready(name, self.homes[name], process, began)
        except BaseException:
            for name in started.keys() - self.nodes.keys():
                started[name].kill()
            raise

    def stop(self) -> dict[str, int]:
        """Stop all nodes; gives their exit codes."""
        for node in self.nodes.values():
            node.ask_to_stop()
        codes = {name: node.wait_stopped() for name, node in self.nodes.items()}
        self.nodes.clear()
        return codes
