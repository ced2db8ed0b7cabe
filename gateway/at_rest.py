"""What commands work with while the node does not run: its trust, its audit log, its plans, its views.

Every one of these raises ``StoreInUse`` while the node runs: it is asked instead, or stopped first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.config import Config
from gateway.exchange.audit_signing import AuditSigning
from gateway.exchange.plans import Plans
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.groundwork import World, standing, the_store
from gateway.ports.audit import AuditLog
from gateway.ports.views import Progress
from gateway.ports.world import Clock
from gateway.trust.standing import state_of


@asynccontextmanager
async def open_trust(config: Config, home: Path, *, clock: Clock | None = None) -> AsyncIterator[TrustKeeper]:
    """Open whom it trusts."""
    async with standing(config, home, World(clock) if clock else World()) as ground:
        yield ground.keeper


@asynccontextmanager
async def open_audit(config: Config, home: Path) -> AsyncIterator[tuple[AuditLog, AuditSigning]]:
    """Open the audit log, with what signs it."""
    world = World()
    async with standing(config, home, world) as ground:
        log = ground.store.audit
        yield log, AuditSigning(log=log, signer=ground.files.audit_signer(), clock=world.clock)


@asynccontextmanager
async def open_plans(config: Config, home: Path) -> AsyncIterator[Plans]:
    """Open what comes into force of the node's own descriptors, now or later."""
    world = World()
    async with standing(config, home, world) as ground:
        yield Plans(keeper=ground.keeper, waiting=ground.store.waiting, clock=world.clock)


async def partner_states(config: Config, home: Path) -> dict[str, tuple[str, str]]:
    """Say where each partner stands, and why."""
    world = World()
    async with standing(config, home, world) as ground:
        reasons = {status.partner: status.suspended for status in await ground.store.logs.statuses()}
        book, now = ground.keeper.book, world.clock.now()
        return {each: state_of(book, each, reasons.get(each, ""), now) for each in book.known}


async def rebuild_views(config: Config, home: Path, progress: Progress) -> bytes:
    """File every record anew; gives the index's digest."""
    async with the_store(config, home, World()) as store:
        await store.views.rebuild(progress)
        return await store.views.digest()
