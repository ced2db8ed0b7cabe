"""Dresses a node: puts its behaviours where a real gateway has its ports, one over the other in the order given."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import reduce

from gateway.app import Collaborators
from gateway.exchange.release import Release, Releaser, Route
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock
from gateway.rpc.link_ends import LinkEnds
from gateway.trust.book import TrustBook
from mock_partners.behaviours.behaviour import Behaviour, Member, Own
from mutualrecognition.records.v1.record_pb2 import Record


def dress(behaviours: Sequence[Behaviour], own: Own) -> Collaborators:
    """Give the collaborators of a node with these behaviours; without any it is an honest node that is traced."""
    for each in behaviours:
        each.take_part(own)
    traced = own.trace.of(own.administration)

    def logs(real: LinkLogs) -> LinkLogs:
        own.logs = real
        return reduce(lambda under, each: each.logs(under), behaviours, real)

    def releaser(book: TrustBook) -> Releaser:
        own.book = book
        return _Releaser(book, behaviours)

    def between(partner: str, ends: LinkEnds) -> LinkEnds:
        return reduce(lambda under, each: each.between(partner, under), behaviours, traced(partner, ends))

    def clock(real: Clock) -> Clock:
        return reduce(lambda under, each: each.clock(under), behaviours, real)

    return Collaborators(logs=logs, releaser=releaser, between=between, clock=clock)


async def live(behaviours: Sequence[Behaviour], member: Member) -> None:
    """Let every behaviour act by itself, as scheduled, until this is cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for each in behaviours:
            tasks.create_task(_live(each, member))


async def _live(behaviour: Behaviour, member: Member) -> None:
    await behaviour.until_on()
    if behaviour.on:
        await behaviour.act(member)
    while behaviour.again_after is not None:
        await asyncio.sleep(behaviour.again_after)
        if behaviour.on:
            await behaviour.act(member)


class _Releaser(Releaser):
    """Releases as behaviours want it."""

    def __init__(self, book: TrustBook, behaviours: Sequence[Behaviour]) -> None:
        super().__init__(book)
        self._behaviours = behaviours

    def routes(self, record: Record, *, recipients: Collection[str], at: int) -> tuple[Route, ...]:
        routes = super().routes(record, recipients=recipients, at=at)
        return reduce(lambda under, each: each.routed(record, under), self._behaviours, routes)

    def forms(
        self, record: Record, routes: Collection[Route], *, superseded: Mapping[str, Collection[str]]
    ) -> tuple[Release, ...]:
        stated = reduce(lambda under, each: each.stated(under), self._behaviours, record)
        releases = super().forms(stated, routes, superseded=superseded)
        return reduce(lambda under, each: each.released(under), self._behaviours, releases)
