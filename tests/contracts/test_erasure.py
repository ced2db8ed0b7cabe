"""An operator withdraws its consent: what its administration stated on it is erased before the tombstone's receipt."""

from __future__ import annotations

from hashlib import sha256

import pytest

from gateway import records
from gateway.errors import EvidenceErased, Violation
from gateway.linklog.hashing import commitment
from gateway.ports.links import Direction, Entry, JudgedEntry, Standing
from gateway.ports.records import Erased, RecordQuery, StoredRecord
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, PartnerLog, Store, admission, held_origin, open_link
from tests.unit.views.making import START, TIN, base, standing, tombstone

ALL = RecordQuery(include_quarantined=True)
NAMED = "Yantian Bonded Warehousing"


def mapping(number: int, *, day: float, tin: str = TIN) -> Record:
    record = base("identifier_mapping", number, day)
    record.header.subject.operator.tin = record.identifier_mapping.tin = tin
    return record


def certified(number: int, **details: object) -> Record:
    record = standing(number, **details)  # type: ignore[arg-type]
    record.aeo_status.legal_name = NAMED
    return record


def judged(record: Record, **changes: object) -> JudgedEntry:
    number = int(record.header.record_id[-12:], 16)
    entry = Entry(sha256(b"salt %d" % number).digest()[:16], record.SerializeToString())
    fields: dict[str, object] = {
        "record_id": record.header.record_id,
        "kind": records.kind_of(record),
        "subject": records.subject_key(record),
        "supersedes": record.header.supersedes,
        "standing": Standing.ACCEPTED,
        "violations": (),
        "parsed": record,
    }
    return JudgedEntry(entry, commitment(entry.salt, entry.record), **{**fields, **changes})  # type: ignore[arg-type]


async def receive(store: Store, log: PartnerLog, *said: Record | JudgedEntry) -> None:
    entries = [judged(each) if isinstance(each, Record) else each for each in said]
    await store.logs.commit_batch(log.batch(*entries))


async def left(store: Store) -> dict[int, StoredRecord]:
    page, _ = await store.records.after(0, limit=1000, query=ALL)
    return {each.sequence: each for each in page}


async def erased(store: Store) -> list[int]:
    return [sequence for sequence, each in (await left(store)).items() if each.erased]


async def test_all_but_the_tombstone_is_erased_before_the_batch_counts_as_stored(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await receive(store, log, certified(1), mapping(2, day=1), certified(3, tin="CN99"))
    await receive(store, log, tombstone(4, day=9))
    there = await left(store)
    assert [(there[each].erased, there[each].record) for each in (1, 2)] == [(Erased(TIN, NOW), b"")] * 2
    assert [bool(there[each].record) for each in (3, 4)] == [True, True]
    facts = await store.facts.read([f"tin:{TIN}"], lambda _: (), limit=9)
    assert [each.sequence for each in facts.records] == [4]


async def test_what_comes_with_or_after_the_tombstone_without_new_consent_is_erased_too(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await receive(store, log, tombstone(1, day=9), certified(2))
    again = certified(4, effective=20)
    again.aeo_status.consent.given_at.seconds = START + 15 * 86_400
    await receive(store, log, certified(3, effective=20), again, mapping(5, day=20))
    assert await erased(store) == [2, 3]
    await receive(store, log, tombstone(6, day=30))
    assert await erased(store) == [2, 3, 4, 5]


async def test_nobody_erases_what_another_stated(store: Store) -> None:
    await open_link(store)
    await open_link(store, "US")
    await store.intake.admit([admission(1, statement=certified(1, issuer="NL").SerializeToString())])
    await receive(store, PartnerLog("US"), certified(2, issuer="US"))
    await receive(store, PartnerLog(), tombstone(3, day=9))
    assert await erased(store) == []


async def test_a_tombstone_in_quarantine_erases_nothing(store: Store) -> None:
    await open_link(store)
    await receive(store, PartnerLog(), certified(1), judged(tombstone(2, day=9), standing=Standing.QUARANTINED))
    assert await erased(store) == []


async def test_what_is_in_quarantine_is_erased_with_what_its_faults_quote(store: Store) -> None:
    await open_link(store)
    fault = Violation("aeo_status.valid_until", "aeo_status.no_such_day", f"{NAMED} has no such day")
    bad = judged(certified(1), standing=Standing.QUARANTINED, violations=(fault,))
    more_than_a_tombstone = tombstone(2, day=8)
    more_than_a_tombstone.aeo_status.legal_name = NAMED
    log = PartnerLog()
    await receive(store, log, bad, judged(more_than_a_tombstone, standing=Standing.QUARANTINED))
    await receive(store, log, tombstone(3, day=9))
    assert await erased(store) == [1, 2]
    assert (await left(store))[1].violations == (Violation(fault.path, fault.rule, ""),)


async def test_the_log_is_whole_and_proves_nothing_of_what_is_gone(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await receive(store, log, certified(1), certified(2, tin="CN99"))
    await receive(store, log, tombstone(3, day=9))
    assert await store.logs.tree_at("CN", direction=Direction.RECEIVED, size=3) == log.tree
    with pytest.raises(EvidenceErased):
        await store.records.evidence("CN", certified(1).header.record_id)
    parts = await store.records.evidence("CN", certified(2).header.record_id)
    assert (parts.origin, parts.index, bool(parts.record)) == (held_origin("CN"), 1, True)


async def test_what_follows_is_not_held_against_what_is_gone(store: Store) -> None:
    await open_link(store)
    named = {certified(1).header.record_id, tombstone(2, day=9).header.record_id}
    await receive(store, PartnerLog(), certified(1), tombstone(2, day=9))
    assert list(await store.logs.accepted_records("CN", named)) == [tombstone(2, day=9).header.record_id]
    assert await store.logs.known_records("CN", named) == named


async def test_what_is_left_is_found_under_the_operator_and_a_rebuild_finds_the_same(backend: Backend) -> None:
    store = await backend.open()
    await open_link(store)
    local = mapping(2, day=1).identifier_mapping.local_ids[0]
    await receive(store, PartnerLog(), certified(1), mapping(2, day=1), tombstone(3, day=9))

    async def found(key: str) -> list[tuple[int, bool]]:
        return [(each.sequence, bool(each.erased)) for each in await store.views.records_under([key])]

    for _ in range(2):
        assert await found(f"tin:{TIN}") == [(1, True), (2, True), (3, False)]
        assert await found(f"local:{local.scheme}:{local.value}") == []
        assert await found("register:CN") == [(3, False)]
        digest = await store.views.digest()
        await store.views.rebuild(lambda _: None)
        assert await store.views.digest() == digest
        store = await backend.reopen()


async def test_many_statements_go_part_by_part(store: Store) -> None:
    await open_link(store)
    log = PartnerLog()
    await receive(store, log, *(certified(number) for number in range(1, 451)))
    await receive(store, log, tombstone(451, day=9))
    assert await erased(store) == list(range(1, 451))
