"""Whether anything is under way: what each member has stated for each partner, beside what that partner holds of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mutualrecognition.operations.v1 import links_service_pb2 as operations

PATIENCE_SECONDS: Final = 30.0
"""How long nothing may move before whoever waits for quiet gives up; a link that was cut is back sooner."""

ADVERSARIES_PATIENCE_SECONDS: Final = 2.0
"""How long nothing may move before what a member that misbehaves leaves hanging is waited for no more."""

_LOOK_SECONDS: Final = 0.02

Rows = Mapping[str, Sequence[operations.Link]]
"""The links of each member, as its operator sees them."""


class Unsettled(Exception):
    """Something stays under way: which directions, and what is missing in each."""


@dataclass(frozen=True, slots=True, order=True)
class Direction:
    """One log of a link: ``stated`` counts what its issuer has taken in for it, ``held`` what the receiver has."""

    issuer: str
    receiver: str
    stated: int
    receipted: int
    held: int

    @property
    def settled(self) -> bool:
        """Whether everything stated is held, and signed for."""
        return self.stated == self.receipted == self.held

    def is_between(self, *members: str) -> bool:
        """Whether one of these members is at one of its ends."""
        return self.issuer in members or self.receiver in members

    @property
    def missing(self) -> int:
        """How many records the receiver does not have."""
        return self.stated - self.held

    def __str__(self) -> str:
        """Say it for people."""
        return (
            f"{self.issuer} → {self.receiver}: {self.stated:,} stated, {self.held:,} arrived, "
            f"{self.receipted:,} signed for"
        )


def directions(rows: Rows) -> list[Direction]:
    """Put both sides of every log beside each other; a log whose receiver is not in ``rows`` is left out."""
    held = {(own, link.partner): link.held.size for own, links in rows.items() for link in links}
    return sorted(
        Direction(
            issuer=own,
            receiver=link.partner,
            stated=link.issued.size + link.waiting,
            receipted=link.issued.receipted,
            held=held[link.partner, own],
        )
        for own, links in rows.items()
        for link in links
        if (link.partner, own) in held
    )


def rests(logs: Sequence[Direction], adversaries: Collection[str], still_for: float) -> bool:
    """Say whether nothing is under way among honest members, and nothing comes of the others any more."""
    hanging = [each for each in logs if not each.settled]
    return all(each.is_between(*adversaries) for each in hanging) and (
        not hanging or still_for > ADVERSARIES_PATIENCE_SECONDS
    )


async def wait_until_quiet(
    look: Callable[[], Awaitable[Sequence[Direction]]],
    *,
    adversaries: Collection[str] = (),
    patience: float = PATIENCE_SECONDS,
) -> list[Direction]:
    """Wait until two looks in a row see the same, and every log settled; gives what was seen.

    Two, since one member is asked after the other. What ``adversaries`` leave hanging is waited for a little only.

    Raises:
        Unsettled: nothing moves any more, and something is missing.
    """
    before: list[Direction] = []
    since = monotonic()
    while True:
        now = list(await look())
        if now == before and rests(now, adversaries, monotonic() - since):
            return now
        if now != before:
            before, since = now, monotonic()
        elif monotonic() - since > patience:
            raise Unsettled("; ".join(str(each) for each in now if not each.settled))
        await asyncio.sleep(_LOOK_SECONDS)
