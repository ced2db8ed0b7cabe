"""Runs a network from its first home to its last receipt, and says whether anything was lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from mock_partners.network.crew import Crew, Seen, gathered
from mock_partners.network.plan import Plan
from mock_partners.network.quiet import PATIENCE_SECONDS, Direction
from mutualrecognition.operations.v1 import links_service_pb2 as operations

_LOOK_SECONDS: Final = 0.25
_MEMBERS_A_SECOND: Final = 40
"""A look asks every member, which takes some milliseconds each: in a large network it is taken less often."""

_SETTLED: Final = frozenset({operations.LINK_STATE_OPEN, operations.LINK_STATE_SUSPENDED})


class View(Protocol):
    """Tells people how a network fares."""

    def phase(self, sentence: str) -> None:
        """Tell what goes on now."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a network ended. ``missing`` are the logs in which something is; ``hanging`` those of adversaries."""

    stated: int
    lost: int
    missing: tuple[Direction, ...]
    hanging: tuple[Direction, ...]
    unanswered: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether nothing is lost."""
        return not self.missing and not self.lost


@dataclass(slots=True)
class Network:
    """A network that runs; ``opened_in`` is how long it took until every link was open."""

    plan: Plan
    crew: Crew
    opened_in: float
    began: float = field(default_factory=time.monotonic)

    async def look(self) -> Seen:
        """See it."""
        return await self.crew.look()

    async def trade(self) -> None:
        """Let the national systems begin."""
        await self.crew.together("trade", begins=time.time())

    async def traded(self) -> None:
        """Wait until the last vessel is decided on; there is one only where the plan says how many sail."""
        while (await self.look()).trading:  # noqa: ASYNC110  it is other processes that are waited for
            await asyncio.sleep(pause_of(self.plan))

    async def settle(self, *, patience: float = PATIENCE_SECONDS) -> Verdict:
        """Let no vessel depart any more, wait until all is delivered, answered and signed for, and compare.

        What is missing after nothing has moved for ``patience`` seconds, the verdict names.
        """
        began = time.monotonic()
        await self.crew.together("end_trade")
        before, since = await self.look(), time.monotonic()
        while True:
            await asyncio.sleep(pause_of(self.plan))
            now = await self.look()
            moved = now.directions != before.directions or now.unanswered != before.unanswered
            still_for = time.monotonic() - since
            quiet = now.rests(self.plan.behaviours, still_for)
            if not moved and (quiet or still_for > patience):
                return verdict_of(now, time.monotonic() - began, self.plan.behaviours)
            if moved:
                before, since = now, time.monotonic()


@asynccontextmanager
async def opened(plan: Plan, view: View) -> AsyncIterator[Network]:
    """Make and open a network; gives it when every link is open, or suspended.

    Raises:
        CrewFailed: a process of it cannot go on.
    """
    began = time.monotonic()
    view.phase(f"{len(plan.members)} members, {len(plan.pairs)} links: homes, keys and certificates")
    async with gathered(plan) as crew:
        await crew.together("found")
        view.phase("agreements are signed by both parties, nodes are opened")
        await crew.together("open")
        view.phase("links are opened")
        while not _all_open(await crew.look(), plan):  # noqa: ASYNC110  it is other processes that are waited for
            await asyncio.sleep(pause_of(plan))
        yield Network(plan, crew, time.monotonic() - began)


def pause_of(plan: Plan, least: float = _LOOK_SECONDS) -> float:
    """Say how long to wait between two looks, seconds; ``least`` in a small network."""
    return max(least, len(plan.members) / _MEMBERS_A_SECOND)


def _all_open(seen: Seen, plan: Plan) -> bool:
    links = [link for rows in seen.links.values() for link in rows]
    return len(links) == 2 * len(plan.pairs) and all(link.state in _SETTLED for link in links)


def verdict_of(seen: Seen, seconds: float, adversaries: Collection[str] = ()) -> Verdict:
    """Compare what issuers have with what receivers have, and both with what the national systems were told.

    What is missing between an honest member and one of ``adversaries`` is theirs, and no loss.
    """
    logs = [each for each in seen.directions if not each.is_between(*adversaries)]
    held = {f"{each.issuer} {each.receiver}": each.held for each in logs}
    short = sum(max(0, seen.tally.due[direction] - size) for direction, size in held.items())
    missing = tuple(each for each in logs if not each.settled)
    hanging = tuple(each for each in seen.directions if each.is_between(*adversaries) and not each.settled)
    return Verdict(
        stated=sum(each.stated for each in logs),
        hanging=hanging,
        lost=max(short, sum(each.missing for each in missing)),
        missing=missing,
        unanswered=seen.unanswered,
        seconds=seconds,
    )
