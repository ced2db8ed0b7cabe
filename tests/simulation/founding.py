"""The store of a node that was founded before the world begins: its documents are in it, nothing else."""

from __future__ import annotations

import asyncio
import shutil
from functools import cache
from random import Random
from threading import Thread

from gateway.exchange.trust_keeper import TrustKeeper
from gateway.stores.sqlite import open_store
from tests.simulation import cast
from tests.simulation.disk import memory_directory
from tests.simulation.ground import NodeChance
from tests.simulation.store import FILE


class _Before:
    """The time before the world's."""

    def now(self) -> int:
        return cast.START - 1000

    def monotonic(self) -> float:
        return 0.0


_migrated: list[bytes] = []
"""The file of a store with nothing in it, once there is one: the way there takes every migration."""


@cache
def founded(name: str, descriptors: tuple[bytes, ...], treaties: tuple[bytes, ...]) -> bytes:
    """Give the file of such a store. It is made by the product, on a loop and a thread of its own."""
    made: list[bytes] = []
    thread = Thread(target=lambda: made.append(asyncio.run(_found(name, descriptors, treaties))))
    thread.start()
    thread.join()
    return made[0]


async def _found(name: str, descriptors: tuple[bytes, ...], treaties: tuple[bytes, ...]) -> bytes:
    directory = memory_directory()
    if _migrated:
        (directory / FILE).write_bytes(_migrated[0])
    else:
        await (
            await open_store(directory / FILE, randomness=NodeChance(Random(1), 0), clock=_Before(), reserve=0)
        ).close()
        _migrated.append((directory / FILE).read_bytes())
    store = await open_store(directory / FILE, randomness=NodeChance(Random(1), 0), clock=_Before(), reserve=0)
    keeper = TrustKeeper(own=name, documents=store.documents, clock=_Before())
    for note in descriptors:
        await keeper.add_descriptor(note, digest=None, by="founder")
    for note in treaties:
        await keeper.add_agreement(note, by="founder")
    await store.close()
    content = (directory / FILE).read_bytes()
    shutil.rmtree(directory)
    return content
