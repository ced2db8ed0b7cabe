"""Records of every kind through two real nodes: good ones arrive unchanged, tricks of the wire are never usable."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import config
from gateway.app import Collaborators, open_node
from gateway.cli.client import national
from gateway.clocks.system import SystemRandomness
from gateway.exchange.release import Release, Releaser, Route
from gateway.records import KINDS, check
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.records.v1.record_pb2 import Header, Record
from tests.nodes import Home, introduce, make_home
from tests.strategies import valid_records
from tests.unit.records.making import example_record
from tests.wire_tricks import BREAKING, UNREADABLE, parts

SECONDS = 150
BATCH = 12
EXAMPLES = 10
PURPOSES = ("SECURITY_RISK", "AEO_BENEFIT", "FISCAL", "INVESTIGATION")
SUBMITTED = [kind for kind in KINDS if kind != "judgement"]
"""A judgement is the receiving gateway's own: it comes back for every trick."""
FILLED_IN = ("record_id", "issuer", "agreement_id", "agreement_version", "release_profile", "issued_at")
TRICKS = {**UNREADABLE, **BREAKING}
_MARK = "trick: "


def agreement() -> bytes:
    purposes = ", ".join(f'"{each}"' for each in PURPOSES)
    flows = "".join(
        f'[[flows]]\nfrom = "CN"\nto = "NL"\nkind = "{kind}"\nfields = ["*"]\n'
        f"purposes = [{purposes}]\nretention_days = 30\n"
        for kind in SUBMITTED
    )
    return (
        'mutualrecognition/agreement/v1\nid = "cn-nl"\nversion = 1\ntitle = "t"\nlegal_basis = "b"\n'
        'parties = ["CN", "NL"]\nvalid_from = 2025-01-01\nvalid_until = 2075-01-01\n'
        f'signatures = "ed25519"\npurposes = [{purposes}]\n{flows}'
    ).encode()


class TrickingReleaser(Releaser):
    """Makes the bytes anew by the trick that the issuing office names; what names none is released as always."""

    def forms(self, record: Record, routes: Collection[Route], **rest: Any) -> tuple[Release, ...]:
        releases = super().forms(record, routes, **rest)
        office = record.header.issuing_office
        if not office.startswith(_MARK):
            return releases
        trick = TRICKS[list(TRICKS)[int(office.removeprefix(_MARK))]]
        return tuple(replace(each, record=trick(*parts(Record.FromString(each.record)))) for each in releases)


@dataclass
class Nodes:
    """CN, whose releaser knows tricks, and NL, in this process; each example goes on from where the last one ended."""

    cn: RecordsServiceStub
    nl: RecordsServiceStub
    cursor: str = ""
    arrived: dict[str, pb.StoredRecord] = field(default_factory=dict)

    def submit(self, given: Sequence[Record]) -> list[str]:
        """Submit at CN, all alike urgent, so that they keep their order; gives the record ids."""
        ids, urgent = SystemRandomness(), pb.PRIORITY_URGENT  # as alerts always are
        made = [pb.Submission(request_id=ids.record_id(), record=each, priority=urgent) for each in given]
        results = self.cn.SubmitRecords(pb.SubmitRecordsRequest(submissions=made), timeout=SECONDS).results
        assert [each.refusal for each in results if each.HasField("refusal")] == []
        return [each.record_id for each in results]

    def wait_for(self, record_ids: Sequence[str]) -> list[pb.StoredRecord]:
        """Watch at NL, quarantined records too, until all of these are there."""
        missing = set(record_ids) - self.arrived.keys()
        wanted = pb.RecordFilter(direction=pb.DIRECTION_RECEIVED, include_quarantined=True)
        call = self.nl.WatchRecords(pb.WatchRecordsRequest(cursor=self.cursor, filter=wanted), timeout=SECONDS)
        while missing:
            message = next(call)
            self.cursor = message.cursor
            for each in message.records:
                self.arrived[each.record.header.record_id] = each
                missing.discard(each.record.header.record_id)
        call.cancel()
        return [self.arrived.pop(each) for each in record_ids]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    place = tmp_path_factory.mktemp("kinds")
    cn, nl = make_home(place, "CN"), make_home(place, "NL")
    introduce(cn, nl, agreement=agreement())
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve([cn, nl], ready, stop)))
    thread.start()
    try:
        assert ready.wait(SECONDS)
        with national(cn.path) as at_cn, national(nl.path) as at_nl:
            yield Nodes(at_cn, at_nl)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
        loop.close()


