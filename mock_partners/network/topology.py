"""Who has an agreement with whom: ``mesh``, ``star``, ``regions`` or ``k-regular:K``, the same for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random
from typing import Final

REGION_SIZE: Final = 6
"""Members of one region, where the topology does not say."""

Pair = tuple[str, str]
_CODE: Final = re.compile(r"[A-Z]{2}")
_FORM: Final = re.compile(r"(mesh|star|regions|k-regular)(?::([1-9][0-9]{0,2}))?")


class NetworkInvalid(Exception):
    """A network cannot be as it was asked for; whoever asked for it corrects that."""


def check_members(members: Sequence[str]) -> None:
    """Refuse what cannot be the members of a network.

    Raises:
        NetworkInvalid: a code is none, stands twice, or there are fewer than two.
    """
    for member in members:
        if not _CODE.fullmatch(member):
            raise NetworkInvalid(f"{member!r} is not the code of an administration: two capital letters.")
    twice = sorted({member for member in members if members.count(member) > 1})
    if twice:
        raise NetworkInvalid(f"Named twice as a member: {', '.join(twice)}.")
    if len(members) < 2:
        raise NetworkInvalid("A network has two members at least.")


def pairs_of(topology: str, members: Sequence[str], *, seed: int = 1) -> list[Pair]:
    """Give each pair of members that has an agreement, once.

    ``star``: everybody with the first member. ``regions:SIZE``: everybody within a region, in the order of
    ``members``, and the first of each region with the first of every other. ``k-regular:K``: each member has K
    partners, drawn by ``seed``, and everybody is reached by somebody.

    Raises:
        NetworkInvalid: there is no such topology, or not with so many members.
    """
    found = _FORM.fullmatch(topology)
    if not found or ((found[2] is None) != (found[1] in ("mesh", "star")) and found[1] != "regions"):
        raise NetworkInvalid(f"{topology!r} is not a topology: mesh, star, regions, regions:SIZE or k-regular:K.")
    number = int(found[2]) if found[2] else REGION_SIZE
    match found[1]:
        case "mesh":
            return list(combinations(members, 2))
        case "star":
            return [(members[0], other) for other in members[1:]]
        case "regions":
            return list(_regions(members, number))
        case _:
            return list(_regular(members, number, seed))


def _regions(members: Sequence[str], size: int) -> Iterator[Pair]:
    regions = [members[start : start + size] for start in range(0, len(members), size)]
    for region in regions:
        yield from combinations(region, 2)
    yield from combinations([region[0] for region in regions], 2)


def _regular(members: Sequence[str], degree: int, seed: int) -> Iterator[Pair]:
    """Draw a ring; each member has those that stand nearest to it, and with an odd degree the one opposite as well."""
    count = len(members)
    if degree >= count or degree * count % 2 or (degree == 1 and count > 2):
        raise NetworkInvalid(
            f"{count} members cannot have {degree} partners each: fewer partners than members, an even number of "
            "agreements' ends, and at least 2 partners each where there are more than two members."
        )
    ring = list(members)
    Random(seed).shuffle(ring)  # noqa: S311  it must repeat, nothing depends on its secrecy
    for step in range(1, degree // 2 + 1):
        yield from ((ring[place], ring[(place + step) % count]) for place in range(count))
    if degree % 2:
        half = count // 2
        yield from ((ring[place], ring[place + half]) for place in range(half))


def neighbours(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """Give each member's partners, in order."""
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return {member: sorted(partners) for member, partners in found.items()}
