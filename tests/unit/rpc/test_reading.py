"""Reading from a whole node: pages, tokens, watches, and every way to ask wrongly."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import grpc
import pytest

from gateway import config
from gateway.app import Collaborators, open_node
from gateway.exchange.release import Release, Releaser, Route
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.records.v1.record_pb2 import Record
from tests import nodes
from tests.unit.rpc.calling import one, refused, submit

CODE = grpc.StatusCode
EVERY_SECOND = 2


class EverySecondForeign(Releaser):
    """Every second record goes out in another administration's name: the receiver quarantines it."""

    def forms(
        self, record: Record, routes: Collection[Route], *, superseded: Mapping[str, Collection[str]]
    ) -> tuple[Release, ...]:
        self._count = getattr(self, "_count", 0) + 1
        releases = super().forms(record, routes, superseded=superseded)
        if self._count % EVERY_SECOND:
            return releases
        return tuple(replace(release, record=as_of_us(release.record)) for release in releases)


class UnderAnothersId(Releaser):
    """What goes out has the id that was taken last: of a record that this side was sent."""

    def __init__(self, book: TrustBook, taken: Sequence[str]) -> None:
        super().__init__(book)
        self._taken = taken

    def forms(
        self, record: Record, routes: Collection[Route], *, superseded: Mapping[str, Collection[str]]
    ) -> tuple[Release, ...]:
        record.header.record_id = self._taken[-1]
        return super().forms(record, routes, superseded=superseded)


def as_of_us(data: bytes) -> bytes:
    record = Record.FromString(data)
    record.header.issuer = "US"
    return record.SerializeToString()


async def test_pages_cover_everything_once(cn: nodes.Home, records: RecordsServiceStub) -> None:
    ids = await nodes.submit(cn, nodes.submissions("CN", 25))
    found: list[str] = []
    token, pages = "", 0
    while token or not pages:
        page = await records.ListRecords(pb.ListRecordsRequest(page_size=10, page_token=token), timeout=nodes.SECONDS)
        assert len(page.records) <= 10
        found += [each.record.header.record_id for each in page.records]
        token, pages = page.next_page_token, pages + 1
    assert found == ids
    again = await records.ListRecords(pb.ListRecordsRequest(page_size=10), timeout=nodes.SECONDS)
    assert again.next_page_token
    later = await records.ListRecords(
        pb.ListRecordsRequest(page_size=1000, page_token=again.next_page_token), timeout=nodes.SECONDS
    )
    assert [each.record.header.record_id for each in later.records] == ids[10:]
    assert later.next_page_token == ""


@pytest.mark.parametrize("token", ["x", "-1", "1.5", " 1", "1" * 20, "\uff19", "' OR 1=1", str(2**63)])
async def test_a_token_that_nobody_gave_out(token: str, records: RecordsServiceStub) -> None:
    for call in (
        records.ListRecords(pb.ListRecordsRequest(page_token=token)),
        records.WatchRecords(pb.WatchRecordsRequest(cursor=token)),
    ):
        assert await refused(call) == (CODE.INVALID_ARGUMENT, "MALFORMED")


async def test_a_token_far_beyond_the_end(records: RecordsServiceStub) -> None:
    page = await records.ListRecords(pb.ListRecordsRequest(page_token=str(2**63 - 1)), timeout=nodes.SECONDS)
    assert (list(page.records), page.next_page_token) == ([], "")


async def test_a_watch_does_not_wait_at_a_place_that_the_node_has_not_reached(records: RecordsServiceStub) -> None:
    """A store that was restored from an earlier copy gives the places in between to other records."""
    channel = records.WatchRecords(pb.WatchRecordsRequest(from_now=True), timeout=nodes.SECONDS)
    newest = (await channel.read()).cursor
    channel.cancel()
    beyond = records.WatchRecords(pb.WatchRecordsRequest(cursor=str(int(newest) + 1)), timeout=nodes.SECONDS)
    assert await refused(beyond) == (CODE.INVALID_ARGUMENT, "MALFORMED")


