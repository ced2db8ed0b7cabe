"""What commands do at the store of a node that does not run.

This loads all that a node is made of. So who may find the node running loads this where it does not, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from gateway import at_rest, config
from gateway.errors import FourEyesNeeded
from gateway.exchange.audit_signing import AuditSigning
from gateway.exchange.plans import Plans
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.audit import AuditLog

Result = TypeVar("Result")


def with_trust(home: Path, work: Callable[[TrustKeeper], Awaitable[Result]], *, by_two: bool) -> Result:
    """Work on what it trusts. ``by_two``: where four eyes are asked for, the store alone will not do.

    Raises:
        FourEyesNeeded: two officers can only be told apart when they call a node that runs.
    """
    settings = config.load(home)

    async def run() -> Result:
        async with at_rest.open_trust(settings, home) as keeper:
            if by_two and settings.trust.four_eyes:
                raise FourEyesNeeded("This node asks two officers for every change of trust, and it does not run.")
            return await work(keeper)

    return asyncio.run(run())


def with_plans(home: Path, work: Callable[[Plans], Awaitable[Result]]) -> Result:
    """Work on its own descriptors that are yet to come."""

    async def run() -> Result:
        async with at_rest.open_plans(config.load(home), home) as plans:
            return await work(plans)

    return asyncio.run(run())


def with_audit(home: Path, work: Callable[[AuditLog, AuditSigning], Awaitable[Result]]) -> Result:
    """Work on its audit log."""

    async def run() -> Result:
        async with at_rest.open_audit(config.load(home), home) as (log, signing):
            return await work(log, signing)

    return asyncio.run(run())


def partner_states(home: Path) -> dict[str, tuple[str, str]]:
    """Give each partner's state and the reason for it."""
    return asyncio.run(at_rest.partner_states(config.load(home), home))
