"""The ports ``Decisions`` and ``FactReader``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from google.protobuf import json_format

from gateway.linklog.hashing import commitment
from gateway.ports.decisions import Change, DecisionQuery, Made, SharedFacts
from gateway.ports.facts import Receipted
from gateway.ports.ledger import LedgerEntry
from gateway.ports.links import Entry
from gateway.ports.records import RecordQuery
from gateway.recognition.gathering import and_held, further_keys
from gateway.records.templates import example
from gateway.views.gathering import gather
from gateway.views.naming import consignment_keys
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, PartnerLog, Store, admission, judged_entry, open_link, record_id

RELY, REFUSE, PENDING = 1, 4, 6
SHARED = SharedFacts(b"s" * 32, b" of all")


def made(number: int, **changes: object) -> Made:
    plain = Made(
        decision_id=f"01900000-0000-7000-8000-{number:012x}",
        client="desk",
        request_id=f"R-{number}",
        digest=b"d" * 32,
        at=NOW + number,
        outcome=RELY,
        answer=b"answer %d" % number,
        facts=b"facts",
        shared=SHARED,
        keys=["container:MSKU3841906", f"document:D{number}"],
        relied_on=[number],
        pending_until=None,
        from_sequence=0,
        entry=LedgerEntry(f"01900000-0000-7000-8000-{number:012x}", NOW + number, "RELY", ("CN",), (), (), b""),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


async def ids(store: Store, before: int = 0, limit: int = 10, **query: object) -> list[str]:
    found = await store.decisions.listed(DecisionQuery(**query), before=before, limit=limit)  # type: ignore[arg-type]
    return [each.request_id for each in found]


async def test_a_request_is_answered_once(store: Store) -> None:
    (first,) = await store.decisions.keep([made(1)])
    again, second = await store.decisions.keep([made(1, answer=b"another", decision_id="x"), made(2)])
    assert again == first
    assert (second.request_id, second.number) == ("R-2", first.number + 1)
    (others,) = await store.decisions.keep([made(3, client="other", request_id="R-1")])
    assert others.number == second.number + 1
    assert await store.decisions.get(first.decision_id) == first
    assert await store.decisions.get("nothing") is None


async def test_two_of_one_call_with_one_id_are_one(store: Store) -> None:
    one, other = await store.decisions.keep([made(1), made(1)])
    assert one == other
    assert await ids(store) == ["R-1"]


async def test_they_are_found_by_goods_and_by_what_they_stand_on(store: Store) -> None:
    await store.intake.admit([admission(number) for number in range(1, 4)])
    await store.decisions.keep([made(1), made(2, outcome=REFUSE, relied_on=[]), made(3)])
    assert await ids(store) == ["R-3", "R-2", "R-1"]
    assert await ids(store, limit=2) == ["R-3", "R-2"]
    assert await ids(store, before=2) == ["R-1"]
    assert await ids(store, keys=frozenset({"document:D2"})) == ["R-2"]
    assert await ids(store, keys=frozenset({"document:D2", "container:MSKU3841906"})) == ["R-2"]
    assert await ids(store, keys=frozenset({"container:TCLU7719057"})) == []
    assert await ids(store, outcomes=frozenset({RELY})) == ["R-3", "R-1"]
    assert await ids(store, since=NOW + 2, until=NOW + 3) == ["R-2"]
    stored, _ = await store.records.after(0, limit=1, query=RecordQuery())
    assert await ids(store, relied_on=stored[0].record_id) == ["R-1"]
    assert await store.decisions.counts(since=0, until=2**60) == [(RELY, 2, 0), (REFUSE, 1, 0)]


async def test_of_one_id_they_are_found_by_whose_it_is(store: Store) -> None:
    name = record_id(7)
    for number, partner in enumerate(("CN", "US")):
        await open_link(store, partner)
        await store.logs.commit_batch(PartnerLog(partner).batch(judged_entry(number, record_id=name)))
    await store.decisions.keep([made(1), made(2), made(3)])  # on the records 1, 2 and 3: CN's, US's and none of these
    assert await ids(store, relied_on=name) == ["R-2", "R-1"]
    found = {each: await ids(store, relied_on=name, partner=each) for each in ("CN", "US", "BR")}
    assert found == {"CN": ["R-1"], "US": ["R-2"], "BR": []}


async def test_what_waits_is_revised_once(store: Store) -> None:
    (waiting,) = await store.decisions.keep([made(1, outcome=PENDING, pending_until=NOW + 60)])
    assert [each.decision_id for each in await store.decisions.pending()] == [waiting.decision_id]
    now = await store.decisions.revise(made(1, answer=b"later"), revision=1, change=Change.RESOLVED)
    assert now is not None
    assert (now.revision, now.answer, now.pending_until) == (2, b"later", None)
    assert await store.decisions.revise(made(1), revision=1, change=Change.RESOLVED) is None
    assert await store.decisions.pending() == []
    assert [(each.revision, each.answer) for each in await store.decisions.earlier(now.decision_id)] == [
        (1, b"answer 1")
    ]


async def test_facts_that_many_share_stand_behind_each_ones_own(store: Store) -> None:
    others = SharedFacts(b"o" * 32, b" of others")
    kept = await store.decisions.keep([made(1), made(2, facts=b"more", pending_until=NOW + 60, outcome=PENDING)])
    assert [each.facts for each in kept] == [b"facts of all", b"more of all"]
    assert await store.decisions.get(kept[0].decision_id) == kept[0]
    assert [each.facts for each in await store.decisions.pending()] == [b"more of all"]
    assert [each.decision.facts for each in await store.decisions.events(0, limit=9)] == [
        b"facts of all",
        b"more of all",
    ]
    now = await store.decisions.revise(made(2, facts=b"later", shared=others), revision=1, change=Change.RESOLVED)
    assert now is not None
    assert now.facts == b"later of others"
    assert [each.facts for each in await store.decisions.earlier(now.decision_id)] == [b"more of all"]
    found = await store.decisions.listed(DecisionQuery(), before=0, limit=9)
    assert [each.facts for each in found] == [b"later of others", b"facts of all"]


async def test_an_override_stands_beside_the_decision(store: Store) -> None:
    (kept,) = await store.decisions.keep([made(1)])
    found = await store.decisions.override(kept.decision_id, b"why", at=NOW, client="desk")
    assert found == replace(kept, overridden=b"why")
    assert await ids(store, overridden=True) == ["R-1"]
    assert await store.decisions.counts(since=0, until=2**60) == [(RELY, 1, 1)]
    assert await store.decisions.override("nothing", b"why", at=NOW, client="desk") is None


async def test_changes_come_in_order_and_wake_who_waits(store: Store) -> None:
    (kept,) = await store.decisions.keep([made(1)])
    assert await store.decisions.newest_event() == 1
    waiting = asyncio.create_task(store.decisions.wait_beyond(1))
    await store.decisions.override(kept.decision_id, b"why", at=NOW, client="desk")
    await asyncio.wait_for(waiting, 60)
    events = await store.decisions.events(0, limit=10)
    assert [(each.number, each.change) for each in events] == [(1, Change.MADE), (2, Change.OVERRIDDEN)]
    assert {each.decision.overridden for each in events} == {b"why"}
    assert await store.decisions.events(2, limit=10) == []


async def test_the_sampling_key_is_made_once(backend: Backend) -> None:
    key = await (await backend.open()).decisions.sampling_key()
    store = await backend.reopen()
    assert len(key) == 32
    assert await store.decisions.sampling_key() == key


def outcome(control_id: str, equipment: str = "") -> bytes:
    record = json_format.Parse(example("inspection_outcome"), Record())
    record.inspection_outcome.control_id = control_id
    del record.inspection_outcome.methods[1:]
    record.inspection_outcome.methods[0].equipment_id = equipment
    return record.SerializeToString()


async def test_notices_of_the_same_goods_cost_a_decision_nothing(store: Store) -> None:
    control = json_format.Parse(example("inspection_outcome"), Record())
    goods, name = control.inspection_outcome.consignment, control.header.record_id
    notice = json_format.Parse(example("reliance_notice"), Record())
    notice.reliance_notice.record_ids[:] = [name]
    statements = [control.SerializeToString(), *[notice.SerializeToString()] * 5]
    await store.intake.admit([admission(number, statement=each) for number, each in enumerate(statements, 1)])
    read = await store.facts.read(and_held([*consignment_keys(goods), f"record:{name}"]), further_keys, limit=1)
    assert ([each.sequence for each in read.records], read.truncated) == ([1], False)
    assert [each.sequence for each in (await gather(store.views, [f"record:{name}"])).records] == [2, 3, 4, 5, 6]


async def test_facts_are_followed_from_key_to_key_in_one_snapshot(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(1, statement=outcome("C-1"))])
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(0)))
    await store.logs.suspend("CN", reason="LOG_FORK", detail="", actor="link")
    asked: list[int] = []

    def follow(records: object) -> set[str]:
        asked.append(len(list(records)))  # type: ignore[call-overload]
        return {"control:C-1"} if len(asked) == 1 else set()

    read = await store.facts.read({"container:MSKU3841906"}, follow, limit=10)
    assert [each.sequence for each in read.records] == [1]
    assert asked == [1]  # there was nothing more to lead further
    assert not read.truncated
    assert read.newest == 2
    assert [(each.partner, each.suspended) for each in read.links] == [("CN", "LOG_FORK")]
    assert (await store.facts.read({"container:MSKU3841906"}, follow, limit=0)).truncated


async def test_a_received_record_comes_with_the_checkpoint_that_covers_it(store: Store) -> None:
    await open_link(store)
    record = outcome("C-1")
    entry = judged_entry(0)
    salt = entry.entry.salt
    batch = PartnerLog().batch(
        judged_entry(0, entry=Entry(salt, record), commitment=commitment(salt, record), kind="inspection_outcome")
    )
    await store.logs.commit_batch(batch)
    read = await store.facts.read({"control:C-1"}, lambda _: (), limit=5)
    (found,) = read.records
    assert found.receipts == (Receipted(batch.note, batch.received_at),)


async def test_of_a_record_that_was_covered_twice_the_first_and_the_newest_checkpoint_come(store: Store) -> None:
    await open_link(store)
    log, record = PartnerLog(), outcome("C-1")
    salt = judged_entry(0).entry.salt
    first = log.batch(
        judged_entry(0, entry=Entry(salt, record), commitment=commitment(salt, record), kind="inspection_outcome")
    )
    await store.logs.commit_batch(first)
    later = [log.batch(judged_entry(number)) for number in (1, 2)]
    for each in later:
        await store.logs.commit_batch(each)
    read = await store.facts.read({"control:C-1"}, lambda _: (), limit=5)
    (found,) = read.records
    assert found.receipts == tuple(Receipted(each.note, each.received_at) for each in (first, later[-1]))
