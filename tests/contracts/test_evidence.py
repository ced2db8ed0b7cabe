"""The port ``Records``: proofs. What a store gives must verify with nothing but the link log library."""

from __future__ import annotations

from random import Random

import pytest

from gateway.errors import Absent, NotYetReceipted
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.paths import verify_inclusion
from gateway.linklog.tree import CompactRange
from gateway.ports.links import Direction, Entry
from gateway.ports.records import OWN, EvidenceParts
from tests.contracts.conftest import Backend
from tests.contracts.making import (
    PartnerLog,
    Store,
    admission,
    form,
    held_origin,
    issue,
    issued_origin,
    judged_entry,
    open_link,
    receipt,
    record_id,
    tree_of_entries,
)


def verify(parts: EvidenceParts, entries: list[Entry]) -> None:
    root = tree_of_entries(entries[: parts.size]).root()
    leaf = leaf_hash(commitment(parts.salt, parts.record))
    verify_inclusion(parts.index, parts.size, leaf, parts.path, root)
    assert Entry(parts.salt, parts.record) == entries[parts.index]


@pytest.mark.parametrize("seed", range(4))
async def test_every_kind_of_place_in_an_issued_log(backend: Backend, seed: int) -> None:
    random = Random(seed)
    store = await backend.open()
    sizes = [random.choice((1, 2, 3, 7, 31, 64, 200, 255, 256, 257, 700)) for _ in range(10)]
    entries: list[Entry] = []
    receipts: list[int] = []
    for size in sizes:
        first = len(entries)
        entries += (await issue(store, size, first=first))[0].entries
        if random.random() < 0.7:
            await receipt(store, len(entries))
            receipts.append(len(entries))
    store = await backend.reopen()
    for index in {0, len(entries) - 1, *(random.randrange(len(entries)) for _ in range(60))}:
        covering = [size for size in receipts if size > index]
        if not covering:
            with pytest.raises(NotYetReceipted):
                await store.records.evidence(OWN, record_id(index), "CN")
            continue
        parts = await store.records.evidence(OWN, record_id(index), "CN")
        assert (parts.partner, parts.direction, parts.origin) == ("CN", Direction.ISSUED, issued_origin("CN"))
        assert (parts.index, parts.size, parts.note) == (index, covering[0], f"issued {covering[0]}".encode())
        verify(parts, entries)
        later = [size for size in covering if size > covering[0]]
        if later:
            parts = await store.records.evidence(OWN, record_id(index), "CN", beyond=covering[0])
            assert parts.size == later[0]
            verify(parts, entries)
        else:
            with pytest.raises(NotYetReceipted):
                await store.records.evidence(OWN, record_id(index), "CN", beyond=covering[0])


async def test_every_entry_of_a_held_log(store: Store) -> None:
    random = Random(9)
    await open_link(store)
    log = PartnerLog()
    held = [judged_entry(number) for number in range(600)]
    sizes, first = [], 0
    while first < len(held):
        batch = held[first : first + random.randrange(1, 130)]
        await store.logs.commit_batch(log.batch(*batch))
        first += len(batch)
        sizes.append(first)
    entries = [each.entry for each in held]
    for index, each in enumerate(held):
        parts = await store.records.evidence("CN", each.record_id)
        assert (parts.direction, parts.origin) == (Direction.RECEIVED, held_origin("CN"))
        assert (parts.index, parts.size) == (index, next(size for size in sizes if size > index))
        verify(parts, entries)


async def test_each_partner_has_its_own_proof(store: Store) -> None:
    await issue(store, 3, partner="US")
    await store.intake.admit([admission(10, "CN", "US")])
    await open_link(store, "CN")
    to_china, to_usa = await form(store, 0, "CN"), await form(store, 3, "US")
    await receipt(store, 1, "CN")
    await receipt(store, 4, "US")
    china, usa = [await store.records.evidence(OWN, record_id(10), partner) for partner in ("CN", "US")]
    assert (china.index, usa.index) == (0, 3)
    assert Entry(china.salt, china.record) == to_china.entries[0]
    assert Entry(usa.salt, usa.record) == to_usa.entries[0]
    with pytest.raises(Absent):
        await store.records.evidence(OWN, record_id(10), "")


async def test_the_released_form_is_proven(store: Store) -> None:
    await issue(store, 1)
    await receipt(store, 1)
    assert (await store.records.evidence(OWN, record_id(0), "")).record == b"released 0"


async def test_a_record_that_waits(store: Store) -> None:
    await store.intake.admit([admission(1)])
    with pytest.raises(NotYetReceipted):
        await store.records.evidence(OWN, record_id(1), "")


async def test_no_such_record(store: Store) -> None:
    await issue(store, 1)
    await receipt(store, 1)
    for name, partner in ((record_id(5), ""), (record_id(0), "US"), ("", ""), ("", "CN")):
        with pytest.raises(Absent):
            await store.records.evidence(OWN, name, partner)
    with pytest.raises(Absent):
        await store.records.evidence("CN", record_id(0))


async def test_of_one_id_each_has_its_own_proof(store: Store) -> None:
    await issue(store, 1)
    await receipt(store, 1)
    await store.logs.commit_batch(PartnerLog("CN").batch(judged_entry(7, record_id=record_id(0))))
    await open_link(store, "US")
    await store.logs.commit_batch(PartnerLog("US").batch(judged_entry(8), judged_entry(9, record_id=record_id(0))))
    proofs = [await store.records.evidence(whose, record_id(0)) for whose in (OWN, "CN", "US")]
    assert [each.record for each in proofs] == [b"released 0", b"received 7", b"received 9"]
    assert [(each.partner, each.direction, each.index) for each in proofs] == [
        ("CN", Direction.ISSUED, 0),
        ("CN", Direction.RECEIVED, 0),
        ("US", Direction.RECEIVED, 1),
    ]


async def test_a_receipt_beyond_the_batch_proves_too(store: Store) -> None:
    batches = await issue(store, 2, 300, 5)
    await receipt(store, 307)
    entries = [entry for batch in batches for entry in batch.entries]
    parts = await store.records.evidence(OWN, record_id(1), "CN")
    assert parts.size == 307
    verify(parts, entries)
    assert tree_of_entries(entries) == batches[-1].tree != CompactRange()
