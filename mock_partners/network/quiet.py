"""Whether anything is under way: what each member has stated for each partner, beside what that partner holds of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mutualrecognition.operations.v1 import links_service_pb2 as operations

PATIENCE_SECONDS: Final = 30.0
"""How long nothing may move before whoever waits for quiet gives up; a link that was cut is back sooner."""

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


async def wait_until_quiet(
    look: Callable[[], Awaitable[Sequence[Direction]]], *, patience: float = PATIENCE_SECONDS
) -> list[Direction]:
    """Wait until two looks in a row see the same, and every log settled; gives what was seen.

    Two, since one member is asked after the other.

    Raises:
        Unsettled: nothing moves any more, and something is missing.
    """
    before: list[Direction] = []
    since = monotonic()
    while True:
        now = list(await look())
        if now == before and all(each.settled for each in now):
            return now
        if now != before:
            before, since = now, monotonic()
        elif monotonic() - since > patience:
            raise Unsettled("; ".join(str(each) for each in now if not each.settled))
        await asyncio.sleep(_LOOK_SECONDS)
