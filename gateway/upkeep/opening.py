"""A node opened for upkeep: its store, whom it trusts and how it calls partners; no doors, no links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.config import Config
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.node_files import NodeFiles
from gateway.ports.histories import Histories
from gateway.rpc.dialer import Dialer
from gateway.rpc.held_versions import HeldVersions
from gateway.rpc.identity import PeerCheck
from gateway.rpc.own_identity import OwnIdentity
from gateway.stores.sqlite import open_store
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
    clock, files = SystemClock(), NodeFiles(config, home)
    store = await open_store(home / config.store.path, randomness=SystemRandomness(), clock=clock)
    try:
        keeper = TrustKeeper(own=config.administration, documents=store.documents, clock=clock)
        await keeper.load()
        await keeper.add_own(files.descriptor(), by="descriptor file")
        held = HeldVersions(store.waiting)
        await held.load()

        def book() -> TrustBook:
            return keeper.book

        shown = OwnIdentity(read=files.gateway_identities, book=book, held=held.of, clock=clock)
        dialer = Dialer(book=book, peers=PeerCheck(book=book, clock=clock), identity=shown.towards)
        yield Opened(store.histories, keeper.book, dialer)
    finally:
        await store.close()
