"""The port ``WaitingDocuments``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Pressure
from gateway.ports.documents import WaitingDocument
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, Store

OFFERED = WaitingDocument("CN", b"\1" * 32, b"note", NOW)
PLANNED = WaitingDocument("", b"\2" * 32, b"another", NOW)


async def test_what_waits_is_kept_oldest_first_until_it_is_settled(backend: Backend) -> None:
    store = await backend.open()
    for each in (PLANNED, OFFERED, PLANNED):
        await store.waiting.keep(each, actor="CN", most=16)
    store = await backend.reopen()
    assert list(await store.waiting.waiting()) == [PLANNED, OFFERED]
    for _ in range(2):
        await store.waiting.settle(PLANNED, outcome="in force", actor="plan", at=NOW)
    assert list(await store.waiting.waiting()) == [OFFERED]


async def test_one_source_has_its_own_room(store: Store) -> None:
    for number in range(3):
        await store.waiting.keep(replace(OFFERED, digest=bytes([number]) * 32), actor="CN", most=3)
    with pytest.raises(Pressure, match="3 documents of CN wait already"):
        await store.waiting.keep(replace(OFFERED, digest=b"\7" * 32), actor="CN", most=3)
    await store.waiting.keep(replace(OFFERED, digest=b"\1" * 32), actor="CN", most=3)
    await store.waiting.keep(replace(OFFERED, source="US"), actor="US", most=3)
    assert len(await store.waiting.waiting()) == 4


async def test_both_changes_stand_in_the_audit_log(store: Store) -> None:
    await store.waiting.keep(OFFERED, actor="CN", most=16)
    await store.waiting.settle(OFFERED, outcome="refused: no", actor="officer", at=NOW + 1)
    entries = await store.audit.entries(first=0, limit=10)
    assert [(each.actor, each.action) for each in entries] == [("CN", "keep_document"), ("officer", "settle_document")]
    assert "refused: no" in entries[-1].detail


async def test_the_version_that_a_partner_has_shown_last(backend: Backend) -> None:
    store = await backend.open()
    for partner, version in (("CN", 1), ("US", 2), ("CN", 3)):
        await store.waiting.note_held(partner, version)
    store = await backend.reopen()
    assert dict(await store.waiting.versions_held()) == {"CN": 3, "US": 2}
