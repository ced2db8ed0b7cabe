"""Recalls that name very many records go through the national API in messages that it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from gateway.reliance.recall_desk import Listed, RecallView
from gateway.rpc.fitting import MESSAGE_BYTES, page_of
from gateway.rpc.recalls_service import RecallsService
from gateway.rpc.reliance_messages import RECORDS_SHOWN
from mutualrecognition.national.v1 import recalls_service_pb2 as pb
from tests.contracts.making import record_id
from tests.unit.rpc.test_recalls_named import view

NOTHING: Any = None
RECORDS = 30_000
RECALLS = 8


def large(number: int) -> RecallView:
    """A recall of more records than a message shows."""
    return replace(
        view("CN"), recall_id=f"R-{number}", record_ids=tuple(map(record_id, range(RECORDS))), sequence=number
    )


VIEWS = tuple(map(large, range(1, RECALLS + 1)))


class Desk:
    """Lists them, as many as asked for."""

    bearing_on = escalated = NOTHING

    async def listed(self, *, after: int, limit: int) -> Listed:
        page = VIEWS[after : after + limit]
        return Listed(page, page[-1].sequence if len(page) == limit else 0)


def service(**more: Any) -> RecallsService:
    desk: Any = Desk()
    return RecallsService(desk=desk, clerk=NOTHING, watch=more.get("watch", NOTHING))


async def test_a_list_is_cut_where_a_message_is_full_and_goes_on_there() -> None:
    found: list[pb.Recall] = []
    request = pb.ListRecallsRequest()
    pages = 0
    while not pages or request.page_token:
        page = await service().ListRecalls(request, NOTHING)
        assert page.ByteSize() < MESSAGE_BYTES + 1000
        found += page.recalls
        request.page_token = page.next_page_token
        pages += 1
    assert [each.recall_id for each in found] == [each.recall_id for each in VIEWS]
    assert {(each.records, len(each.record_ids)) for each in found} == {(RECORDS, RECORDS_SHOWN)}
    assert pages > 1


def test_what_stands_at_one_place_is_not_torn_apart_and_every_page_leads_on() -> None:
    big = pb.Recall(text="x" * (MESSAGE_BYTES // 2))
    placed = [(0, big), (0, big), (0, big), (4, big), (4, big), (7, big)]
    assert [page_of(placed, after=0)[1], len(page_of(placed, after=0)[0])] == [4, 5]
    assert page_of(placed[5:], after=4) == ([big], 0)
    assert page_of([(5, big), (6, big), (7, big)], after=4) == ([big], 5)
    assert page_of([], after=4) == ([], 0)


async def test_a_watch_deals_them_out_and_moves_its_cursor_with_the_last() -> None:
    async def begin(_: str, *, from_now: bool) -> int:
        return 3

    async def watch(*_: object) -> AsyncIterator[tuple[tuple[RecallView, ...], int]]:
        yield VIEWS, 9

    calls = service(watch=SimpleNamespace(begin=begin, watch=watch)).WatchRecalls(pb.WatchRecallsRequest(), NOTHING)
    told = [each async for each in calls]
    assert sum(len(each.recalls) for each in told) == RECALLS
    assert all(each.ByteSize() < MESSAGE_BYTES + 1000 for each in told)
    assert [each.cursor for each in told] == ["3"] * (len(told) - 1) + ["9"]
    assert len(told) > 1
