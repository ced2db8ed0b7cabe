"""What a link is for: everything released arrives once, in order, with a receipt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange.limits import LinkLimits
from gateway.exchange.session import State
from tests.unit.exchange.link_world import End, Link, entries_of


def assert_replicated(link: Link) -> None:
    for end in link.ends:
        other = link.other(end)
        assert not end.logs.outbox
        assert entries_of(end.logs.issued) == entries_of(other.logs.held)
        assert end.logs.issued.receipted == len(end.logs.issued.entries)
        assert end.logs.issued.note == other.logs.held.note
        assert end.logs.issued.receipt_time == other.logs.held.receipt_time


@pytest.mark.parametrize("post_quantum", [False, True])
def test_records_of_both_sides_arrive_with_receipts(post_quantum: bool) -> None:
    link = Link(post_quantum=post_quantum).open()
    link.high.submit(*(b"from NL %d" % i for i in range(50)))
    link.low.submit(*(b"from JP %d" % i for i in range(70)))
    link.settle()
    assert [each for each in entries_of(link.low.logs.held) if each.startswith(b"from")] == [
        b"from NL %d" % i for i in range(50)
    ]
    assert_replicated(link)
    assert link.high.logs.issued.note.count("— ".encode()) == (4 if post_quantum else 2)


def test_both_sides_name_the_session_alike() -> None:
    link = Link().open()
    assert link.high.opened
    assert link.low.opened
    assert link.high.opened.correlation_id == link.low.opened.correlation_id
    assert len(link.high.opened.correlation_id) == 64


def test_what_piled_up_while_closed_goes_out_when_open() -> None:
    link = Link()
    link.high.logs.outbox = [b"waiting %d" % i for i in range(10)]
    link.open().settle()
    assert entries_of(link.low.logs.held)[:10] == [b"waiting %d" % i for i in range(10)]


def test_several_batches_are_under_way_and_none_beyond_the_window() -> None:
    link = Link()
    link.low.limits = LinkLimits(batch_records=10, window_batches=3)
    link.open()
    link.high.submit(*(b"%d" % i * 100 for i in range(500)))
    most = 0
    while not all(end.logs.issued.receipted == 500 for end in (link.high,)):
        while link.high.to_do:  # forms all it may before a receipt comes
            link.high.work()
        under_way = [frame for frame in link.high.sent if frame.WhichOneof("frame") == "batch"]
        most = max(most, len(under_way))
        assert all(len(frame.batch.entries) <= 10 for frame in under_way)
        for end in link.ends:
            while end.sent:
                link.deliver(end)
        while link.low.to_do:
            link.low.work()
        assert link.low.closed is None
    assert most == 3


def test_a_large_record_goes_alone_whatever_the_limits() -> None:
    link = Link()
    link.low.limits = LinkLimits(batch_records=0, batch_bytes=1000, window_batches=0, window_bytes=1000)
    link.open()
    link.high.submit(b"x" * 200_000, b"y" * 200_000)
    link.settle()
    assert_replicated(link)


def test_smaller_limits_after_a_cut_still_deliver_the_large_batch() -> None:
    link = Link().open()
    link.high.submit(*(b"%4d" % i * 100 for i in range(300)))
    while len(link.high.logs.issued.ends) < 5 or link.high.to_do:
        if link.high.to_do:
            link.high.work()
        for end in link.ends if len(link.high.logs.issued.ends) < 5 else ():
            while end.sent:
                link.deliver(end)
            if end is link.low and end.to_do:
                end.work()
    link.cut()
    link.low.limits = LinkLimits(batch_records=2, batch_bytes=5000, window_batches=2, window_bytes=9000)
    link.open().settle()
    assert_replicated(link)


def step(link: Link, end: End, choice: int) -> None:
    other = link.other(end)
    if choice == 0:
        end.logs.outbox.append(
            b"%s record %d" % (end.own.encode(), len(end.logs.issued.entries) + len(end.logs.outbox))
        )
        end.do(end.session.work_waiting(link.clock.moment()))
    elif choice in (1, 2) and end.sent:
        link.deliver(end)
    elif choice in (3, 4) and end.to_do:
        end.work()
    elif choice == 5 and end.to_do:
        end.work(tell=False)  # committed, and the process ends before it can say so
        link.cut()
        link.connect()
    elif choice == 6:
        link.cut()
        link.connect()
    elif choice == 7:
        link.clock.move(0.7)
        end.tick()
    elif choice == 8:
        end.do(end.session.trust_changed(link.clock.moment()))
    if any(each.closed is not None for each in link.ends):
        assert all(each.closed is None or each.closed.reason in ("RENEW", "UNAVAILABLE") for each in link.ends), (
            end.closed,
            other.closed,
        )
        link.cut()
        link.connect()


@settings(max_examples=150)
@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 40).map(lambda n: n if n <= 8 else n % 5)), max_size=250),
    small=st.booleans(),
)
def test_whatever_happens_to_the_line_nothing_is_lost_or_doubled(steps: list[tuple[bool, int]], small: bool) -> None:
    link = Link()
    if small:
        for end in link.ends:
            end.limits = LinkLimits(batch_records=3, batch_bytes=4000, window_batches=2, window_bytes=6000)
    link.connect()
    submitted = {end.own: [] for end in link.ends}
    for high, choice in steps:
        end = link.high if high else link.low
        before = len(end.logs.outbox)
        step(link, end, choice)
        if choice == 0:
            submitted[end.own].append(b"%s record %d" % (end.own.encode(), len(end.logs.issued.entries) + before))
    link.cut()
    link.connect().settle()
    for end in link.ends:
        assert end.session.state is State.OPEN, end.closed
        arrived = entries_of(link.other(end).logs.held)
        own = [each for each in arrived if b" record " in each]
        assert own == submitted[end.own]
    assert_replicated(link)
