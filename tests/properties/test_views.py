"""Views depend on what was said, not on the order in which it came; a store gives the same after any interleaving."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.linklog.hashing import commitment
from gateway.ports.links import Entry, JudgedEntry, Standing
from gateway.ports.records import StoredRecord
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.views.consent import count_erased
from gateway.views.consignments import Asked, ConsignmentView, consignment_views
from gateway.views.gathering import gather
from gateway.views.keys import CAUSES, view_keys
from gateway.views.operators import operator_views, read_statements
from gateway.views.sightings import sighting
from gateway.views.tracing import ConsignmentTracer
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import PartnerLog, SeededChance, StillClock, open_link
from tests.strategies import valid_records
from tests.unit.views.making import (
    DAY,
    START,
    TIN,
    goods_data,
    no_load,
    outcome,
    reference,
    seal,
    standing,
    stored,
    swap,
    tombstone,
    withdrawal,
)

MANY = 12
BOXES = ("MSKU3841906", "TGHU7654321")

earlier = st.one_of(st.none(), st.integers(1, MANY))
days = st.integers(0, 120)


@st.composite
def statements(draw: st.DrawFn) -> list[Record]:
    """Statements of two issuers on two operators, with corrections, withdrawals and tombstones, sensible or not."""
    said = []
    for number in range(1, draw(st.integers(1, MANY)) + 1):
        header: dict[str, Any] = {
            "issuer": draw(st.sampled_from(["CN", "US"])),
            "supersedes": draw(earlier.filter(lambda other, own=number: other != own)),  # type: ignore[misc]
        }
        tin = draw(st.sampled_from([TIN, "CN99"]))
        match draw(st.integers(0, 5)):
            case 0:
                said.append(tombstone(number, day=draw(days), tin=tin, **header))
            case 1:
                said.append(
                    withdrawal(number, day=draw(days), supersedes=header["supersedes"] or 1, issuer=header["issuer"])
                )
            case _:
                status = draw(st.sampled_from(aeo.AeoState.values()[1:]))
                said.append(standing(number, status, effective=draw(days), issued=draw(days), tin=tin, **header))
    return said


@st.composite
def goods(draw: st.DrawFn) -> list[Record]:
    """Records about two boxes and a few documents over four months."""
    told = []
    for number in range(1, draw(st.integers(1, MANY)) + 1):
        boxes = draw(st.lists(st.sampled_from(BOXES), max_size=2, unique=True))
        named = reference(
            *boxes,
            document=draw(st.sampled_from(["", "BL1", "BL2"])),
            house=draw(st.sampled_from(["", "", "H1", "H2"])),
            ucr=draw(st.sampled_from(["", "", "U1"])),
            voyage=draw(st.sampled_from(["", "W1", "W2"])),
        )
        supersedes = draw(earlier.filter(lambda other, own=number: other != own))  # type: ignore[misc]
        match draw(st.integers(0, 5)):
            case 5:
                houses = draw(st.lists(st.sampled_from(["H1", "H2", "H3"]), max_size=2, unique=True))
                told.append(no_load(number, draw(days), *boxes, houses=houses))
            case 0:
                told.append(seal(number, draw(days), draw(st.sampled_from(BOXES))))
            case 1:
                told.append(swap(number, draw(days), *BOXES, named))
            case 2:
                told.append(goods_data(number, draw(days), named, links=[(draw(st.sampled_from(["BL1", "H1"])), 0)]))
            case 3 if supersedes is not None:
                told.append(withdrawal(number, day=draw(days), supersedes=supersedes))
            case _:
                told.append(outcome(number, draw(days), named, supersedes=supersedes))
    return told


@given(statements(), days, st.randoms(use_true_random=False))
def test_operators_are_the_same_in_any_order(said: list[Record], day: int, chance: Random) -> None:
    records = [stored(each) for each in said]
    views = operator_views(read_statements(records), START + day * DAY)
    again = [*records, *records[:3]]
    chance.shuffle(again)
    assert operator_views(read_statements(again), START + day * DAY) == views


@given(statements(), days)
def test_one_standing_at_most_is_in_force(said: list[Record], day: int) -> None:
    at = START + day * DAY
    for view in operator_views(read_statements(map(stored, said)), at):
        holding = [line for line in view.history if line.fate == "IN_FORCE"]
        assert len(holding) <= 1
        assert not view.good or (holding and holding[0].statement.status == aeo.AEO_STATE_CERTIFIED)
        spans = [line for line in view.history if line.fate in ("IN_FORCE", "ENDED", "TO_COME")]
        for one, following in pairwise(spans):
            assert one.until is not None
            assert one.until <= following.statement.effective_at


def essence(views: tuple[ConsignmentView, ...]) -> list[Any]:
    """Everything but the sequences, which are each node's own."""
    return [
        (replace(view, timeline=()), [(e.sighting.record, e.strength, e.relation, e.fate, e.by) for e in view.timeline])
        for view in views
    ]


