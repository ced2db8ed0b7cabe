"""A network of mock partners in this process: members, links, lines between them; an asynchronous context manager."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

from gateway.app import Collaborators
from gateway.ports.world import Clock
from mock_partners.behaviours import Trace
from mock_partners.network.lines import PairLines, laid
from mock_partners.network.member import Member
from mock_partners.network.misbehaving import Dress, check_behaviours
from mock_partners.network.opening import open_members
from mock_partners.network.quiet import PATIENCE_SECONDS, Direction, directions, wait_until_quiet
from mock_partners.network.topology import Pair, check_members, pairs_of
from mock_partners.staging.homes import Home, Homes
from mock_partners.staging.nodes import Nodes
from mutualrecognition.operations.v1 import links_service_pb2 as operations


class MockNetwork:
    """Members by their administration's code, and what can be done to the network as a whole.

    Use ``MockNetwork.open``: it gives a network of which every link is open, and stops it cleanly.
    """

    def __init__(
        self,
        nodes: Nodes,
        homes: Sequence[Home],
        pairs: Sequence[Pair],
        *,
        lines: PairLines,
        trace: Trace,
        misbehaving: Collection[str],
    ) -> None:
        self.members: Mapping[str, Member] = {home.administration: Member.of(home, nodes) for home in homes}
        self.pairs = tuple(pairs)
        self._nodes = nodes
        self.trace = trace
        self._lines = lines
        self._misbehaving = misbehaving

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        members: Sequence[str],
        place: Path,
        topology: str = "mesh",
        seed: int = 1,
        clock: Clock | None = None,
        behaviours: Mapping[str, Sequence[str]] | None = None,
        collaborators: Mapping[str, Collaborators] | None = None,
    ) -> AsyncIterator[MockNetwork]:
        """Run the nodes of ``members`` at ``place``, an empty directory, for as long as the context is open.

        ``topology`` and ``seed`` say who has an agreement with whom (``topology.pairs_of``). ``clock`` None is the
        machine's. ``behaviours`` says how members misbehave, XA to XD alone, as in ``{"XA": ("fork@5s",)}``: their time
        counts from when every link is open. ``collaborators`` replaces what an honest member opens with.

        Raises:
            NetworkInvalid: such a network there cannot be.
            NothingCame: a link stays closed.
        """
        check_members(members)
        misbehaving = behaviours or {}
        check_behaviours(misbehaving, members)
        pairs = pairs_of(topology, members, seed=seed)
        with closing(Homes(place)) as maker:
            homes = {member: maker.settle(member) for member in members}
            async with laid((homes[one], homes[other]) for one, other in pairs) as lines:
                trace = Trace()
                worn = {each: Dress(homes[each], misbehaving.get(each, ()), trace, clock) for each in members}
                given = {each: dress.collaborators for each, dress in worn.items()} | dict(collaborators or {})
                reaching = {each: replace(given[each], reach=lines.reach(each)) for each in members}
                nodes = Nodes(list(homes.values()), clock=clock, collaborators=reaching)
                try:
                    await open_members(nodes, members, pairs)
                    for member in members:
                        await nodes.wait_for_links(member)
                    network = cls(nodes, list(homes.values()), pairs, lines=lines, trace=trace, misbehaving=misbehaving)
                    living = [worn[each].begin(network.members[each]) for each in misbehaving]
                    try:
                        yield network
                    finally:
                        for task in living:
                            task.cancel()
                        await asyncio.gather(*living, return_exceptions=True)
                finally:
                    await nodes.close()

    async def links(self) -> dict[str, list[operations.Link]]:
        """Give the links of every member whose node is on, as its operator sees them."""
        on = sorted(self._nodes.running)
        rows = await asyncio.gather(*(self._nodes.rows(member) for member in on))
        return dict(zip(on, rows, strict=True))

    async def quiet(self, *, patience: float = PATIENCE_SECONDS) -> list[Direction]:
        """Wait until nothing is under way: all that was stated has arrived and is signed for; gives every log.

        What waits behind a line that is cut, or a link that is suspended, is not under way; what a member that
        misbehaves leaves hanging is not waited for.

        Raises:
            Unsettled: nothing has moved for ``patience`` seconds, and something is missing.
        """
        return await wait_until_quiet(self._under_way, adversaries=self._misbehaving, patience=patience)

    async def _under_way(self) -> list[Direction]:
        rows = await self.links()
        stopped = {
            frozenset((own, link.partner))
            for own, links in rows.items()
            for link in links
            if link.state == operations.LINK_STATE_SUSPENDED or self._lines.is_cut(own, link.partner)
        }
        return [each for each in directions(rows) if frozenset((each.issuer, each.receiver)) not in stopped]

    def cut(self, one: str, other: str) -> None:
        """Cut two partners from each other, abruptly; neither can dial the other until ``heal``."""
        self._lines.cut(one, other)

    def heal(self, one: str, other: str) -> None:
        """Let two partners reach each other again; they find each other within some seconds."""
        self._lines.heal(one, other)

    async def stop(self, member: str) -> None:
        """Close a member's node, as its operator would; what it holds stays."""
        await self._nodes.stop(member)

    async def start(self, member: str) -> None:
        """Open a member's node again, and wait for its links."""
        await self._nodes.start(member)
        await self._nodes.wait_for_links(member)
