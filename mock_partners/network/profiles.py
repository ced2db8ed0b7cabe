"""How much a member trades: from a small island to a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from mock_partners.network.topology import NetworkInvalid
from mock_partners.traffic.voyages import RECORDS_A_BOX


@dataclass(frozen=True, slots=True)
class Profile:
    """``weight`` is a member's part of the network's rate beside the others'; ``boxes`` on one vessel, from and to."""

    weight: float
    boxes: tuple[int, int]

    @property
    def records_a_voyage(self) -> float:
        """How many records a vessel stands for, on average."""
        return RECORDS_A_BOX * sum(self.boxes) / 2


PROFILES: Final = {
    "island": Profile(0.1, (1, 3)),
    "small": Profile(0.5, (2, 8)),
    "medium": Profile(1.0, (4, 16)),
    "hub": Profile(4.0, (10, 40)),
}
MIXED: Final = "mixed"
_SHARES: Final = {"island": 30, "small": 40, "medium": 25, "hub": 5}


def profiles_of(name: str, members: Sequence[str], *, seed: int) -> dict[str, Profile]:
    """Give each member its profile: all the same, or ``mixed``, where the first is a hub and the others are drawn.

    Raises:
        NetworkInvalid: there is no such profile.
    """
    if name == MIXED:
        drawn = Random(seed).choices(list(_SHARES), weights=list(_SHARES.values()), k=len(members))  # noqa: S311
        return {member: PROFILES[each] for member, each in zip(members, ["hub", *drawn[1:]], strict=True)}
    if name not in PROFILES:
        raise NetworkInvalid(f"There is no profile {name!r}: {', '.join(PROFILES)} or {MIXED}.")
    return dict.fromkeys(members, PROFILES[name])


def rates_of(rate: float, profiles: dict[str, Profile]) -> dict[str, float]:
    """Divide the network's records a second among its members."""
    whole = sum(profile.weight for profile in profiles.values())
    return {member: rate * profile.weight / whole for member, profile in profiles.items()}