ASKED = st.sampled_from(
    [
        Asked(containers=frozenset({BOXES[0]})),
        Asked(documents=frozenset({"BL1"})),
        Asked(documents=frozenset({"H1"})),
        Asked(ucr="U1"),
        Asked(containers=frozenset({BOXES[1]}), at=START + 40 * DAY),
    ]
)


@given(goods(), ASKED, st.randoms(use_true_random=False))
def test_consignments_are_the_same_in_any_order(told: list[Record], asked: Asked, chance: Random) -> None:
    records = [stored(each) for each in told]
    views = essence(consignment_views(map(sighting, records), asked))
    again = [*records, *records[:3]]
    chance.shuffle(again)
    assert essence(consignment_views(map(sighting, again), asked)) == views


@given(goods())
def test_a_record_is_told_of_one_consignment_alone(told: list[Record]) -> None:
    records = [sighting(stored(each)) for each in told]
    for box in BOXES:
        entries = [
            entry.sighting.record_id
            for view in consignment_views(records, Asked(containers=frozenset({box})))
            for entry in view.timeline
            if box in entry.sighting.containers or not entry.sighting.is_notice
        ]
        assert len(entries) == len(set(entries))
        naming = {each.record_id for each in records if box in each.containers}
        assert naming <= set(entries)


def received(record: Record, number: int) -> JudgedEntry:
    salt, data = number.to_bytes(16, "big"), record.SerializeToString()
    kind = str(record.WhichOneof("body"))
    return JudgedEntry(
        Entry(salt, data),
        commitment(salt, data),
        record.header.record_id,
        kind,
        "",
        record.header.supersedes,
        Standing.ACCEPTED,
        (),
    )


async def fill(store: SqliteStore, said: list[Record], chance: Random) -> None:
    """Have CN and US send their records in batches of random sizes, in a random order of partners."""
    logs = {partner: PartnerLog(partner) for partner in ("CN", "US")}
    for partner in logs:
        await open_link(store, partner)
    waiting = {partner: [each for each in said if each.header.issuer == partner] for partner in logs}
    number = 0
    while any(waiting.values()):
        partner = chance.choice([each for each in waiting if waiting[each]])
        count = chance.randint(1, 4)
        batch, waiting[partner] = waiting[partner][:count], waiting[partner][count:]
        entries = [received(each, number + place) for place, each in enumerate(batch)]
        number += len(batch)
        await store.logs.commit_batch(logs[partner].batch(*entries, received_at=START))


async def answers(said: list[Record], chance: Random) -> list[Any]:
    """Tell what a store answers when it got these records in a random order, before and after a rebuild."""
    shuffled = list(said)
    chance.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as directory:
        store = await open_store(
            Path(directory) / "gateway.db", randomness=SeededChance(), clock=StillClock(), reserve=0
        )
        try:
            await fill(store, shuffled, chance)
            before, digest = await asked_of(store), await store.views.digest()
            await store.views.rebuild(lambda _: None)
            assert await store.views.digest() == digest
            assert await asked_of(store) == before
            return before
        finally:
            await store.close()


async def asked_of(store: SqliteStore) -> list[Any]:
    found: list[StoredRecord] = []
    for tin in (TIN, "CN99"):
        found += (await gather(store.views, [f"tin:{tin}"])).records
    tracer = ConsignmentTracer(store.views)
    traced = [await tracer.trace(Asked(containers=frozenset({box}))) for box in BOXES]
    views = operator_views(read_statements(found), START + 60 * DAY, count_erased(found))
    return [views, *(essence(each.views) for each in traced)]


@settings(max_examples=15, deadline=None)
@given(statements(), goods(), st.integers(0, 2**32))
def test_two_stores_answer_the_same_after_any_interleaving(said: list[Record], told: list[Record], seed: int) -> None:
    for number, each in enumerate(told, MANY + 1):
        each.header.record_id = each.header.record_id[:-12] + f"{number:012x}"
        each.header.ClearField("supersedes")
    records = [*said, *told]
    assert asyncio.run(answers(records, Random(seed))) == asyncio.run(answers(records, Random(seed + 1)))


@given(valid_records())
def test_any_valid_record_can_be_filed_and_read(record: Record) -> None:
    keys = view_keys(record)
    assert all(key == CAUSES or key.partition(":")[2] for key in keys)
    told = stored(record)
    for box in sighting(told).containers:
        assert f"container:{box}" in keys or f"aside:container:{box}" in keys
        if told.kind != "withdrawal":
            assert consignment_views([sighting(told)], Asked(containers=frozenset({box})))
