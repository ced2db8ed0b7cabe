"""The session over the real store: storms lose nothing there either."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf import json_format

from gateway.exchange.session_states import State
from gateway.exchange.session_trust import origins_of
from gateway.ports.intake import Admission, Outgoing, Priority
from gateway.ports.links import Direction, LinkPositions
from gateway.records.templates import example
from gateway.stores.sqlite import SqliteStore, open_store
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.exchange import link_world
from tests.unit.exchange.link_world import MUCH, TIME, End, Link


def record_id(number: int) -> str:
    return f"01900000-0000-7000-9000-{number:012x}"


def statement(issuer: str, number: int) -> bytes:
    """A record that needs no agreement and gets no answer."""
    record = json_format.Parse(example("judgement"), Record())
    record.header.issuer = issuer
    record.header.record_id = record_id(number)
    record.header.issued_at.seconds = TIME
    return record.SerializeToString()


class Stores:
    """Both ends' stores on one event loop, driven from outside."""

    def __init__(self, link: Link, directory: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.link = link
        self.count = 0
        self.of: dict[str, SqliteStore] = {}
        for end in link.ends:
            opening = open_store(directory / f"{end.own}.db", randomness=end.chance, clock=end.clock, reserve=0)
            self.of[end.own] = self.run(opening)
            end.logs = self.of[end.own].logs  # type: ignore[assignment]

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def submit(self, end: End, count: int) -> None:
        admissions = [self.admission(end, self.count + i) for i in range(count)]
        self.count += count
        self.run(self.of[end.own].intake.admit(admissions))
        end.do(end.session.work_waiting(self.link.clock.moment()))

    def admission(self, end: End, number: int) -> Admission:
        record = statement(end.own, number)
        return Admission(
            client="national",
            request_id=f"{number}",
            digest=sha256(record).digest(),
            record_id=record_id(number),
            kind="judgement",
            subject=f"control_id:{number}",
            supersedes="",
            statement=record,
            outgoing=(Outgoing(end.peer, record),),
            priority=Priority.NORMAL,
            answer=b"",
            stored_at=self.link.clock.now(),
        )

    def positions(self, end: End) -> LinkPositions:
        issued, held = origins_of(end.trust)
        found: LinkPositions = self.run(
            self.of[end.own].logs.positions(end.peer, issued_origin=issued, held_origin=held)
        )
        return found

    def assert_replicated(self) -> None:
        for end in self.link.ends:
            issued, held = self.positions(end).issued, self.positions(self.link.other(end)).held
            assert (issued.origin, issued.tree, issued.note) == (held.origin, held.tree, held.note)
            assert issued.receipted == issued.tree.size
            assert issued.receipt_time == held.receipt_time

    def close(self) -> None:
        for store in self.of.values():
            self.run(store.close())
        self.loop.close()


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    stores = Stores(Link(), tmp_path)
    monkeypatch.setattr(link_world, "run", stores.run)
    yield stores
    stores.close()


def test_records_of_both_sides_arrive_with_receipts(stores: Stores) -> None:
    link = stores.link.open()
    for end in link.ends:
        stores.submit(end, 2500)
    link.settle()
    stores.assert_replicated()
    assert [stores.positions(end).issued.tree.size for end in link.ends] == [2500, 2500]


@pytest.mark.parametrize("seed", range(4))
def test_storms_lose_nothing(stores: Stores, seed: int) -> None:
    chance, link = Random(seed), stores.link.connect()
    submitted = 0
    for _ in range(400):
        end = chance.choice(link.ends)
        match chance.randrange(12):
            case 0:
                stores.submit(end, 3)
                submitted += 3
            case 1 if chance.random() < 0.2:
                link.cut()
            case 2 if end.to_do and chance.random() < 0.2:
                end.work(tell=False)
                link.cut()
            case 3 | 4 | 5 if end.sent:
                link.deliver(end)
            case _ if end.to_do:
                end.work()
        if any(each.closed for each in link.ends):
            link.cut()
            link.connect()
    link.cut()
    link.connect().settle()
    assert all(end.session.state is State.OPEN for end in link.ends)
    stores.assert_replicated()
    assert sum(stores.positions(end).issued.tree.size for end in link.ends) == submitted


def test_lost_history_is_taken_again(stores: Stores, tmp_path: Path) -> None:
    link = stores.link.open()
    for _ in range(5):
        stores.submit(link.high, 40)
        link.settle()
    link.cut()
    before = stores.positions(link.high).issued
    stores.run(stores.of["JP"].close())
    (tmp_path / "JP.db").unlink()
    fresh = open_store(tmp_path / "JP.db", randomness=link.low.chance, clock=link.clock, reserve=0)
    stores.of["JP"] = stores.run(fresh)
    link.low.logs = stores.of["JP"].logs  # type: ignore[assignment]
    link.open()
    assert link.low.opened
    assert link.low.opened.own_lost_below == before.tree.size
    link.settle()
    assert stores.positions(link.low).held.tree == before.tree
    assert stores.positions(link.high).issued.note == before.note
    stores.submit(link.high, 1)
    link.settle()
    stores.assert_replicated()


def test_trees_of_either_log_are_read_for_hello(stores: Stores) -> None:
    link = stores.link.open()
    stores.submit(link.high, 30)
    link.settle()
    held = stores.positions(link.low).held
    assert (
        stores.run(stores.of["JP"].logs.tree_at("NL", direction=Direction.RECEIVED, size=held.tree.size)) == held.tree
    )
    batch = stores.run(stores.of["NL"].logs.formed_batch("JP", first=0, records=MUCH, size_bytes=MUCH))
    again = stores.run(stores.of["JP"].logs.tree_at("NL", direction=Direction.RECEIVED, size=batch.tree.size))
    assert again == batch.tree
