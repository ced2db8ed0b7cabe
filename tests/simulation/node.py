"""A node of the simulated world: the product's own parts, put together as ``gateway.app`` does, on simulated ground."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from gateway.exchange.limits import LinkLimits, LinkTimes
from gateway.exchange.offers import Offers
from gateway.exchange.release import Releaser
from gateway.exchange.submission import Submissions
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.rpc.catching_up import CatchingUp
from gateway.rpc.held_versions import HeldVersions
from gateway.rpc.link_maker import LinkMaker, LinkSigners
from gateway.rpc.switchboard import Switchboard
from gateway.rpc.turns import Turns
from gateway.stores.sqlite.store import SqliteStore
from gateway.trust.book import TrustBook
from gateway.views.register import OperatorRegister
from mutualrecognition.national.v1 import records_service_pb2 as pb
from tests.simulation import cast
from tests.simulation.calls import Dialer
from tests.simulation.disk import Disk
from tests.simulation.door import Door
from tests.simulation.founding import founded
from tests.simulation.ground import NodeChance, NodeClock
from tests.simulation.history import History, Violation
from tests.simulation.loop import Process
from tests.simulation.network import Network
from tests.simulation.store import FILE, WatchedLogs, abandon, open_simulated


class Unreachable(Exception):
    """The node did not answer: it is down, or went down before it could."""


class Node:
    """One administration's node: its machine, its disk, and the process that runs now, if any."""

    def __init__(
        self,
        name: str,
        *,
        network: Network,
        history: History,
        root: Path,
        chance: Random,
        limits: LinkLimits,
        dials: bool,
        treaties: Sequence[cast.Treaty],
        others: Sequence[str],
    ) -> None:
        self.name = name
        self.network = network
        self.history = history
        self.dials = dials
        self.clock = NodeClock(asyncio.get_running_loop())
        self.randomness = NodeChance(Random(chance.random()), cast.ADMINISTRATIONS.index(name))
        self._chance = Random(chance.random())
        self._limits = limits
        documents = tuple(cast.signed_descriptor(cast.first_descriptor(each)) for each in (name, *others))
        content = founded(name, documents, tuple(each.note for each in treaties))
        self.disk = Disk(root / name, Random(chance.random()), {FILE: content})
        self.log_key = 1
        self.descriptor = cast.first_descriptor(name)
        self.process: Process | None = None
        self.store: SqliteStore
        self.keeper: TrustKeeper
        self.switchboard: Switchboard
        self.submissions: Submissions
        self.register: OperatorRegister

    @property
    def up(self) -> bool:
        return self.process is not None

    async def start(self) -> None:
        """Start its process; returns when it serves."""
        process = Process(self.name)
        await process.begin(self._run(process))

    def kill(self, *, silently: bool) -> None:
        """End its process without a word, and lose what its disk had not synced."""
        assert self.process is not None
        self.history.note(self.name, "loses its power" if silently else "is killed")
        process, self.process = self.process, None
        self.network.died(self.name, process, silently=silently)
        process.kill()
        abandon(self.store, self.disk)
        self.disk.restart()

    async def stop(self) -> None:
        """Shut it down as its operator would."""
        assert self.process is not None
        self.history.note(self.name, "is stopped")
        process = self.process
        try:
            await process.begin(self._stop(process))
        except asyncio.CancelledError:
            if process.alive:
                raise  # else it was killed meanwhile

    async def call(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Ask its process something, as a client does.

        Raises:
            Unreachable: there was no answer.
        """
        process = self.process
        if process is None:
            raise Unreachable
        try:
            return await process.begin(work())
        except asyncio.CancelledError:
            if process.alive:
                raise
            raise Unreachable from None

    def submit(self, client: str, submissions: Sequence[pb.Submission]) -> Coroutine[Any, Any, Any]:
        given = [pb.Submission.FromString(each.SerializeToString()) for each in submissions]
        return self.call(lambda: self.submissions.submit(client, given))

    async def _run(self, process: Process) -> None:
        store = await open_simulated(
            self.disk, process=process, clock=self.clock, randomness=self.randomness, chance=self._chance
        )
        self.store = store
        self.keeper = keeper = TrustKeeper(own=self.name, documents=store.documents, clock=self.clock)
        await keeper.load()
        dialer: Any = Dialer(self.network, self.name) if self.dials else None
        logs: Any = WatchedLogs(store.logs, partial(self.network.tap.forming, self.name))
        maker = LinkMaker(
            limits=self._limits,
            times=LinkTimes(),
            signers=self._signers,
            book=lambda: keeper.book,
            logs=logs,
            clock=self.clock,
            randomness=self.randomness,
            turns=Turns(self.clock.monotonic),
        )
        switchboard = Switchboard(
            make_pump=maker.make_pump,
            dialer=dialer,
            catch_up=CatchingUp(dialer=dialer, keeper=keeper, clock=self.clock) if dialer else None,
            logs=logs,
            held=HeldVersions(store.waiting),
            clock=self.clock,
            randomness=self.randomness,
        )
        self.switchboard = switchboard
        releaser = [Releaser(keeper.book)]

        def renew(book: TrustBook) -> None:
            releaser[0] = Releaser(book)

        keeper.subscribe(renew)
        keeper.subscribe(switchboard.trust_changed)
        self.submissions = Submissions(
            administration=self.name,
            intake=store.intake,
            releaser=lambda: releaser[0],
            clock=self.clock,
            randomness=self.randomness,
            ring=lambda partners: switchboard.ring(sorted(partners)),
        )
        self.register = OperatorRegister(administration=self.name, index=store.views, logs=store.logs, clock=self.clock)
        door = Door(
            keeper=keeper,
            switchboard=switchboard,
            offers=Offers(keeper=keeper, waiting=store.waiting, clock=self.clock),
            histories=store.histories,
            clock=self.clock,
        )
        self.network.listen(self.name, process, door)
        await self._check_durable()
        await switchboard.start(keeper.book)
        self.process = process
        self.history.note(self.name, "serves")

    async def _check_durable(self) -> None:
        """What this node gave a receipt for before it went down is there when it comes up."""
        for each in await self.store.logs.statuses():
            receipted = self.network.tap.receipted[self.name, each.partner]
            if each.held.tree.size < receipted:
                raise Violation(
                    f"{self.name} gave {each.partner} a receipt to {receipted}; it has {each.held.tree.size}."
                )

    def _signers(self) -> LinkSigners:
        return LinkSigners(
            [cast.signer(self.name, "log", number) for number in range(1, self.log_key + 1)],
            [cast.signer(self.name, "receipt")],
        )

    async def _stop(self, process: Process) -> None:
        await self.switchboard.stop()
        self.process = None
        self.network.died(self.name, process, silently=False)
        await self.store.close()
        process.alive = False
        self.history.note(self.name, "has stopped")
