"""The part of a network that one process runs: some members' homes, nodes and national systems."""

from __future__ import annotations

import asyncio
import base64
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gateway.app import Collaborators
from gateway.cli.demo.declarations import Declaration
from gateway.rpc.dialer import Reach
from mock_partners.behaviours import Trace
from mock_partners.network.declared import DeclaredTrade, read_file, stated_by
from mock_partners.network.member import Member
from mock_partners.network.misbehaving import Dress
from mock_partners.network.national_system import NationalSystem
from mock_partners.network.opening import open_members
from mock_partners.network.plan import Plan
from mock_partners.network.tally import Tally
from mock_partners.staging.homes import Home, Homes
from mock_partners.staging.nodes import Nodes

_LOOK_SECONDS: Final = 120
"""How long a node may take to show its links: while all of a network's links open at once, it has much to do."""

_PATIENT: Final = {
    "hello_timeout": 60.0,
    "receipt_timeout": 300.0,
    "drain_timeout": 20.0,
    "heartbeat_after": 20.0,
    "dead_after": 120.0,
}


class Share:
    """Runs ``mine``, members of the plan. Its methods are called in their order here; all answers are JSON."""

    def __init__(self, plan: Plan, mine: Sequence[str]) -> None:
        self._plan = plan
        self._mine = tuple(mine)
        self._alone = len(plan.members) == len(self._mine)
        self.trace = Trace()
        """What is seen on the links; of a large network, on those of members that misbehave."""
        self._homes = Homes(Path(plan.place))
        self._own: dict[str, Home] = {}
        self._nodes = Nodes(())
        self._tally = Tally()
        self._systems: Sequence[NationalSystem | DeclaredTrade] = ()
        self._trading: list[asyncio.Task[None]] = []
        self._answering: list[asyncio.Task[None]] = []
        self._dressed: dict[str, Dress] = {}
        self._misbehaving: list[asyncio.Task[None]] = []

    async def found(self) -> None:
        """Make the homes of its members."""
        for member in self._mine:
            self._own[member] = self._homes.settle(member)
            await asyncio.sleep(0)

    async def open(self) -> None:
        """Open its nodes. Every member's home is there by now, whoever made it."""
        near = {member for own in self._mine for member in self._plan.partners[own]} - self._own.keys()
        homes = [*self._own.values(), *(Home.read(self._plan.home(member)) for member in sorted(near))]
        order = {member: number for number, member in enumerate(self._plan.members)}

        def reach(dialer: str) -> Reach:
            """Let the one dial that is opened later: the other listens by then, and no two dial each other."""
            return lambda partner, address: address if order[partner] < order[dialer] else None

        behaviours = self._plan.behaviours
        dressed = self._mine if self._alone else [own for own in self._mine if own in behaviours]
        self._dressed = {own: Dress(self._own[own], behaviours.get(own, ()), self.trace) for own in dressed}
        worn = {own: each.collaborators for own, each in self._dressed.items()}
        collaborators = {own: replace(worn.get(own, Collaborators()), reach=reach(own)) for own in self._mine}
        self._nodes = Nodes(homes if self._alone else [_patient(each) for each in homes], collaborators=collaborators)
        pairs = [pair for pair in self._plan.pairs if not self._own.keys().isdisjoint(pair)]
        await open_members(self._nodes, self._mine, pairs)

    async def trade(self, begins: float) -> None:
        """Let its national systems begin."""
        self._systems = self._from_file() if self._plan.csv else [self._made_up(member) for member in self._mine]
        self._misbehaving = [
            self._dressed[own].begin(Member.of(self._own[own], self._nodes))
            for own in self._plan.behaviours
            if own in self._dressed
        ]
        self._answering = [asyncio.create_task(each.answer()) for each in self._systems]
        self._trading = [asyncio.create_task(each.trade(begins)) for each in self._systems]

    def _made_up(self, member: str) -> NationalSystem:
        return NationalSystem(
            member,
            self._nodes.national(member),
            exports=self._plan.exports(member),
            imports=self._plan.imports(member),
            seed=self._plan.seed,
            tally=self._tally,
        )

    def _from_file(self) -> list[DeclaredTrade]:
        members = self._plan.members
        rows: dict[str, list[Declaration]] = {member: [] for member in members}
        for each in read_file(Path(self._plan.csv)):
            rows[stated_by(each, members)].append(each)
        rate = self._plan.rate / sum(bool(each) for each in rows.values())
        return [
            DeclaredTrade(member, self._nodes.national(member), rows=rows[member], rate=rate, tally=self._tally)
            for member in self._mine
        ]

    async def look(self) -> dict[str, Any]:
        """Give the links of each of its members, what they have done, and what this process uses."""
        rows = await asyncio.gather(*(self._nodes.rows(member, seconds=_LOOK_SECONDS) for member in self._mine))
        return {
            "links": {
                member: [base64.b64encode(link.SerializeToString()).decode() for link in links]
                for member, links in zip(self._mine, rows, strict=True)
            },
            "tally": self._tally.to_json(),
            "trading": any(not task.done() for task in self._trading),
            "memory": _resident_bytes(),
        }

    async def end_trade(self) -> None:
        """Let no vessel depart any more, and wait until every vessel that has departed is decided on."""
        for each in self._systems:
            each.end()
        await asyncio.gather(*self._trading)

    async def close(self) -> None:
        """Stop its national systems and close its nodes."""
        tasks = [*self._misbehaving, *self._trading, *self._answering]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._nodes.close()
        self._homes.close()


def _patient(home: Home) -> Home:
    """Have a node of a large network wait longer for its partners: hundreds of links share two processors."""
    links = home.settings.links.model_copy(update=_PATIENT)
    return replace(home, settings=home.settings.model_copy(update={"links": links}))


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return 0
