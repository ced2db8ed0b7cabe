"""A line between every two members, one in each direction, so that a pair can be cut and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.rpc.dialer import Reach
from mock_partners.fault_proxy import FaultProxy, Faults, open_proxy
from mock_partners.staging.homes import Home


class PairLines:
    """The lines of a network: who dials a partner reaches it by theirs."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], tuple[FaultProxy, str]] = {}
        self._cut: set[frozenset[str]] = set()

    def reach(self, dialer: str) -> Reach:
        """Say how a member reaches its partners."""

        def by_line(partner: str, address: str) -> str:
            line = self._lines.get((dialer, partner))
            return address if line is None else line[1]

        return by_line

    def is_cut(self, one: str, other: str) -> bool:
        """Whether nothing passes between two members."""
        return frozenset((one, other)) in self._cut

    def cut(self, one: str, other: str) -> None:
        """Cut two members from each other, abruptly. KeyError when they are no partners."""
        for proxy in self._between(one, other):
            proxy.dead = True
            proxy.cut()
        self._cut.add(frozenset((one, other)))

    def heal(self, one: str, other: str) -> None:
        """Let everything pass between two members again. KeyError when they are no partners."""
        for proxy in self._between(one, other):
            proxy.dead = False
        self._cut.discard(frozenset((one, other)))

    def _between(self, one: str, other: str) -> list[FaultProxy]:
        return [self._lines[ends][0] for ends in ((one, other), (other, one))]

    async def lay(self, stack: AsyncExitStack, dialer: str, home: Home) -> None:
        """Lay the line by which ``dialer`` reaches the node of a home; ``stack`` takes it up."""
        proxy, port = await stack.enter_async_context(open_proxy("127.0.0.1:0", home.peer, Faults()))
        self._lines[dialer, home.administration] = (proxy, f"127.0.0.1:{port}")


@asynccontextmanager
async def laid(pairs: Iterable[tuple[Home, Home]]) -> AsyncIterator[PairLines]:
    """Lay the lines of all pairs for as long as the context is open."""
    lines = PairLines()
    async with AsyncExitStack() as stack:
        for one, other in pairs:
            await lines.lay(stack, one.administration, other)
            await lines.lay(stack, other.administration, one)
        yield lines
