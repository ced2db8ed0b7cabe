"""What a network is to be: who takes part, who agrees with whom, how much is traded. It travels to workers as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from mock_partners.network.countries import COUNTRIES
from mock_partners.network.misbehaving import check_behaviours
from mock_partners.network.national_system import Trade
from mock_partners.network.profiles import profiles_of, rates_of
from mock_partners.network.topology import NetworkInvalid, Pair, check_members, neighbours, pairs_of

IN_ONE_PROCESS: Final = 12
"""Members that this process runs by itself; with more of them, workers share them."""


@dataclass(frozen=True)
class Plan:
    """A network. ``rate`` is records a second of all members together; ``csv`` replaces the made-up traffic.

    ``vessels`` is how many sail from each member to each of its partners, without end where it is 0.

    Raises:
        NetworkInvalid: such a network there cannot be.
    """

    members: tuple[str, ...]
    place: str
    topology: str = "mesh"
    seed: int = 1
    rate: float = 20.0
    profile: str = "mixed"
    csv: str = ""
    vessels: int = 0
    behaviours: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at everything before anything is made."""
        check_members(self.members)
        profiles_of(self.profile, self.members, seed=self.seed)
        check_behaviours(self.behaviours, self.members)
        if self.rate <= 0:
            raise NetworkInvalid("The rate is records a second: more than none.")
        self.pairs  # noqa: B018  it refuses a topology that cannot be

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each pair of members that has an agreement, once."""
        return pairs_of(self.topology, self.members, seed=self.seed)

    @cached_property
    def partners(self) -> dict[str, list[str]]:
        """Each member's partners."""
        return neighbours(self.pairs)

    def exports(self, member: str) -> list[Trade]:
        """Say what a member states for each of its partners."""
        profiles = profiles_of(self.profile, self.members, seed=self.seed)
        each = rates_of(self.rate, profiles)[member] / len(self.partners[member])
        return [Trade(partner, each, profiles[member], self.vessels) for partner in self.partners[member]]

    def imports(self, member: str) -> list[Trade]:
        """Say what a member gets from each of its partners."""
        return [
            replace(trade, partner=partner)
            for partner in self.partners[member]
            for trade in self.exports(partner)
            if trade.partner == member
        ]

    def home(self, member: str) -> Path:
        """Say where a member's home is."""
        return Path(self.place) / member.lower()

    def to_json(self) -> dict[str, Any]:
        """Write it for a worker."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Plan:
        """Read what ``to_json`` wrote."""
        return cls(**{**given, "members": tuple(given["members"])})


def members_in(wanted: str) -> tuple[str, ...]:
    """Read members from the command line: their codes, or how many countries.

    Raises:
        NetworkInvalid: it is neither.
    """
    if not wanted.isdigit():
        return tuple(each.strip() for each in wanted.split(",") if each.strip())
    if not 2 <= int(wanted) <= len(COUNTRIES):
        raise NetworkInvalid(f"A network has 2 to {len(COUNTRIES)} members, one for each country that has a code.")
    return COUNTRIES[: int(wanted)]


def behaviours_in(wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read behaviours from the command line, each as ``XA=SPEC``.

    Raises:
        NetworkInvalid: one does not have that form.
    """
    found: dict[str, tuple[str, ...]] = {}
    for each in wanted:
        member, equals, spec = each.partition("=")
        if not (equals and member and spec):
            raise NetworkInvalid(f"{each!r} is not a member and its behaviour, as in XA=fork@30s.")
        found[member] = (*found.get(member, ()), spec)
    return found