@pytest.mark.parametrize("size", [-1, 1001, 2**31 - 1])
async def test_a_page_size_out_of_bounds(size: int, records: RecordsServiceStub) -> None:
    assert await refused(records.ListRecords(pb.ListRecordsRequest(page_size=size))) == (
        CODE.INVALID_ARGUMENT,
        "MALFORMED",
    )


async def test_an_unknown_direction(records: RecordsServiceStub) -> None:
    wrong = pb.RecordFilter(direction=77)
    assert await refused(records.ListRecords(pb.ListRecordsRequest(filter=wrong))) == (
        CODE.INVALID_ARGUMENT,
        "MALFORMED",
    )
    assert await refused(records.WatchRecords(pb.WatchRecordsRequest(filter=wrong))) == (
        CODE.INVALID_ARGUMENT,
        "MALFORMED",
    )


@pytest.mark.parametrize("record_id", ["", "x", "01900000-0000-7000-8000-000000000000", "'; DROP TABLE record"])
async def test_a_record_that_is_not_there(record_id: str, records: RecordsServiceStub) -> None:
    assert await refused(records.GetRecord(pb.GetRecordRequest(record_id=record_id))) == (CODE.NOT_FOUND, "NOT_FOUND")
    assert await refused(records.ExportEvidence(pb.ExportEvidenceRequest(record_id=record_id))) == (
        CODE.NOT_FOUND,
        "NOT_FOUND",
    )


async def test_evidence_before_the_receipt(records: RecordsServiceStub) -> None:
    (result,) = await submit(records, one())
    assert await refused(records.ExportEvidence(pb.ExportEvidenceRequest(record_id=result.record_id))) == (
        CODE.FAILED_PRECONDITION,
        "NOT_RECEIPTED",
    )


async def test_filters(cn: nodes.Home, records: RecordsServiceStub) -> None:
    await nodes.submit(cn, nodes.submissions("CN", 40))
    wanted = pb.RecordFilter(kinds=["screening_result"], partners=["NL"], direction=pb.DIRECTION_ISSUED)
    page = await records.ListRecords(pb.ListRecordsRequest(filter=wanted), timeout=nodes.SECONDS)
    assert {each.record.WhichOneof("body") for each in page.records} == {"screening_result"}
    for none in (pb.RecordFilter(direction=pb.DIRECTION_RECEIVED), pb.RecordFilter(partners=["US"])):
        page = await records.ListRecords(pb.ListRecordsRequest(filter=none), timeout=nodes.SECONDS)
        assert list(page.records) == []


async def read_until(call: Any, count: int) -> tuple[list[str], str]:
    """Read records until so many have come; gives their ids and the last cursor."""
    ids: list[str] = []
    cursor = ""
    while len(ids) < count:
        message = await call.read()
        ids += [each.record.header.record_id for each in message.records]
        cursor = message.cursor
    return ids, cursor


async def test_a_watch_gives_what_is_there_then_what_comes(cn: nodes.Home, records: RecordsServiceStub) -> None:
    before = await nodes.submit(cn, nodes.submissions("CN", 3, seed=1))
    call = records.WatchRecords(pb.WatchRecordsRequest(), timeout=nodes.SECONDS)
    assert (await read_until(call, 3))[0] == before
    after = await nodes.submit(cn, nodes.submissions("CN", 3, seed=2))
    seen, cursor = await read_until(call, 3)
    assert seen == after
    call.cancel()
    missed = await nodes.submit(cn, nodes.submissions("CN", 3, seed=3))
    resumed = records.WatchRecords(pb.WatchRecordsRequest(cursor=cursor), timeout=nodes.SECONDS)
    assert (await read_until(resumed, 3))[0] == missed
    resumed.cancel()


async def test_a_watch_from_now_on(cn: nodes.Home, records: RecordsServiceStub) -> None:
    await nodes.submit(cn, nodes.submissions("CN", 3, seed=1))
    call = records.WatchRecords(pb.WatchRecordsRequest(from_now=True), timeout=nodes.SECONDS)
    first = await call.read()
    assert (list(first.records), bool(first.cursor)) == ([], True)
    after = await nodes.submit(cn, nodes.submissions("CN", 3, seed=2))
    assert (await read_until(call, 3))[0] == after
    call.cancel()
    assert await refused(records.WatchRecords(pb.WatchRecordsRequest(from_now=True, cursor="1"))) == (
        CODE.INVALID_ARGUMENT,
        "MALFORMED",
    )


