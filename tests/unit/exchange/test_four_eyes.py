"""Two officers for a change of trust: who may, what is compared, what ends by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.errors import Absent, DocumentInvalid, Pressure, SameOfficer, SignatureInvalid
from gateway.exchange.four_eyes import DAY_SECONDS, WAITING_AT_MOST, Added, FourEyes
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.trust.documents import digest_of, read_document
from tests.contracts.making import SeededChance
from tests.unit.exchange.trusted_world import NOW, agreement_text, descriptor_note, signed_by


@dataclass
class Clock:
    time: int = NOW

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.time


@dataclass
class Node:
    store: SqliteStore
    clock: Clock
    keeper: TrustKeeper
    officers: FourEyes


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    clock = Clock()
    store = await open_store(tmp_path / "gateway.db", randomness=SeededChance(), clock=clock, reserve=0)
    keeper = TrustKeeper(own="CN", documents=store.documents, clock=clock)
    await keeper.add_descriptor(descriptor_note("CN"), digest=None, by="descriptor file")
    officers = FourEyes(keeper=keeper, proposals=store.proposals, clock=clock, required=True)
    yield Node(store, clock, keeper, officers)
    await store.close()


def digest(note: bytes) -> bytes:
    return digest_of(read_document(note).text)


NL = descriptor_note("NL")
AGREEMENT = signed_by(agreement_text("cn-nl", "CN", "NL", [("screening_result", ["*"])]), "CN", "NL")


async def proposed(node: Node, by: str = "anna") -> Added:
    return await node.officers.add_partner(NL, digest=digest(NL), by=by)


async def test_a_partner_is_in_force_with_the_second_officer_alone(node: Node) -> None:
    added = await proposed(node)
    assert (added.identity, added.version) == ("NL", 1)
    assert added.proposal
    assert node.keeper.book.partners == ()
    assert await node.officers.approve(added.proposal, digest=digest(NL), by="bert") == Added("NL", 1)
    assert node.keeper.book.partners == ("NL",)
    assert not await node.officers.pending()
    (_, stored) = await node.keeper.stored()
    assert stored.added_by == "anna, approved by bert"


async def test_an_agreement_likewise(node: Node) -> None:
    await node.officers.approve((await proposed(node)).proposal, digest=digest(NL), by="bert")
    added = await node.officers.add_agreement(AGREEMENT, by="bert")
    assert node.keeper.book.agreements == ()
    await node.officers.approve(added.proposal, digest=digest(AGREEMENT), by="anna")
    assert [each.terms.id for each in node.keeper.book.agreements] == ["cn-nl"]


async def test_nobody_is_two_officers(node: Node) -> None:
    added = await proposed(node)
    with pytest.raises(SameOfficer):
        await node.officers.approve(added.proposal, digest=digest(NL), by="anna")
    assert node.keeper.book.partners == ()
    assert await proposed(node) == added, "the same again is the same proposal"
    assert len(await node.officers.pending()) == 1


async def test_the_second_officer_compares_too(node: Node) -> None:
    added = await proposed(node)
    with pytest.raises(DocumentInvalid, match="not the one that was given"):
        await node.officers.approve(added.proposal, digest=bytes(32), by="bert")
    assert len(await node.officers.pending()) == 1


async def test_what_does_not_hold_is_not_proposed(node: Node) -> None:
    with pytest.raises(DocumentInvalid):
        await node.officers.add_partner(NL, digest=bytes(32), by="anna")
    with pytest.raises(SignatureInvalid):
        await node.officers.add_partner(NL.replace(b"NL", b"DE", 1), digest=digest(NL), by="anna")
    with pytest.raises(DocumentInvalid):
        await node.officers.add_agreement(AGREEMENT, by="anna")  # NL is not known yet
    assert not await node.officers.pending()


async def test_a_proposal_ends_by_itself(node: Node) -> None:
    added = await proposed(node)
    node.clock.time += 7 * DAY_SECONDS - 1
    await node.officers.expire(node.clock.now())
    assert len(await node.officers.pending()) == 1
    node.clock.time += 1
    assert not await node.officers.pending()
    with pytest.raises(Absent):
        await node.officers.approve(added.proposal, digest=digest(NL), by="bert")
    await node.officers.expire(node.clock.now())
    entries = await node.store.audit.entries(first=0, limit=9)
    assert (entries[-1].actor, entries[-1].action, entries[-1].detail) == ("gateway", "settle", "proposal 1: EXPIRED")
    await node.officers.expire(node.clock.now())
    assert len(await node.store.audit.entries(first=0, limit=9)) == len(entries)


async def test_a_proposal_is_withdrawn(node: Node) -> None:
    added = await proposed(node)
    await node.officers.withdraw(added.proposal, reason="another file", by="bert")
    assert not await node.officers.pending()


async def test_few_wait(node: Node) -> None:
    for number in range(WAITING_AT_MOST):
        await proposed(node, by=f"officer {number}")
    with pytest.raises(Pressure):
        await proposed(node, by="another")


async def test_where_one_is_enough_it_is_done_at_once(node: Node) -> None:
    alone = FourEyes(keeper=node.keeper, proposals=node.store.proposals, clock=node.clock, required=False)
    assert await alone.add_partner(NL, digest=digest(NL), by="anna") == Added("NL", 1)
    assert await alone.add_agreement(AGREEMENT, by="anna") == Added("cn-nl", 1)
