"""A simulated world: several nodes, their clients, lines and weather, all from one seed."""

from __future__ import annotations

import asyncio
import shutil
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import structlog

from gateway.exchange.limits import LinkLimits
from gateway.exchange.session_trust import origins_of, session_trust
from gateway.ports.links import LinkPositions
from tests.simulation import cast
from tests.simulation.clients import Client
from tests.simulation.disk import memory_directory
from tests.simulation.faults import Weather
from tests.simulation.history import History, Listening, Violation
from tests.simulation.loop import PROCESS, SimulatedLoop, Stalled
from tests.simulation.network import Network
from tests.simulation.node import Node
from tests.simulation.operators import Operators
from tests.simulation.promises import Promises
from tests.simulation.signatures import judged_once
from tests.simulation.watching import Watcher

QUIET_SECONDS = 90.0
"""After healing all must be delivered within this, whatever the weather was."""


@dataclass(frozen=True)
class Outcome:
    """How a seed went: ``violation`` is empty when every promise was kept."""

    seed: int
    violation: str
    history: History
    promised: int
    frames: int


def _named(treaties: Iterable[cast.Treaty]) -> list[str]:
    return [f"{each.id} of {' and '.join(each.parties)}" for each in treaties]


class World:
    """Everything of one seed."""

    def __init__(self, seed: int, history: History) -> None:
        self.seed = seed
        self.history = history
        self.chance = chance = Random(seed)
        self.names = tuple(sorted(chance.sample(cast.ADMINISTRATIONS, chance.choice((2, 2, 2, 3, 3, 4)))))
        self.healed_at = 0.0
        self.root = memory_directory()
        self.watcher = Watcher(history)
        self.network = Network(self.names, Random(chance.random()), self.watcher)
        self.network.room = chance.choice((1, 4, 16))
        for way in self.network.ways.values():
            way.delay = chance.choice((0.001, 0.02, 0.15))
        limits = chance.choice((LinkLimits(), LinkLimits(3, 6000, 2, 12_000), LinkLimits(20, 60_000, 4, 200_000)))
        treaties = [cast.basic(*pair) for pair in cast.pairs(self.names)]
        treaties += [cast.extra(*pair) for pair in cast.pairs(self.names) if chance.random() < 0.5]
        self.treaties = {(each.id, each.version): each for each in treaties}
        one_way = chance.random() < 0.3
        self.nodes = {
            name: Node(
                name,
                network=self.network,
                history=history,
                root=self.root,
                chance=Random(chance.random()),
                limits=limits,
                dials=not one_way or name == self.names[0] or len(self.names) > 2,
                treaties=[each for each in treaties if name in each.parties],
                others=[each for each in self.names if each != name],
            )
            for name in self.names
        }
        self.clients = [
            Client(node, Random(chance.random()), answers_lost=chance.choice((0.0, 0.1)))
            for node in self.nodes.values()
        ]
        self.operators = Operators(self.nodes, self.treaties, Random(chance.random()))
        self.weather = Weather(self.nodes, self.network, self.operators, Random(chance.random()))
        dial = ", ".join(name for name, node in self.nodes.items() if node.dials)
        within = f"{limits.batch_records} records and {limits.batch_bytes:,} bytes a batch"
        history.note(
            "", f"seed {seed}: {', '.join(self.names)}, of whom {dial} dial; {within}; {', '.join(_named(treaties))}"
        )

    async def live(self) -> None:
        """Start, let the weather rage, heal, and see that every promise is kept."""
        loop = asyncio.get_running_loop()
        for node in self.nodes.values():
            await node.start()
        until = loop.time() + self.chance.choice((4.0, 8.0, 20.0))
        working = [asyncio.ensure_future(client.work(until)) for client in self.clients]
        await self.weather.rage(until)
        await self.weather.heal()
        self.healed_at = loop.time()
        await asyncio.gather(*working)
        promises = Promises(self)
        began = loop.time()
        while missing := await promises.outstanding():
            if loop.time() > began + QUIET_SECONDS:
                raise Violation(f"{QUIET_SECONDS:g} s after healing: {missing}")
            await asyncio.sleep(0.5)
        await promises.check()

    def close(self) -> None:
        for node in self.nodes.values():
            node.disk.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def treaty(self, identity: str, version: int) -> cast.Treaty | None:
        return self.treaties.get((identity, version))

    async def positions(self, node: Node, partner: str) -> LinkPositions:
        trust = session_trust(node.keeper.book, partner, at=node.clock.now())
        issued, held = origins_of(trust)
        return await node.store.logs.positions(partner, issued_origin=issued, held_origin=held)


def run(seed: int) -> Outcome:
    """Live through one seed."""
    history = History()
    loop = SimulatedLoop()
    history.clock = loop.time
    escaped: list[str] = []

    def escape(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        escaped.append(f"{context['message']}: {context.get('exception')!r}")
        history.note("", escaped[-1])

    loop.set_exception_handler(escape)
    violation, promised, frames = "", 0, 0
    with judged_once(), _listening(history) as heard:
        try:
            asyncio.set_event_loop(loop)
            promised, frames = loop.run_until_complete(_live(seed, history))
            if heard.errors or escaped:
                violation = f"Something went wrong inside a node: {(heard.errors + escaped)[0]}"
        except Violation as broken:
            violation = str(broken)
        except Stalled:
            violation = "Nothing happens any more, and somebody waits."
        except Exception:
            violation = escaped[0] if escaped else traceback.format_exc()  # what came first is what matters
        finally:
            _end(loop)
    if violation:
        history.note("", f"VIOLATION: {violation.strip().splitlines()[-1]}")
    return Outcome(seed, violation, history, promised, frames)


async def _live(seed: int, history: History) -> tuple[int, int]:
    world = World(seed, history)
    try:
        await world.live()
    finally:
        for node in world.nodes.values():
            if node.up:
                node.kill(silently=True)
        world.close()
    return sum(len(client.ledger.promises) for client in world.clients), world.watcher.frames


def _end(loop: SimulatedLoop) -> None:
    """Unwind whatever still waits."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=100))
    loop.run_until_complete(loop.shutdown_asyncgens())
    asyncio.set_event_loop(None)
    loop.close()


@contextmanager
def _listening(history: History) -> Iterator[Listening]:
    """Hear what the product logs, and whose process says it."""
    before = structlog.get_config()
    heard = Listening(history, lambda: process.name if (process := PROCESS.get()) else "")
    structlog.configure(processors=[heard], cache_logger_on_first_use=False)
    try:
        yield heard
    finally:
        structlog.configure(**before)
