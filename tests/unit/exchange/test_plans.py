"""Next versions that are signed in advance."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gateway.errors import Conflict, DocumentInvalid
from gateway.exchange.plans import Plans
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import WaitingDocument
from gateway.trust.descriptors import Descriptor, parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from gateway.trust.revision import Revision
from tests.unit.exchange.link_world import Clock, run
from tests.unit.exchange.test_newer_documents import keeper_of_cn
from tests.unit.exchange.trusted_world import descriptor_note, signer


@dataclass
class Waiting:
    """Waiting documents in a list."""

    kept: list[WaitingDocument] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    async def waiting(self) -> list[WaitingDocument]:
        return list(self.kept)

    async def keep(self, document: WaitingDocument, *, actor: str, most: int) -> None:
        self.kept.append(document)

    async def settle(self, document: WaitingDocument, *, outcome: str, actor: str, at: int) -> None:
        self.kept.remove(document)
        self.settled.append(outcome)


class World:
    def __init__(self) -> None:
        self.keeper: TrustKeeper = keeper_of_cn()
        self.waiting, self.clock = Waiting(), Clock()
        self.plans = Plans(keeper=self.keeper, waiting=self.waiting, clock=self.clock)
        self.first = parse_descriptor(read_document(descriptor_note("CN")).text)

    def after(self, known: Descriptor, name: str, *, seconds: int) -> Descriptor:
        return Revision(name=name).after(known, issued=self.clock.now() + seconds)

    def publish(self, descriptor: Descriptor, **options: bool) -> None:
        run(self.plans.publish(sign_descriptor(descriptor, [signer("CN", "root")]), by="operator", **options))

    @property
    def in_force(self) -> int:
        return self.keeper.book.descriptor_of("CN").version


def test_a_version_of_now_is_in_force_and_one_of_later_waits_for_its_time() -> None:
    world = World()
    second = world.after(world.first, "second", seconds=0)
    third = world.after(second, "third", seconds=100)
    fourth = world.after(third, "fourth", seconds=200)
    for each in (second, third, fourth, third):
        world.publish(each)
    assert world.in_force == 2
    assert [each.version for each in run(world.plans.planned())] == [3, 4]
    for seconds, version in ((99, 2), (100, 3), (199, 3), (200, 4), (300, 4)):
        run(world.plans.tick(world.clock.now() + seconds))
        assert world.in_force == version
    assert world.waiting.settled == ["in force"] * 2


def test_a_planned_version_is_not_passed_by_unless_it_is_given_up() -> None:
    world = World()
    planned = world.after(world.first, "planned", seconds=100)
    urgent = world.after(world.first, "urgent", seconds=0)
    world.publish(planned)
    with pytest.raises(Conflict, match="signed already"):
        world.publish(urgent)
    world.publish(urgent, replace=True)
    assert world.in_force == 2
    run(world.plans.tick(world.clock.now() + 1000))
    assert world.keeper.book.descriptor_of("CN") == urgent


def test_a_plan_must_follow() -> None:
    world = World()
    third = world.after(world.after(world.first, "second", seconds=0), "third", seconds=100)
    with pytest.raises(DocumentInvalid, match="does not come next"):
        world.publish(third)
    assert world.waiting.kept == []
