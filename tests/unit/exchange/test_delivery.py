"""What a link is for: everything released arrives once, in order, with a receipt."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange.limits import LinkLimits
from gateway.exchange.session_states import State
from gateway.exchange.session_trust import AgreementRef
from gateway.ports.intake import AgreementVersion
from tests.unit.exchange.link_world import AGREEMENT, End, Link, StoreWork, entries_of, trust


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


def test_what_only_one_side_has_agreed_to_waits_for_a_session_in_which_both_have() -> None:
    ours, theirs = AgreementRef("JP-NL-more", 1, bytes([8]) * 32), AgreementRef("JP-NL-more", 1, bytes([9]) * 32)
    link = Link()
    link.high.trust = trust("NL", "JP", agreements=(AGREEMENT, ours))
    link.high.logs.released_under = {
        b"both": AgreementVersion(AGREEMENT.id, 1),
        b"one": AgreementVersion(ours.id, 1),
        b"ended": AgreementVersion("JP-NL-old", 4),
    }
    for theirs_now in ((AGREEMENT,), (AGREEMENT, theirs)):
        link.low.trust = trust("JP", "NL", agreements=theirs_now)
        link.open()
        link.high.submit(b"one", b"both", b"ended", b"no agreement needed")
        link.settle()
        assert entries_of(link.low.logs.held)[-3:] == [b"both", b"ended", b"no agreement needed"]
        assert set(link.high.logs.outbox) == {b"one"}
        link.cut()
    link.low.trust = trust("JP", "NL", agreements=(AGREEMENT, ours))
    link.open()
    assert entries_of(link.low.logs.held)[-1] == b"one"
    assert_replicated(link)


CALM = {"RENEW", "UNAVAILABLE", "OUT_OF_ORDER", "SHUTDOWN"}
"""How sessions end when nobody does anything wrong."""

SUBMIT, CUT, CRASH, OVERTAKE, TIME, CHANGE, STOP = range(7)


class Storm:
    """A link that loses its line, its processes and its trust data all the time, and what was submitted to it."""

    def __init__(self, *, small: bool) -> None:
        self.link = Link()
        self.submitted: dict[str, list[bytes]] = {end.own: [] for end in self.link.ends}
        for end in self.link.ends if small else ():
            end.limits = LinkLimits(batch_records=3, batch_bytes=4000, window_batches=2, window_bytes=6000)
        self.link.connect()

    def step(self, end: End, choice: int) -> None:
        now = self.link.clock.moment()
        if choice == SUBMIT:
            record = f"{end.own} record {len(self.submitted[end.own])}".encode()
            self.submitted[end.own].append(record)
            end.submit(record)
        elif choice == CUT:
            self.reconnect()
        elif choice == CRASH and end.to_do:
            end.work(tell=False)  # committed, and the process ends before it can say so
            self.reconnect()
        elif choice == OVERTAKE:
            late = list(end.to_do)
            self.reconnect()
            self.finish_late(end, late)
        elif choice == TIME:
            self.link.clock.move(0.7)
            end.tick()
        elif choice == CHANGE:
            end.do(end.session.trust_changed(now))
        elif choice == STOP:
            end.do(end.session.stop(now))
        elif choice % 2 and end.to_do:
            end.work()
        elif end.sent:
            self.link.deliver(end)
        self.check()

    def finish_late(self, end: End, late: list[StoreWork]) -> None:
        """Let an older session's store work go on beside the newer session."""
        present = list(end.to_do)
        for effect in late:
            end.to_do.clear()
            end.to_do.append(effect)
            end.work(tell=False)
        end.to_do.clear()
        end.to_do.extend(present)

    def reconnect(self) -> None:
        self.link.cut()
        self.link.connect()

    def check(self) -> None:
        closed = [end.closed for end in self.link.ends if end.closed is not None]
        assert {close.reason for close in closed} <= CALM, closed
        if closed:
            self.reconnect()

    def end(self) -> None:
        self.reconnect()
        self.link.settle()
        for end in self.link.ends:
            assert end.session.state is State.OPEN, end.closed
            arrived = entries_of(self.link.other(end).logs.held)
            assert [each for each in arrived if b" record " in each] == self.submitted[end.own]
        assert_replicated(self.link)


@settings(max_examples=100)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=250), small=st.booleans())
def test_whatever_happens_to_the_line_nothing_is_lost_or_doubled(steps: list[tuple[bool, int]], small: bool) -> None:
    storm = Storm(small=small)
    for high, choice in steps:
        storm.step(storm.link.ends[high], choice)
    storm.end()


@pytest.mark.parametrize("seed", range(30))
def test_long_storms_lose_nothing_either(seed: int) -> None:
    chance = Random(seed)
    storm = Storm(small=seed % 2 == 0)
    for _ in range(600):
        quiet = chance.random() < 0.9
        choice = chance.choice([SUBMIT, 7, 8, 9, 10]) if quiet else chance.randrange(STOP + 1)
        storm.step(chance.choice(storm.link.ends), choice)
    storm.end()
