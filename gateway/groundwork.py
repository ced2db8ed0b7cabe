"""What a node, and every command at its store, stands on: time and chance, the store, and whom it trusts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.config import Config
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.node_files import NodeFiles
from gateway.ports.world import Clock, Randomness
from gateway.rpc.switchboard import REVOKED
from gateway.stores.sqlite.store import SqliteStore, open_store
from gateway.trust.book import TrustBook

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance: the system's own, or a simulated world's."""

    clock: Clock = field(default_factory=SystemClock)
    randomness: Randomness = field(default_factory=SystemRandomness)


@dataclass(frozen=True, slots=True)
class Ground:
    """A store that is open, with the trust that is kept in it."""

    store: SqliteStore
    keeper: TrustKeeper
    files: NodeFiles


@asynccontextmanager
async def standing(config: Config, home: Path, world: World) -> AsyncIterator[Ground]:
    """Open store and trust.

    Raises:
        StoreInUse: the node runs, or a command is at its store.
    """
    async with the_store(config, home, world) as store:
        files = NodeFiles(config, home)
        yield Ground(store, await _load_trust(config, files, store, world.clock), files)


@asynccontextmanager
async def the_store(config: Config, home: Path, world: World) -> AsyncIterator[SqliteStore]:
    """Open the store alone.

    Raises:
        StoreInUse: the node runs, or a command is at its store.
    """
    store = await open_store(
        home / config.store.path,
        randomness=world.randomness,
        clock=world.clock,
        reserve=config.store.reserve_mib * _MIB,
    )
    try:
        yield store
    finally:
        await store.close()


async def _load_trust(config: Config, files: NodeFiles, store: SqliteStore, clock: Clock) -> TrustKeeper:
    keeper = TrustKeeper(own=config.administration, documents=store.documents, clock=clock)
    await keeper.load()
    await keeper.add_own(files.descriptor(), by="descriptor file")

    def keep_descriptor(book: TrustBook) -> None:
        files.keep_descriptor(book.descriptor_notes[book.descriptor_of(book.own).digest])

    keep_descriptor(keeper.book)
    keeper.subscribe(keep_descriptor)
    for status in await store.logs.statuses():
        if status.suspended == REVOKED:
            keeper.revoke(status.partner)
    return keeper
