"""Traffic in both directions while one side dies; in the end everything acknowledged is there, once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests import nodes
from tests.faults.conftest import sound
from tests.processes.test_kills import Submitter, all_arrived

ENOUGH = 240


async def survive(place: Path, start_victim: Callable[[nodes.Home], nodes.NodeProcess], *, victim: str) -> None:
    """Run CN and NL, of which ``victim`` was started so that it dies; start it again plainly when it has."""
    cn, nl = await asyncio.to_thread(nodes.pair, place)
    homes = {"CN": cn, "NL": nl}
    dying = start_victim(homes[victim])
    (other,) = [home for name, home in homes.items() if name != victim]
    with nodes.serving(other):
        try:
            submitters = [Submitter(home, 5) for home in (cn, nl)]
            running = [asyncio.create_task(each.run()) for each in submitters]
            await _until_dead(dying)
            dying.start_plainly()
            await asyncio.to_thread(dying.wait_ready)
            await _until_enough(submitters)
            for each in submitters:
                each.finish()
            await asyncio.gather(*running)
            for issuer, receiver, submitter in ((cn, nl, submitters[0]), (nl, cn, submitters[1])):
                await nodes.link_until(issuer, receiver.administration, nodes.is_settled)
                await all_arrived(issuer, receiver, submitter.acknowledged)
        finally:
            dying.kill()
    sound(cn)
    sound(nl)


async def _until_dead(node: nodes.NodeProcess) -> None:
    async def look() -> bool:
        return node.running

    await nodes.until(look, lambda running: not running)


async def _until_enough(submitters: list[Submitter]) -> None:
    async def look() -> int:
        return min(len(each.acknowledged) for each in submitters)

    await nodes.until(look, lambda least: least >= ENOUGH)