async def serve(homes: Sequence[Home], ready: threading.Event, stop: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        for home in homes:
            tricks = Collaborators(releaser=TrickingReleaser) if home.administration == "CN" else Collaborators()
            await stack.enter_async_context(open_node(config.load(home.path), home.path, collaborators=tricks))
        ready.set()
        await stop.wait()


def as_submitted(drawn: Record, supersedes: str = "") -> Record:
    """Leave out what the gateway fills in; what cannot hold at the time of this test is left out too."""
    record = Record()
    record.CopyFrom(drawn)
    header = record.header
    for name in FILLED_IN:
        header.ClearField(name)
    header.supersedes = supersedes
    if header.subject.record_id:
        header.subject.record_id = supersedes or header.subject.record_id
    header.purpose = header.purpose or 1
    if header.retain_until.seconds < time.time() + SECONDS:
        header.ClearField("retain_until")
    return record


def without_what_is_filled_in(header: Header) -> Header:
    left = Header()
    left.CopyFrom(header)
    for name in FILLED_IN:
        left.ClearField(name)
    return left


@pytest.mark.parametrize("kind", SUBMITTED)
@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_valid_records_of_every_kind_arrive_unchanged(nodes: Nodes, kind: str, data: st.DataObject) -> None:
    drawn = [data.draw(valid_records(kind, changes=6)) for _ in range(BATCH)]
    older = [""] * BATCH
    if kind == "withdrawal":
        older = nodes.submit([as_submitted(example_record("alert"))] * BATCH)
    given_ = [as_submitted(each, supersedes) for each, supersedes in zip(drawn, older, strict=True)]
    record_ids = nodes.submit(given_)
    for record, record_id, got in zip(given_, record_ids, nodes.wait_for(record_ids), strict=True):
        arrived = Record.FromString(got.record_bytes)
        assert got.standing == pb.STANDING_ACCEPTED, list(got.violations)
        assert (arrived.header.record_id, arrived.header.issuer) == (record_id, "CN")
        assert without_what_is_filled_in(arrived.header) == record.header
        assert getattr(arrived, kind).SerializeToString() == getattr(record, kind).SerializeToString()
        assert check(arrived) == ()


def test_tricks_of_the_wire_on_every_kind_are_quarantined_with_a_reason(nodes: Nodes) -> None:
    given_, names = [], []
    for kind in SUBMITTED:
        for number, name in enumerate(TRICKS):
            older = nodes.submit([as_submitted(example_record("alert"))])[0] if kind == "withdrawal" else ""
            record = as_submitted(example_record(kind), older)
            record.header.issuing_office = f"{_MARK}{number}"
            given_.append(record)
            names.append((kind, name))
    before = received(nodes.nl)
    for first in range(0, len(given_), 40):
        nodes.submit(given_[first : first + 40])
    (good,) = nodes.submit([as_submitted(example_record("inspection_outcome"))])
    nodes.wait_for([good])
    known = {each.sequence for each in before}
    news = [each for each in received(nodes.nl) if each.sequence not in known]
    bad = [each for each in news if each.standing == pb.STANDING_QUARANTINED]
    assert len(bad) == len(names)
    assert [names[index] for index, each in enumerate(bad) if not each.violations] == []
    unreadable = [each for each, (_, name) in zip(bad, names, strict=True) if name in UNREADABLE]
    assert {each.violations[0].rule for each in unreadable} == {"record.unreadable"}
    usable = received(nodes.nl, quarantined=False)
    assert not {each.sequence for each in usable} & {each.sequence for each in bad}
    assert good in {each.record.header.record_id for each in usable}


def test_the_receivers_judgement_comes_back_as_a_record(nodes: Nodes) -> None:
    record = as_submitted(example_record("alert"))
    record.header.issuing_office = f"{_MARK}0"
    (judged,) = nodes.submit([record])
    wanted = pb.RecordFilter(direction=pb.DIRECTION_RECEIVED, kinds=["judgement"])
    call = nodes.cn.WatchRecords(pb.WatchRecordsRequest(filter=wanted), timeout=SECONDS)
    origin, index = where(nodes.cn, judged)
    told = (each.record for message in call for each in message.records)
    found = next(each for each in told if covers(each, origin, index))
    call.cancel()
    assert check(found) == ()
    assert found.header.issuer == "NL"


def test_a_code_that_no_list_knows_is_taken_and_shown_as_odd(nodes: Nodes) -> None:
    record = as_submitted(example_record("seal_event"))
    record.seal_event.place.locode = "NLXYZ"
    record_ids = nodes.submit([record])
    (got,) = nodes.wait_for(record_ids)
    assert got.standing == pb.STANDING_ACCEPTED
    for side in (nodes.cn, nodes.nl):
        shown = side.GetRecord(pb.GetRecordRequest(record_id=record_ids[0]), timeout=SECONDS).record
        assert [(each.path, each.rule) for each in shown.warnings] == [("seal_event.place.locode", "code.unknown")]


def test_a_state_that_cannot_follow_is_refused_at_the_door(nodes: Nodes) -> None:
    (older,) = nodes.submit([as_submitted(example_record("alert"))])
    record = as_submitted(example_record("inspection_outcome"), older)
    submission = pb.Submission(request_id=SystemRandomness().record_id(), record=record)
    (result,) = nodes.cn.SubmitRecords(pb.SubmitRecordsRequest(submissions=[submission]), timeout=SECONDS).results
    assert result.refusal.reason == "RECORD_INVALID"
    assert [each.rule for each in result.refusal.violations] == ["succession.other_kind"]


def received(side: RecordsServiceStub, *, quarantined: bool = True) -> list[pb.StoredRecord]:
    found: list[pb.StoredRecord] = []
    token = ""
    wanted = pb.RecordFilter(direction=pb.DIRECTION_RECEIVED, include_quarantined=quarantined)
    while True:
        request = pb.ListRecordsRequest(page_size=500, page_token=token, filter=wanted)
        page = side.ListRecords(request, timeout=SECONDS)
        found += page.records
        token = page.next_page_token
        if not token:
            return found


def where(side: RecordsServiceStub, record_id: str) -> tuple[str, int]:
    """Give the place of an issued record in its log, once it has one."""
    call = side.WatchRecords(pb.WatchRecordsRequest(from_now=True), timeout=SECONDS)
    try:
        for _ in call:
            shown = side.GetRecord(pb.GetRecordRequest(record_id=record_id), timeout=SECONDS).record
            (delivery,) = shown.deliveries
            if delivery.origin:
                return delivery.origin, delivery.index
    except grpc.RpcError:
        pass
    raise AssertionError(f"{record_id} has no place in a log")


def covers(judgement: Record, origin: str, index: int) -> bool:
    said = judgement.judgement
    return said.origin == origin and any(each.first <= index <= each.last for each in said.ranges)
