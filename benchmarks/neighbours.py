"""NL between an honest partner and bad ones: all of them founded on the spot, NL and CN as their users start them."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from benchmarks import nuisances
from benchmarks.open_loop import samples
from benchmarks.processes import use_of
from gateway.cli.agreement_files import sign
from gateway.trust.agreements import parse_agreement
from gateway.trust.documents import read_document
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes

NAMES: Final = ("XA", "XB", "XC", "XD")
WAITING: Final = 3_000
"""Records that NL has for each of them when all begins: something to be slow about."""
_LOOK_SECONDS: Final = 0.3
_LAST_LINES: Final = 20
_CALM_CPU: Final = 0.1
_CALM_BYTES: Final = 1024 * 1024
_SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One bad partner, in a process of its own, and who tells it what to be."""

    name: str
    process: SpawnProcess
    orders: Connection

    def let_it_be(self, nuisance: str) -> None:
        """Have it be this nuisance, or none; returns when it has begun."""
        self.orders.send(nuisance)
        self.orders.recv()


@dataclass(frozen=True, slots=True)
class Street:
    """NL and CN, their processes, and the bad ones."""

    nl: nodes.Home
    cn: nodes.Home
    node: nodes.NodeProcess
    beside: nodes.NodeProcess
    bad: Sequence[Neighbour]

    async def begin(self) -> None:
        """Wait until NL and CN are linked, and have NL owe the bad ones something."""
        await nodes.link_until(self.nl, "CN", lambda link: link.state == operations.LINK_STATE_OPEN)
        for each in self.bad:
            waiting = samples("NL", WAITING, agreement_id(each.name))
            for first in range(0, WAITING, 500):
                await nodes.submit(self.nl, waiting[first : first + 500])

    async def trouble(self, nuisance: str) -> None:
        """Have every bad one be this nuisance."""
        for each in self.bad:
            await asyncio.to_thread(each.let_it_be, nuisance)

    async def records_of_the_bad(self) -> int:
        """Count what NL has taken from them so far."""
        return sum([(await nodes.link_of(self.nl, each.name)).held.size for each in self.bad])

    async def reasons(self) -> str:
        """Say why their last sessions ended."""
        found = [(await nodes.link_of(self.nl, each.name)).last_reason for each in self.bad]
        return " ".join(sorted({each for each in found if each}))

    async def calm(self) -> None:
        """Have them be quiet, forgive what they did, and wait until nothing of it is left to be done.

        That is: no session of theirs, no record under way to CN, and a node that neither computes nor writes.
        """
        await self.trouble("")
        async with nodes.links_of(self.nl) as links:
            for each in self.bad:
                request = operations.ResumeLinkRequest(partner=each.name, reason="the next slice")
                await links.ResumeLink(request, timeout=nodes.SECONDS, wait_for_ready=True)
        for each in self.bad:
            await nodes.link_until(self.nl, each.name, lambda link: link.state == operations.LINK_STATE_CLOSED)
        await nodes.link_until(self.nl, "CN", nodes.is_settled)
        before, use = None, use_of(self.node.pid)
        while (
            before is None
            or use.cpu - before.cpu > _CALM_CPU * _LOOK_SECONDS
            or (use.written - before.written > _CALM_BYTES)
        ):
            await asyncio.sleep(_LOOK_SECONDS)
            before, use = use, use_of(self.node.pid)


def agreement_id(partner: str) -> str:
    """Name the agreement between NL and this partner."""
    return f"{partner.lower()}-nl-security"


@contextmanager
def street(place: Path, *, bad: int, batch_records: int) -> Iterator[Street]:
    """Found all, and run NL and CN beside so many bad ones; NL takes batches of so many records."""
    nl, cn = nodes.make_home(place, "NL"), nodes.make_home(place, "CN")
    nodes.introduce(cn, nl)
    nodes.set_settings(nl, f"[links]\nbatch_records = {batch_records}")
    neighbours = [_neighbour(place, nl, name) for name in NAMES[:bad]]
    try:
        with nodes.serving(nl, cn) as (node, beside):
            try:
                yield Street(nl, cn, node, beside, neighbours)
            except Exception as error:
                for each in (node, beside):
                    error.add_note(_state_of(each))
                raise
    finally:
        for each in neighbours:
            each.process.kill()


def _state_of(node: nodes.NodeProcess) -> str:
    """Say how a node is, and what it said last: a call that failed may be its fault."""
    state = "still runs" if node.running else f"ended by itself with {node.wait()}"
    said = "\n".join(node.log_text().splitlines()[-_LAST_LINES:])
    return f"{node.home.administration} {state}; the end of its log:\n{said}"


def _neighbour(place: Path, nl: nodes.Home, name: str) -> Neighbour:
    own = nodes.make_home(place, name, endpoints=["127.0.0.1:9"])
    shipped = nodes.AGREEMENT.read_text("utf-8")
    text = shipped.replace('"CN"', f'"{name}"').replace("cn-nl-security", agreement_id(name)).encode()
    nodes.introduce(own, nl, agreement=text)
    agreement = parse_agreement(read_document(sign(own.path, sign(nl.path, text))).text)
    orders, heard = _SPAWN.Pipe()
    process = _SPAWN.Process(target=nuisances.run, args=(own, nl, agreement, heard), daemon=True)
    process.start()
    return Neighbour(name, process, orders)
