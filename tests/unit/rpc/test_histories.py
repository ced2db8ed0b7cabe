"""What ``GetEntries`` gives, and to whom."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Absent, Pressure
from gateway.ports.histories import HistoryEntry, HistoryPart
from gateway.ports.links import Entry
from gateway.rpc.histories import ANSWER_BYTES, ANSWER_ENTRIES, HistoryGiver
from mutualrecognition.federation.v1 import link_pb2 as pb

ORIGIN = "customs.cn.example/links/NL/1"
PART = HistoryPart((HistoryEntry(Entry(b"s" * 16, b"r"), b"c" * 32), HistoryEntry(Entry(b"", b""), b"d" * 32)), 2, b"n")


class Histories:
    """One log of one partner; waits before it answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, int]]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.was_asked = asyncio.Event()

    async def part(self, partner: str, origin: str, **limits: int) -> HistoryPart | None:
        self.asked.append((partner, origin, limits))
        self.was_asked.set()
        await self.go_on.wait()
        return PART if (partner, origin) == ("CN", ORIGIN) else None


async def test_entries_are_given_in_both_forms_with_the_newest_checkpoint() -> None:
    histories = Histories()
    answer = await HistoryGiver(histories).give("CN", pb.GetEntriesRequest(origin=ORIGIN, first=7, count=3))
    assert list(answer.entries) == [pb.Entry(salt=b"s" * 16, record=b"r"), pb.Entry(commitment=b"d" * 32)]
    assert answer.checkpoint == b"n"
    assert histories.asked == [("CN", ORIGIN, {"first": 7, "records": 3, "size_bytes": ANSWER_BYTES})]


@pytest.mark.parametrize("count", [0, 2**32 - 1])
async def test_one_answer_has_its_limit(count: int) -> None:
    histories = Histories()
    await HistoryGiver(histories).give("CN", pb.GetEntriesRequest(origin=ORIGIN, first=2**64 - 1, count=count))
    ((_, _, limits),) = histories.asked
    assert limits == {"first": 2**63 - 1, "records": ANSWER_ENTRIES, "size_bytes": ANSWER_BYTES}


@pytest.mark.parametrize("origin", ["", "x", "customs.us.example/links/NL/1", "customs.cn.example/links/NL/01"])
async def test_whatever_else_is_asked_for_is_not_there(origin: str) -> None:
    with pytest.raises(Absent):
        await HistoryGiver(Histories()).give("CN", pb.GetEntriesRequest(origin=origin))
    with pytest.raises(Absent):
        await HistoryGiver(Histories()).give("US", pb.GetEntriesRequest(origin=ORIGIN))


async def test_each_partner_has_one_call_at_a_time() -> None:
    histories = Histories()
    histories.go_on.clear()
    giver = HistoryGiver(histories)
    first = asyncio.create_task(giver.give("CN", pb.GetEntriesRequest(origin=ORIGIN)))
    await histories.was_asked.wait()
    with pytest.raises(Pressure):
        await giver.give("CN", pb.GetEntriesRequest(origin=ORIGIN))
    other = asyncio.create_task(giver.give("US", pb.GetEntriesRequest(origin=ORIGIN)))
    histories.go_on.set()
    assert len((await first).entries) == 2
    with pytest.raises(Absent):
        await other
    assert len((await giver.give("CN", pb.GetEntriesRequest(origin=ORIGIN))).entries) == 2
