"""The port ``Proposals``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Absent
from gateway.ports.documents import DocumentType
from gateway.ports.proposals import Proposal, Settlement
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, Store

PROPOSAL = Proposal(0, DocumentType.DESCRIPTOR, "CN", 1, bytes(32), b"note", "anna", NOW, NOW + 100)


async def test_what_is_proposed_waits(backend: Backend) -> None:
    store = await backend.open()
    first = await store.proposals.propose(PROPOSAL)
    second = await store.proposals.propose(replace(PROPOSAL, type=DocumentType.AGREEMENT, identity="cn-nl"))
    store = await backend.reopen()
    assert first != second
    assert list(await store.proposals.pending()) == [
        replace(PROPOSAL, number=first),
        replace(PROPOSAL, number=second, type=DocumentType.AGREEMENT, identity="cn-nl"),
    ]


@pytest.mark.parametrize("settlement", Settlement)
async def test_what_is_settled_waits_no_more(settlement: Settlement, store: Store) -> None:
    number = await store.proposals.propose(PROPOSAL)
    await store.proposals.settle(number, settlement, by="bert", detail="so it is", at=NOW + 1)
    assert not await store.proposals.pending()
    for unknown in (number, number + 1):
        with pytest.raises(Absent):
            await store.proposals.settle(unknown, settlement, by="bert", detail="", at=NOW + 2)
    entries = await store.audit.entries(first=0, limit=9)
    assert [(each.actor, each.action) for each in entries] == [("anna", "propose"), ("bert", "settle")]
    assert entries[1].detail == f"proposal {number}: {settlement}, so it is"
