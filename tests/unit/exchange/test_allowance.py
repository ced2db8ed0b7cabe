"""What one partner may take: allowances that fill with time, frames that move nothing, room in quarantine."""

from __future__ import annotations

from hashlib import sha256

import pytest

from gateway.errors import LimitExceeded, Pressure, QuarantineFull
from gateway.exchange.allowance import Allowance
from gateway.exchange.idle_frames import A_SECOND, AT_ONCE, IdleFrames
from gateway.exchange.quarantine import BYTES_A_SECOND, BYTES_AT_ONCE, ENTRY_BYTES, QuarantineRoom
from gateway.ports.links import Entry, JudgedEntry, Standing
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import Link

HEARTBEAT = pb.LinkFrame(heartbeat=pb.Heartbeat(time=1))


def test_an_allowance_is_full_at_first_and_fills_up_again() -> None:
    allowance = Allowance(at_once=3, a_second=2)
    assert [allowance.spend(1, 0) for _ in range(4)] == [True, True, True, False]
    assert allowance.seconds_until(1) == 0.5
    assert [allowance.spend(1, 0.5), allowance.spend(1, 0.5)] == [True, False]
    assert [allowance.spend(1, 1000) for _ in range(4)] == [True, True, True, False]


def test_a_refused_wish_costs_nothing_and_a_clock_that_stands_gives_nothing() -> None:
    allowance = Allowance(at_once=10, a_second=1)
    assert allowance.spend(8, 5)
    assert not allowance.spend(8, 5)
    assert not allowance.spend(8, 4)
    assert allowance.spend(2, 4)


def test_more_than_the_bucket_holds_is_there_when_it_is_full() -> None:
    allowance = Allowance(at_once=10, a_second=1)
    assert allowance.spend(25, 0)
    assert allowance.seconds_until(25) == 10
    assert [allowance.spend(25, 9), allowance.spend(25, 10)] == [False, True]


# --- frames that move nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame", [HEARTBEAT, pb.LinkFrame(), pb.LinkFrame(batch=pb.Batch()), pb.LinkFrame(receipt=pb.Receipt(size=1))]
)
def test_frames_that_move_nothing_are_counted_whatever_they_are(frame: pb.LinkFrame) -> None:
    frames = IdleFrames()
    for _ in range(AT_ONCE):
        frames.heard(frame, 0, awaited=False)
    with pytest.raises(LimitExceeded, match="move nothing"):
        frames.heard(frame, 0, awaited=False)
    for _ in range(int(A_SECOND)):
        frames.heard(frame, 1, awaited=False)
    with pytest.raises(LimitExceeded):
        frames.heard(frame, 1, awaited=False)


def test_batches_with_entries_and_receipts_that_are_awaited_are_not() -> None:
    frames = IdleFrames()
    batch = pb.LinkFrame(batch=pb.Batch(entries=[pb.Entry(salt=bytes(16))]))
    for _ in range(10 * AT_ONCE):
        frames.heard(batch, 0, awaited=False)
        frames.heard(pb.LinkFrame(receipt=pb.Receipt(size=1)), 0, awaited=True)


def test_a_session_ends_with_a_partner_that_only_sends_heartbeats() -> None:
    link = Link().open()
    beat = pb.LinkFrame(heartbeat=pb.Heartbeat(time=link.clock.moment().time))
    for _ in range(AT_ONCE + 1):
        if link.low.closed is None:
            link.low.hear(beat)
    assert link.low.closed
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("LIMIT_EXCEEDED", False)


def test_an_honest_session_sends_nothing_that_counts_while_records_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.exchange.idle_frames.AT_ONCE", 1)
    link = Link().open()
    for number in range(10):
        link.high.submit(b"record %d" % number)
        link.low.submit(b"back %d" % number)
        link.settle()
    assert (link.high.closed, link.low.closed) == (None, None)
    assert min(len(link.low.logs.held.entries), len(link.high.logs.held.entries)) >= 10


# --- quarantine ---------------------------------------------------------------------------------------------------


def judged(number: int, size: int, standing: Standing = Standing.QUARANTINED, salt: bytes = bytes(16)) -> JudgedEntry:
    entry = Entry(salt, b"x" * size)
    return JudgedEntry(entry, sha256(b"%d" % number).digest(), "", "", "", "", standing, ())


def test_quarantine_has_a_bound_and_fills_no_faster_than_it_says() -> None:
    now = [0.0]
    room = QuarantineRoom(lambda: now[0])
    batch = [judged(each, 255 * 1024) for each in range(4)]  # 1 MiB with what each costs besides
    size = sum(ENTRY_BYTES + len(each.entry.record) for each in batch)
    for _ in range(BYTES_AT_ONCE // size):
        room.take("CN", batch)
    with pytest.raises(Pressure, match="4 records of CN would be quarantined"):
        room.take("CN", batch)
    now[0] = 1024 * 1024 / BYTES_A_SECOND - 1
    with pytest.raises(QuarantineFull):
        room.take("CN", batch)
    now[0] += 1
    room.take("CN", batch)


def test_good_records_and_erased_ones_need_no_room() -> None:
    room = QuarantineRoom(lambda: 0.0)
    room.take("CN", [judged(each, 63 * 1024) for each in range(1024)])
    with pytest.raises(QuarantineFull, match="1 records of CN"):
        room.take("CN", [judged(1, 10)])
    room.take("CN", [judged(1, 10, Standing.ACCEPTED), judged(2, 0, salt=b"")])
