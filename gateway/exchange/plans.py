"""Planned descriptors: next versions of one's own, signed in advance, that come into force at the time they state.

The second half of a roll needs root keys as the first does, and they should come out of the safe once. So both
versions are signed at once, and the node takes the later one when its time has come.
"""

from __future__ import annotations

from typing import Final

from gateway.errors import Conflict, DocumentInvalid
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import WaitingDocument, WaitingDocuments
from gateway.ports.world import Clock
from gateway.trust.descriptors import Descriptor, parse_descriptor
from gateway.trust.documents import read_document
from gateway.trust.succession import verify_successor

PLANS_AT_MOST: Final = 8
_OWN: Final = ""


class Plans:
    """Takes a next version into force at once, or keeps it until its time."""

    def __init__(self, *, keeper: TrustKeeper, waiting: WaitingDocuments, clock: Clock) -> None:
        self._keeper = keeper
        self._waiting = waiting
        self._clock = clock

    async def publish(self, note: bytes, *, by: str, replace: bool = False) -> Descriptor:
        """Take the next version of one's own descriptor; ``replace`` gives up what was planned before.

        Raises:
            Conflict: the version is planned already with another text.
            DocumentInvalid, SignatureInvalid, KeyRefused, NoteMalformed: it does not follow.
        """
        new = parse_descriptor(read_document(note).text)
        if new.administration != self._keeper.book.own:
            raise DocumentInvalid(
                f"The descriptor is of {new.administration}; this node is of {self._keeper.book.own}."
            )
        if self._keeper.book.holds(new.digest):
            return new
        if replace:
            await self._give_up(by)
        planned = await self._planned()
        known = planned[-1][1] if planned else self._keeper.book.descriptor_of(new.administration)
        if any(each.digest == new.digest for _, each in planned):
            return new
        if planned and new.version <= known.version:
            raise Conflict(
                f"Version {planned[0][1].version} of the descriptor is signed already and comes into force at "
                f"{planned[0][1].issued}; wait for it, or publish this one in its place."
            )
        verify_successor(known, note)
        now = self._clock.now()
        if not planned and new.issued <= now:
            await self._keeper.add_own(note, by=by)
        else:
            plan = WaitingDocument(_OWN, new.digest, note, now)
            await self._waiting.keep(plan, actor=by, most=PLANS_AT_MOST)
        return new

    async def planned(self) -> list[Descriptor]:
        """Give what is to come into force, in its order."""
        return [each for _, each in await self._planned()]

    async def tick(self, now: int) -> None:
        """Take into force what is due."""
        for plan, descriptor in await self._planned():
            if descriptor.issued > now:
                return
            await self._keeper.add_own(plan.note, by="plan")
            await self._waiting.settle(plan, outcome="in force", actor="plan", at=now)

    async def _give_up(self, by: str) -> None:
        for plan, _ in await self._planned():
            await self._waiting.settle(plan, outcome="given up for another", actor=by, at=self._clock.now())

    async def _planned(self) -> list[tuple[WaitingDocument, Descriptor]]:
        own = [each for each in await self._waiting.waiting() if each.source == _OWN]
        read = [(each, parse_descriptor(read_document(each.note).text)) for each in own]
        return sorted(read, key=lambda pair: pair[1].version)
