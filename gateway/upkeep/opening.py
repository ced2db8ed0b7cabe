"""A node opened for upkeep: its store, whom it trusts and how it calls partners; no doors, no links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.config import Config
from gateway.groundwork import World, standing
from gateway.ports.histories import Histories
from gateway.rpc.dialer import Dialer
from gateway.rpc.held_versions import HeldVersions
from gateway.rpc.identity import PeerCheck
from gateway.rpc.own_identity import OwnIdentity
from gateway.trust.book import TrustBook


@dataclass(frozen=True, slots=True)
class Opened:
    """What upkeep works with."""

    histories: Histories
    book: TrustBook
    dialer: Dialer


@asynccontextmanager
async def opened(config: Config, home: Path) -> AsyncIterator[Opened]:
    """Open a node that does not run.

    Raises:
        StoreInUse: it runs; stop it first.
    """
    world = World()
    async with standing(config, home, world) as ground:
        held = HeldVersions(ground.store.waiting)
        await held.load()

        def book() -> TrustBook:
            return ground.keeper.book

        shown = OwnIdentity(read=ground.files.gateway_identities, book=book, held=held.of, clock=world.clock)
        dialer = Dialer(book=book, peers=PeerCheck(book=book, clock=world.clock), identity=shown.towards)
        yield Opened(ground.store.histories, book(), dialer)
