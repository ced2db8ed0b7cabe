"""Members that misbehave: what their nodes are dressed in, and when that begins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from gateway.app import Collaborators
from gateway.clocks.system import SystemClock
from gateway.ports.world import Clock
from mock_partners.behaviours import Own, SpecInvalid, Trace, dress, live, parse
from mock_partners.behaviours.behaviour import Behaviour, Member
from mock_partners.network.topology import NetworkInvalid
from mock_partners.staging.homes import Home
from mock_partners.staging.script import ADVERSARIES


def check_behaviours(behaviours: Mapping[str, Sequence[str]], members: Sequence[str]) -> None:
    """Refuse what nobody can do, and what is not done in anybody's name.

    Raises:
        NetworkInvalid: a member may not misbehave or is none, or there is no such behaviour.
    """
    for member, specs in behaviours.items():
        if member not in ADVERSARIES:
            raise NetworkInvalid(f"{member} cannot misbehave: adversaries are {', '.join(sorted(ADVERSARIES))}.")
        if member not in members:
            raise NetworkInvalid(f"{member} is to misbehave and is no member of the network.")
        read_behaviours(specs)


def read_behaviours(specs: Sequence[str]) -> list[Behaviour]:
    """Read behaviours.

    Raises:
        NetworkInvalid: there is no such behaviour, or it has no such value.
    """
    try:
        return [parse(spec) for spec in specs]
    except SpecInvalid as error:
        raise NetworkInvalid(str(error)) from None


class Dress:
    """What a member's node wears: a trace of its links, and its behaviours, which wait for ``begin``."""

    def __init__(self, home: Home, specs: Sequence[str], trace: Trace, clock: Clock | None = None) -> None:
        self._behaviours = read_behaviours(specs)
        for each in self._behaviours:
            each.end()
        self._own = Own(home.settings, home.path, clock=clock or SystemClock(), trace=trace)
        self.collaborators: Collaborators = dress(self._behaviours, self._own)

    def begin(self, member: Member) -> asyncio.Task[None]:
        """Misbehave from now on, as scheduled; cancel what it gives when the node goes off."""
        for each in self._behaviours:
            each.take_part(self._own)
            each.begin()
        return asyncio.create_task(live(self._behaviours, member))
