"""Two whole nodes as processes of their own, NL and CN, made by the commands that a user has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from gateway.cli.addresses import free_addresses
from gateway.cli.client import CALL_SECONDS, national, operations
from gateway.cli.demo.processes import GATEWAY, NodeProcess, run, start_node, wait_until_ready
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as pb
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub

AGREEMENT: Final = Path(__file__).parents[1] / "docs" / "examples" / "agreement-cn-nl.toml"
"""It releases the outcomes that NL states to CN whole."""

SETTLE_SECONDS: Final = 120.0
READY_SECONDS: Final = 120.0
"""A machine that does much else; how long it took is measured, not demanded."""
_LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Side:
    """One node, and the calls that its own administration makes to it."""

    node: NodeProcess
    records: RecordsServiceStub
    links: LinksServiceStub

    def look(self) -> pb.GetNodeResponse:
        """Ask the node how it is."""
        return self.links.GetNode(pb.GetNodeRequest(), timeout=CALL_SECONDS)

    def link(self) -> pb.Link:
        """Ask for the one link."""
        return next(iter(self.links.ListLinks(pb.ListLinksRequest(), timeout=CALL_SECONDS).links), pb.Link())


@dataclass(frozen=True, slots=True)
class Pair:
    """The issuer, NL, and the receiver, CN."""

    issuer: Side
    receiver: Side

    def wait_open(self) -> None:
        """Wait until the link is open on both sides."""
        for side in (self.issuer, self.receiver):
            _wait(partial(_is_open, side), "the link does not open")

    def wait_receipted(self, size: int) -> None:
        """Wait until the issuer holds the receipts for ``size`` records."""
        _wait(lambda: self.issuer.link().issued.receipted >= size, "receipts do not come")


@contextmanager
def pair(directory: Path, program: Sequence[str] = GATEWAY) -> Iterator[Pair]:
    """Make and run both nodes; they are stopped when the context ends, however it ends.

    ``program`` is run as ``serve`` of the gateway; another one measures a node that lacks something.
    """
    homes = introduced(directory)
    with ExitStack() as stack:
        yield Pair(*(stack.enter_context(running(name, home, program)) for name, home in homes.items()))


def introduced(directory: Path) -> dict[str, Path]:
    """Make the homes of NL and CN, partners under the shipped agreement."""
    homes = {name: directory / name.lower() for name in ("NL", "CN")}
    addresses = iter(free_addresses(3 * len(homes)))
    for home in homes.values():
        doors = [word for door in ("--peer", "--national", "--operations") for word in (door, next(addresses))]
        run(["init", str(home), *doors])
    run(["introduce", *map(str, homes.values()), "--agreement", str(AGREEMENT)])
    return homes


@contextmanager
def running(administration: str, home: Path, program: Sequence[str] = GATEWAY) -> Iterator[Side]:
    """Run one node; it is stopped when the context ends."""
    with ExitStack() as stack:
        process = start_node(administration, home, [*program, "serve"])
        stack.callback(process.kill)
        node = wait_until_ready(administration, home, process, time.monotonic(), patience=READY_SECONDS)
        stack.callback(node.wait_stopped)
        stack.callback(node.ask_to_stop)
        records = stack.enter_context(national(home))
        links, _ = stack.enter_context(operations(home))
        yield Side(node, records, links)


def _is_open(side: Side) -> bool:
    return side.link().state == pb.LINK_STATE_OPEN


def _wait(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {SETTLE_SECONDS:.0f} s")
        time.sleep(_LOOK_SECONDS)
