"""A watch of lives that is broken off and taken up again at any place loses nothing and is told of a deadline once."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest

from gateway.rpc.deadline_bell import DeadlineBell
from gateway.rpc.life_watch import Cursor, LifeWatch, Watched
from gateway.views.request_desk import BEARING
from gateway.views.requests import RequestLife
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as api
from mutualrecognition.records.v1 import method_pb2, request_pb2
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from tests import nodes
from tests.properties.paired import OFFICER, Pair

HOUR = 3600
LAST = "THE-LAST"


class Watching:
    """NL's watch, read by somebody who stops wherever chance says so."""

    def __init__(self, pair: Pair, seed: int) -> None:
        self.pair = pair
        self.told: dict[str, list[str]] = {}
        self.cursor = ""
        self._chance = Random(seed)
        self.bell = DeadlineBell(requests=pair.nl.requests, alerts=pair.nl.alerts, recalls=pair.nl.recalls)
        self._watch = LifeWatch(records=pair.nl.store.records, bell=self.bell, clock=pair.clock)
        self._watched = Watched(frozenset(BEARING), pair.nl.requests.bearing_on, pair.nl.requests.expired)

    def read_until(self, name: str) -> None:
        """Read until a request was told of, beginning anew from the cursor now and then."""
        while name not in self.told:
            self.pair.run(self._read(name))

    async def _read(self, name: str) -> None:
        begun: Cursor = await self._watch.begin(self.cursor, from_now=False)
        messages = self._watch.watch(begun, self._watched)
        async for lives, cursor in messages:
            for life in lives:
                self.told.setdefault(life.key.request_id, []).append(life.state)
            self.cursor = str(cursor)
            if name in self.told or self._chance.random() < 0.5:
                break
        await messages.aclose()  # type: ignore[attr-defined]


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def goods(name: str) -> ConsignmentRef:
    return ConsignmentRef(container_numbers=["MSKU3841906"], ucr=name)


def ask(pair: Pair, name: str, hours: int = 5) -> None:
    call = api.CreateRequestRequest(call_id=name, partner="CN", purpose=1)
    call.control.request_id = name
    call.control.consignment.CopyFrom(goods(name))
    call.control.methods_wanted.append(method_pb2.METHOD_KIND_NII_XRAY)
    call.control.threat_category = 1
    call.control.respond_by.seconds = pair.clock.now() + hours * HOUR
    pair.run(pair.nl.request_clerk.create(OFFICER, call))
    pass_on(pair)


def answer(pair: Pair, name: str, state: str, **said: str) -> None:
    call = api.AnswerRequestRequest(call_id=str(uuid4()))
    call.control.MergeFrom(type(call.control)(request_id=name, **said))
    call.control.state = request_pb2.RequestState.Value(f"REQUEST_STATE_{state}")
    pair.run(pair.cn.request_clerk.answer(OFFICER, call))
    pass_on(pair)


def submit(pair: Pair, kind: str, name: str, **said: str) -> str:
    given = national.Submission(request_id=str(uuid4()))
    header = given.record.header
    header.purpose = 1
    match kind:
        case "loaded":
            header.subject.consignment.CopyFrom(goods(name))
            body = given.record.movement_event
            body.type = 1
            body.consignment.CopyFrom(goods(name))
            body.at.seconds = pair.clock.now()
        case "withdrawal":
            header.supersedes = header.subject.record_id = said["of"]
            given.record.withdrawal.reason = 1
        case _:
            made = nodes.submissions("CN", 40)
            given = next(each for each in made if each.record.WhichOneof("body") == "inspection_outcome")
            given.request_id = str(uuid4())
            given.record.inspection_outcome.control_id = said["control_id"]
            given.record.inspection_outcome.consignment.CopyFrom(goods(name))
            given.record.header.subject.consignment.CopyFrom(goods(name))
    record_id = pair.run(pair.cn.submit(given))
    pass_on(pair)
    return str(record_id)


def pass_on(pair: Pair) -> None:
    pair.settle()
    pair.clock.move(1)


def life(pair: Pair, name: str) -> RequestLife:
    (found,) = pair.run(pair.nl.requests.lives(name))
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_and_a_deadline_is_told_once(pair: Pair, seed: int) -> None:
    watching = Watching(pair, seed)
    for name in ("A", "B", "C", "D"):
        ask(pair, name, hours=1 if name == "C" else 5)
    answer(pair, "A", "ACCEPTED")
    answer(pair, "A", "COMPLETED", control_id="C-1")
    submit(pair, "loaded", "B")
    pair.clock.move(HOUR + 10)
    pair.run(watching.bell.look(pair.clock.now()))
    ask(pair, LAST, hours=9)
    watching.read_until(LAST)
    names = ("A", "B", "C", "D")
    assert [watching.told[name][-1] for name in names] == ["COMPLETED", "OVERTAKEN", "EXPIRED", "RECEIVED"]
    before = len(watching.told["C"])
    pair.clock.move(HOUR)
    ask(pair, f"{LAST}-2", hours=9)
    watching.read_until(f"{LAST}-2")
    assert len(watching.told["C"]) == before, "the same cursor's deadline is never told again"


def test_a_deadline_that_passes_while_nobody_reads_is_told_by_the_next_reader(pair: Pair) -> None:
    watching = Watching(pair, 1)
    ask(pair, "A", hours=1)
    watching.read_until("A")
    assert watching.told["A"][-1] == "RECEIVED"
    pair.clock.move(40 * 24 * HOUR)
    ask(pair, LAST)
    watching.read_until(LAST)
    assert watching.told["A"].count("EXPIRED") == 1


def test_what_bears_on_a_request_without_naming_it_is_told(pair: Pair) -> None:
    """The outcome that comes after the answer, and a loading that is taken back."""
    watching = Watching(pair, 2)
    ask(pair, "A")
    answer(pair, "A", "ACCEPTED")
    answer(pair, "A", "COMPLETED", control_id="C-7")
    ask(pair, "B")
    loaded = submit(pair, "loaded", "B")
    ask(pair, LAST)
    watching.read_until(LAST)
    assert (watching.told["B"][-1], life(pair, "A").outcome) == ("OVERTAKEN", None)
    counted = len(watching.told["A"])
    outcome = submit(pair, "outcome", "A", control_id="C-7")
    submit(pair, "withdrawal", "B", of=loaded)
    ask(pair, f"{LAST}-2")
    watching.read_until(f"{LAST}-2")
    assert len(watching.told["A"]) == counted + 1
    found = life(pair, "A").outcome
    assert found is not None
    assert (found.record_id, watching.told["B"][-1]) == (outcome, "RECEIVED")
