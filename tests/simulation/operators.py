"""What people do in a simulated world: roll keys, change agreements, each node's operator in his own time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from gateway.errors import GatewayError
from tests.simulation import cast
from tests.simulation.node import Node, Unreachable

Work = Callable[[], Coroutine[Any, Any, Any]]


class Operators:
    """The operators of all nodes. ``treaties`` is every agreement that there ever was, by id and version."""

    def __init__(self, nodes: dict[str, Node], treaties: dict[tuple[str, int], cast.Treaty], chance: Random) -> None:
        self._nodes = nodes
        self.treaties = treaties
        self.amended: set[frozenset[str]] = set()
        self.rolled: set[str] = set()
        self._chance = chance
        self._note = next(iter(nodes.values())).history.note
        self._pairs = cast.pairs(tuple(nodes))
        self._amending: dict[tuple[str, str], list[asyncio.Future[None]]] = defaultdict(list)
        self._at_work: list[asyncio.Future[None]] = []

    async def roll_key(self) -> None:
        """A node gets one more log key, and says so in its next descriptor."""
        node = self._nodes[self._chance.choice(sorted(self._nodes))]
        if node.log_key > 2 or not node.up:
            return
        node.log_key += 1
        self.rolled.add(node.name)
        at = node.clock.now()
        until = at + self._chance.choice((0, 15, 10_000))
        node.descriptor = cast.next_descriptor(node.name, node.descriptor, key=node.log_key, at=at, former_until=until)
        note = cast.signed_descriptor(node.descriptor)
        self._note(node.name, f"its operator rolls the log key: descriptor {node.descriptor.version}")
        self._do(node, 0.0, lambda: node.keeper.add_own(note, by="operator"))

    async def amend(self) -> None:
        """Two administrations sign the next version of their agreement; their operators add it when they get to it.

        Nobody signs one after the next before both have added the last.
        """
        pair = self._chance.choice(self._pairs)
        if not all(each.done() for each in self._amending[pair]):
            return
        name = f"{pair[0]}-{pair[1]}-basic".lower()
        version = max(number for identity, number in self.treaties if identity == name) + 1
        self.amended.add(frozenset(pair))
        self._amending[pair] = self._bring(cast.amended(*pair, version, self._chance))

    async def allow_more(self) -> None:
        """An agreement of its own on screenings."""
        self._bring(cast.extra(*self._chance.choice(self._pairs)))

    async def allow_for_now(self) -> None:
        """The same for a few seconds."""
        pair = self._chance.choice(self._pairs)
        until = self._nodes[pair[0]].clock.now() + self._chance.choice((5, 20))
        treaty = cast.passing(*pair, until)
        if (treaty.id, treaty.version) not in self.treaties:
            self._bring(treaty)

    def is_changing(self, one: str, other: str) -> bool:
        """Whether records between these two may ever have waited for an agreement or a key."""
        return frozenset((one, other)) in self.amended or bool({one, other} & self.rolled)

    async def finish(self) -> None:
        """Wait until all that was begun is done."""
        await asyncio.gather(*self._at_work)

    def _bring(self, treaty: cast.Treaty) -> list[asyncio.Future[None]]:
        self.treaties[treaty.id, treaty.version] = treaty
        self._note("", f"{' and '.join(treaty.parties)} have signed {treaty.id}/{treaty.version}")
        return [self._add(self._nodes[name], treaty.note) for name in treaty.parties]

    def _add(self, node: Node, note: bytes) -> asyncio.Future[None]:
        after = self._chance.choice((0.0, 0.5, 6.0))
        return self._do(node, after, lambda: node.keeper.add_agreement(note, by="operator"))

    def _do(self, node: Node, after: float, work: Work) -> asyncio.Future[None]:
        self._at_work.append(asyncio.ensure_future(self._done(node, after, work)))
        return self._at_work[-1]

    async def _done(self, node: Node, after: float, work: Work) -> None:
        """Do something with a node; where it is down, again when it is there."""
        await asyncio.sleep(after)
        while True:
            try:
                await node.call(work)
            except (Unreachable, GatewayError):
                await asyncio.sleep(1.0)
            else:
                return
