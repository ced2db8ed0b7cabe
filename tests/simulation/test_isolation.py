"""A partner that floods does not delay another: with made-up time, so that what is lost of it is seen in every run.

NL has two partners. CN exchanges records with it at a steady rate. US is quiet at first, and then sends as much as NL
takes. CN's slowest records may take three times as long beside that; ``python -m benchmarks.isolation`` measures it.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from random import Random

import pytest

from gateway.exchange.limits import LinkLimits
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.records.v1.record_pb2 import Record
from tests.simulation import cast
from tests.simulation.clients import Client
from tests.simulation.disk import memory_directory
from tests.simulation.history import History
from tests.simulation.network import Network
from tests.simulation.node import Node
from tests.simulation.priced import PricedLoop, prices
from tests.simulation.signatures import judged_once
from tests.simulation.watching import Watcher
from tests.simulation.world import _end, _listening

MARK = 3.0
VICTIM, HONEST, FLOOD = "NL", "CN", "US"
RATE = 12.0
"""Records a second each way: little enough for the slow machine that is made up."""
SECONDS = 4.0
PATIENCE = 60.0
PART = 250
"""Records that the flood's own system submits at once."""
AHEAD = 1000
"""Records that wait there at least."""
A_FLOOD = 1500
"""Records that NL takes of it meanwhile, or it was none."""


class Watch(Watcher):
    """Notes when NL sends each record to CN, and when it gives the receipt for each of CN's."""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.sent: dict[str, float] = {}
        self.flooded = 0
        self._from_honest: list[str] = []

    def __call__(self, sender: str, receiver: str, frame: LinkFrame) -> None:
        super().__call__(sender, receiver, frame)
        now = asyncio.get_running_loop().time()
        if frame.HasField("batch"):
            ids = [Record.FromString(each.record).header.record_id for each in frame.batch.entries if each.record]
            if (sender, receiver) == (VICTIM, HONEST):
                self.sent.update((each, now) for each in ids)
            elif (sender, receiver) == (HONEST, VICTIM):
                self._from_honest += ids
        elif frame.HasField("receipt") and sender == VICTIM:
            if receiver == FLOOD:
                self.flooded = frame.receipt.size
            else:
                for each in self._from_honest[: frame.receipt.size]:
                    self.sent.setdefault(each, now)


@dataclass
class Seen:
    """Seconds until NL has sent each record to CN, until it has given the receipt for each of CN's, and until it has
    answered the system that submits."""

    to: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def slowest(self) -> tuple[float, ...]:
        return tuple(sorted(each)[int(len(each) * 0.99)] for each in (self.to, self.back, self.answered))


class Street:
    """NL, CN and US, linked each with NL alone."""

    def __init__(self, history: History) -> None:
        names = (VICTIM, HONEST, FLOOD)
        self.root = memory_directory()
        self.watch = Watch(history)
        self.network = Network(names, Random(1), self.watch)
        self.network.room = 16
        for way in self.network.ways.values():
            way.delay = 0.001
        pairs = {HONEST: cast.basic(VICTIM, HONEST), FLOOD: cast.basic(VICTIM, FLOOD)}
        self.nodes = {
            name: Node(
                name,
                network=self.network,
                history=history,
                root=self.root,
                chance=Random(number),
                limits=LinkLimits(),
                dials=name != VICTIM,
                treaties=list(pairs.values()) if name == VICTIM else [pairs[name]],
                others=[HONEST, FLOOD] if name == VICTIM else [VICTIM],
            )
            for number, name in enumerate(names)
        }
        self.clients = {name: Client(node, Random(7), answers_lost=0.0) for name, node in self.nodes.items()}

    async def exchange(self) -> Seen:
        """Have NL and CN exchange records for a while, each sent when it is due."""
        seen, loop = Seen(), asyncio.get_running_loop()
        began = loop.time()
        submitted: dict[str, tuple[float, list[float]]] = {}

        async def submit(name: str, due: float, kept: list[float]) -> None:
            made = self.clients[name].make("inspection_outcome")
            results = await self.nodes[name].submit("national", [made])
            assert results[0].record_id, results
            submitted[results[0].record_id] = (due, kept)
            if name == VICTIM:
                seen.answered.append(loop.time() - due)

        async with asyncio.TaskGroup() as sending:
            for number in range(int(SECONDS * RATE)):
                due = began + number / RATE
                await asyncio.sleep(max(0.0, due - loop.time()))
                sending.create_task(submit(VICTIM, due, seen.to))
                sending.create_task(submit(HONEST, due, seen.back))
        async with asyncio.timeout(PATIENCE):
            while not submitted.keys() <= self.watch.sent.keys():  # noqa: ASYNC110  made-up time costs nothing
                await asyncio.sleep(0.05)
        for each, (due, kept) in submitted.items():
            kept.append(self.watch.sent[each] - due)
        return seen

    async def flood(self) -> None:
        """Have US state more than NL takes, without end."""
        client, node = self.clients[FLOOD], self.nodes[FLOOD]
        stated = 0
        while True:
            if stated - self.watch.flooded < AHEAD:
                await node.submit("national", [client.make("inspection_outcome") for _ in range(PART)])
                stated += PART
            await asyncio.sleep(0.005)

    def close(self) -> None:
        for node in self.nodes.values():
            if node.up:
                node.kill(silently=True)
            node.disk.close()
        shutil.rmtree(self.root, ignore_errors=True)


async def _measured(history: History) -> tuple[Seen, Seen, int]:
    street = Street(history)
    try:
        for node in street.nodes.values():
            await node.start()
        await asyncio.sleep(1.0)
        quiet = await street.exchange()
        flooding = asyncio.create_task(street.flood())
        await asyncio.sleep(0.5)
        before = street.watch.flooded
        beside = await street.exchange()
        flooding.cancel()
        return quiet, beside, street.watch.flooded - before
    finally:
        street.close()


@pytest.mark.long
def test_a_flood_costs_another_partner_no_more_than_three_times() -> None:
    history, loop = History(), PricedLoop(VICTIM)
    history.clock = loop.time
    with judged_once(), _listening(history) as heard, prices(loop):
        try:
            asyncio.set_event_loop(loop)
            quiet, beside, flooded = loop.run_until_complete(_measured(history))
        finally:
            _end(loop)
    assert not heard.errors
    assert flooded > A_FLOOD
    ratios = [there / here for there, here in zip(beside.slowest(), quiet.slowest(), strict=True)]
    assert max(ratios) <= MARK, f"to CN, from CN, answers: {ratios}, from {quiet.slowest()} to {beside.slowest()}"
