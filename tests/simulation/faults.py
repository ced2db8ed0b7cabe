"""The weather: what breaks, when, by chance; and the healing after it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from gateway.errors import StoreFailed, StoreFull
from tests.simulation.network import Network
from tests.simulation.node import Node
from tests.simulation.operators import Operators


class Weather:
    """Breaks lines and nodes of a world until it heals them."""

    def __init__(self, nodes: dict[str, Node], network: Network, operators: Operators, chance: Random) -> None:
        self._nodes = nodes
        self.operators = operators
        self._network = network
        self._chance = chance
        self._note = next(iter(nodes.values())).history.note
        self._pairs = sorted({(a, b) for a in nodes for b in nodes if a < b})
        lines = [self.cut, self.cut_one_way, self.slow, self.lossy, self.break_streams]
        machines = [self.crash, self.crash, self.restart, self.jump, self.fill, self.spoil]
        people = [
            self.operators.roll_key,
            self.operators.amend,
            self.operators.allow_more,
            self.operators.allow_for_now,
        ]
        self._faults = chance.sample([*lines, *machines, *people], chance.randint(2, 7))
        self._far_out = chance.choice(sorted(nodes))  # one clock alone: two that agree on a wrong time are believed
        self._stopped: set[str] = set()
        self._starting: set[str] = set()

    async def rage(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        pause = self._chance.choice((0.7, 2.0, 6.0))
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / pause))
            if loop.time() >= until:
                return
            await self._chance.choice(self._faults)()

    async def heal(self) -> None:
        """Mend all: lines, clocks, nodes."""
        for way in self._network.ways.values():
            way.loss, way.bytes_a_second = 0.0, 1e7
            way.delay = min(way.delay, 0.2)
            way.open()
        for node in self._nodes.values():
            node.clock.ahead = 0
            node.disk.full = False
            if node.disk.broken and node.up:
                node.kill(silently=False)
            while node.name in self._starting:  # noqa: ASYNC110  simulated time costs nothing
                await asyncio.sleep(0.01)
            if not node.up:
                await node.start()
        await self.operators.finish()
        self._note("", "all is healed")

    async def cut(self) -> None:
        one, other = self._pair()
        self._note("", f"the line between {one} and {other} is cut")
        for way in (self._network.ways[one, other], self._network.ways[other, one]):
            way.is_open = False
        self._later(self._mend, one, other)

    async def cut_one_way(self) -> None:
        one, other = self._pair()
        self._note("", f"nothing passes from {one} to {other}")
        self._network.ways[one, other].is_open = False
        self._later(self._mend, one, other)

    def _mend(self, one: str, other: str) -> None:
        self._note("", f"the line between {one} and {other} is mended")
        for way in (self._network.ways[one, other], self._network.ways[other, one]):
            way.open()

    async def slow(self) -> None:
        one, other = self._pair()
        way = self._network.ways[one, other]
        way.delay = self._chance.choice((0.3, 1.0, 3.0))
        way.bytes_a_second = self._chance.choice((2e3, 1e4, 1e5))
        self._note("", f"{one} to {other} takes {way.delay} s, {way.bytes_a_second:.0f} bytes/s")

    async def lossy(self) -> None:
        one, other = self._pair()
        self._network.ways[one, other].loss = self._chance.choice((0.05, 0.3))
        self._note("", f"{one} to {other} loses packets")

    async def break_streams(self) -> None:
        one, other = self._pair()
        self._note("", f"streams between {one} and {other} break")
        self._network.break_streams(one, other)

    async def crash(self) -> None:
        node = self._any_node()
        if node.up and node.name not in self._stopped:
            node.kill(silently=self._chance.random() < 0.5)
            self._later(self._start, node)

    async def restart(self) -> None:
        node = self._any_node()
        if node.up and not (node.name in self._stopped or node.disk.full or node.disk.broken):
            self._stopped.add(node.name)
            await node.stop()
            self._stopped.discard(node.name)
            self._later(self._start, node)

    async def fill(self) -> None:
        node = self._any_node()
        self._note(node.name, "its disk is full")
        node.disk.full = True
        self._later(self._make_room, node)

    def _make_room(self, node: Node) -> None:
        self._note(node.name, "its disk has room again")
        node.disk.full = False

    async def spoil(self) -> None:
        """A disk that fails to sync once: nothing more is written until the process is started anew."""
        node = self._any_node()
        if node.up and node.name not in self._stopped:
            self._note(node.name, "its disk fails")
            node.disk.broken = True
            self._later(self._replace, node)

    def _replace(self, node: Node) -> None:
        if node.up and node.disk.broken and node.name not in self._stopped:
            node.kill(silently=False)
            self._start(node)

    async def jump(self) -> None:
        node = self._any_node()
        far = (-5000, 5000) if node.name == self._far_out else ()
        node.clock.set_wrong(self._chance.choice((-140, -60, -5, 0, 5, 60, 140, *far)))
        self._note(node.name, f"its clock is set {node.clock.ahead:+d} s")

    def _start(self, node: Node) -> None:
        if not node.up and node.name not in self._stopped | self._starting:
            self._starting.add(node.name)
            starting = asyncio.ensure_future(self._try_to_start(node))
            starting.add_done_callback(lambda _: self._starting.discard(node.name))

    async def _try_to_start(self, node: Node) -> None:
        """Start it as a supervisor does: one that finds no room on its disk is started again later."""
        try:
            await node.start()
        except (StoreFailed, StoreFull) as error:
            self._note(node.name, f"does not start: {error.sentence}")
        except Exception as error:
            told = {"message": f"{node.name} does not start", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)

    def _any_node(self) -> Node:
        return self._nodes[self._chance.choice(sorted(self._nodes))]

    def _later(self, act: Any, *arguments: Any) -> None:
        asyncio.get_running_loop().call_later(self._chance.choice((0.1, 1.0, 5.0, 20.0)), act, *arguments)

    def _pair(self) -> tuple[str, str]:
        one, other = self._chance.choice(self._pairs)
        return (one, other) if self._chance.random() < 0.5 else (other, one)