async def test_a_slow_reader_gets_everything(cn: nodes.Home, records: RecordsServiceStub) -> None:
    """It reads nothing while far more is stored than any buffer holds; other readers do not wait for it."""
    slow = records.WatchRecords(pb.WatchRecordsRequest(), timeout=nodes.SECONDS)
    ids: list[str] = []
    for seed in range(6):
        ids += await nodes.submit(cn, nodes.submissions("CN", 1000, seed=seed))
    quick = records.WatchRecords(pb.WatchRecordsRequest(), timeout=nodes.SECONDS)
    assert (await read_until(quick, len(ids)))[0] == ids
    quick.cancel()
    assert (await read_until(slow, len(ids)))[0] == ids
    slow.cancel()


async def test_quarantined_records_are_seen_by_those_who_ask(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    hostile = Collaborators(releaser=EverySecondForeign)
    async with (
        open_node(config.load(nl.path), nl.path),
        open_node(config.load(cn.path), cn.path, collaborators=hostile),
    ):
        ids = await nodes.submit(cn, nodes.submissions("CN", 20))
        everything = await nodes.received(nl, 20, quarantined=True)
        assert [each.record.header.record_id for each in everything] == ids
        usable = await nodes.received(nl, 10)
        assert [each.record.header.record_id for each in usable] == ids[::EVERY_SECOND]
        assert {each.standing for each in usable} == {pb.STANDING_ACCEPTED}
        kept = [each for each in everything if each.standing == pb.STANDING_QUARANTINED]
        assert [each.record.header.record_id for each in kept] == ids[1::EVERY_SECOND]
        assert {violation.rule for each in kept for violation in each.violations} == {"header.issuer"}
        await nodes.until(lambda: judged(cn, ids[1]), lambda word: word == "QUARANTINED")
        assert await judged(cn, ids[0]) == ""


@pytest.mark.long
async def test_what_a_partner_states_under_our_records_id_is_its_own(tmp_path: Path) -> None:
    """A client gets what it has submitted as ever, is told who else has used the id, and can get at both."""
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    taken: list[str] = []
    hostile = Collaborators(releaser=lambda book: UnderAnothersId(book, taken))
    async with (
        open_node(config.load(nl.path), nl.path),
        open_node(config.load(cn.path), cn.path, collaborators=hostile),
        nodes.records_of(nl) as records,
    ):
        taken += await nodes.submit(nl, nodes.submissions("NL", 1))
        await nodes.received(cn, 1)
        await nodes.submit(cn, nodes.submissions("CN", 1))
        await nodes.received(nl, 1)
        for issuer, whose, others in (("", "NL", ["CN"]), ("NL", "NL", ["CN"]), ("CN", "CN", ["NL"])):
            asked = pb.GetRecordRequest(record_id=taken[0], issuer=issuer)
            answer = await records.GetRecord(asked, timeout=nodes.SECONDS)
            assert answer.record.record.header.issuer == whose
            assert list(answer.other_issuers) == others
            proof = pb.ExportEvidenceRequest(record_id=taken[0], issuer=issuer)
            exported = await records.ExportEvidence(proof, timeout=nodes.SECONDS)
            with ZipFile(BytesIO(exported.bundle)) as bundle:
                assert Record.FromString(bundle.read("record.bin")).header.issuer == whose
        nobodys = pb.GetRecordRequest(record_id=taken[0], issuer="US")
        assert await refused(records.GetRecord(nobodys)) == (CODE.NOT_FOUND, "NOT_FOUND")


async def judged(home: nodes.Home, record_id: str) -> str:
    async with nodes.records_of(home) as records:
        answer = await records.GetRecord(pb.GetRecordRequest(record_id=record_id), timeout=nodes.SECONDS)
    return str(answer.record.deliveries[0].judgement)
