"""Every state of the session's table, and every event in each."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gateway.errors import LinkSuspended, Ours, OutOfOrder, Pressure, RecordInvalid, UnknownPeer
from gateway.exchange.session_states import State
from gateway.ports.links import Entry
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import TIME, End, Link, entries_of


def goodbyes(end: End) -> list[pb.Goodbye]:
    return [frame.goodbye for frame in end.sent if frame.WhichOneof("frame") == "goodbye"]


def kinds(end: End) -> list[str]:
    return [str(frame.WhichOneof("frame")) for frame in end.sent]


def greeting_high() -> Link:
    return Link().connect()


def opened() -> Link:
    return Link().open()


def busy() -> Link:
    """NL has one batch under way to JP, which has not seen it yet."""
    link = Link().open()
    link.high.submit(b"a record")
    link.high.work()
    assert kinds(link.high) == ["batch"]
    return link


def draining() -> Link:
    link = busy()
    link.high.do(link.high.session.trust_changed(link.clock.moment()))
    assert link.high.session.state is State.DRAINING
    return link


# --- CONNECTED, GREETING ------------------------------------------------------------------------------------------


def test_the_higher_id_says_hello_and_the_lower_waits() -> None:
    link = greeting_high()
    assert link.high.session.state is link.low.session.state is State.GREETING
    assert kinds(link.high) == ["hello"]
    assert kinds(link.low) == []


def test_the_lower_answers_and_is_open_then_the_higher() -> None:
    link = greeting_high()
    link.deliver(link.high)
    assert kinds(link.low) == ["hello"]
    assert (link.low.session.state, link.high.session.state) == (State.OPEN, State.GREETING)
    link.deliver(link.low)
    assert link.high.session.state is State.OPEN


@pytest.mark.parametrize("side", ["high", "low"])
def test_no_hello_in_time_ends_the_session(side: str) -> None:
    link = greeting_high()
    end: End = getattr(link, side)
    assert end.session.wake_at == link.clock.monotonic() + 10
    link.clock.move(9.9)
    end.tick()
    assert end.closed is None
    link.clock.move(0.2)
    end.tick()
    assert end.closed
    assert (end.closed.reason, end.closed.by_peer) == ("TIMEOUT", False)
    assert goodbyes(end)[0].reason == "TIMEOUT"


@pytest.mark.parametrize("side", ["high", "low"])
@pytest.mark.parametrize(
    "frame",
    [pb.LinkFrame(batch=pb.Batch()), pb.LinkFrame(receipt=pb.Receipt(size=1)), pb.LinkFrame(heartbeat=pb.Heartbeat())],
    ids=["batch", "receipt", "heartbeat"],
)
def test_nothing_but_hello_opens_a_session(side: str, frame: pb.LinkFrame) -> None:
    end: End = getattr(greeting_high(), side)
    end.hear(frame)
    assert end.closed
    assert end.closed.reason == "MALFORMED"
    assert end.session.state is State.CLOSED


@pytest.mark.parametrize("side", ["high", "low"])
def test_a_second_hello_is_malformed(side: str) -> None:
    link = greeting_high()
    hello = {"low": link.high.sent[0]}
    link.deliver(link.high)
    hello["high"] = link.low.sent[0]
    link.settle()
    end: End = getattr(link, side)
    end.hear(hello[side])
    assert end.closed
    assert end.closed.reason == "MALFORMED"


def test_goodbye_while_greeting_closes() -> None:
    link = greeting_high()
    link.low.hear(
        pb.LinkFrame(goodbye=pb.Goodbye(reason="AGREEMENT_MISMATCH", detail="None in common.", retry_after=7))
    )
    assert link.low.closed
    closed = link.low.closed
    assert (closed.reason, closed.detail, closed.by_peer, closed.retry_after) == (
        "AGREEMENT_MISMATCH",
        "None in common.",
        True,
        7,
    )


@pytest.mark.parametrize(("event", "reason"), [("trust_changed", "RENEW"), ("stop", "SHUTDOWN")])
def test_a_change_while_greeting_ends_the_session(event: str, reason: str) -> None:
    link = greeting_high()
    link.high.do(getattr(link.high.session, event)(link.clock.moment()))
    assert link.high.closed
    assert link.high.closed.reason == reason
    assert goodbyes(link.high)[-1].reason == reason


def test_work_while_greeting_waits_for_the_opening() -> None:
    link = greeting_high()
    link.high.submit(b"early")
    assert not link.high.to_do
    link.settle()
    assert entries_of(link.low.logs.held) == [b"early"]


# --- OPEN ---------------------------------------------------------------------------------------------------------


def test_trust_that_changes_renews_at_once_and_loses_nothing() -> None:
    link = busy()
    link.high.do(link.high.session.trust_changed(link.clock.moment()))
    assert goodbyes(link.high)[0].reason == "RENEW"
    link.settle()
    assert link.high.closed
    assert link.low.closed
    assert (link.high.closed.reason, link.high.closed.by_peer) == ("RENEW", False)
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("RENEW", True)
    assert entries_of(link.low.logs.held) == [b"a record"]
    assert link.high.logs.issued.receipted == 1


def test_a_planned_stop_drains_both_sides() -> None:
    link = busy()
    link.low.submit(b"another")
    link.low.work()
    link.low.do(link.low.session.stop(link.clock.moment()))
    link.settle()
    assert link.low.closed
    assert link.high.closed
    assert link.low.closed.reason == link.high.closed.reason == "SHUTDOWN"
    assert link.low.logs.issued.receipted == link.high.logs.issued.receipted == 1


def test_what_the_peer_sent_before_it_heard_goodbye_is_still_receipted() -> None:
    link = opened()
    link.low.submit(b"on its way")
    link.low.work()
    link.high.do(link.high.session.trust_changed(link.clock.moment()))
    assert link.high.closed is None
    link.settle()
    assert link.high.closed
    assert entries_of(link.high.logs.held) == [b"on its way"]
    assert link.low.logs.issued.receipted == 1


def test_no_batch_is_formed_while_draining() -> None:
    link = draining()
    link.high.submit(b"late")
    assert not link.high.to_do
    link.deliver(link.high)
    link.deliver(link.high)
    assert link.low.session.state is State.DRAINING
    link.low.submit(b"late too")
    assert [type(effect).__name__ for effect in link.low.to_do] == ["TakeBatch"]


def test_a_batch_formed_too_late_is_sent_by_the_next_session() -> None:
    link = Link().open()
    link.high.submit(b"a record")
    link.high.do(link.high.session.trust_changed(link.clock.moment()))
    link.settle()
    assert len(link.high.logs.issued.entries) == 1
    assert link.low.logs.held.entries == []
    link.open().settle()
    assert entries_of(link.low.logs.held) == [b"a record"]


def test_a_batch_after_goodbye_is_malformed() -> None:
    link = busy()
    batch = link.high.sent.popleft()
    link.low.hear(pb.LinkFrame(goodbye=pb.Goodbye(reason="RENEW")))
    assert link.low.closed  # nothing was under way
    link = busy()
    link.low.submit(b"keeps it draining")
    link.low.work()
    link.low.hear(pb.LinkFrame(goodbye=pb.Goodbye(reason="RENEW")))
    link.low.hear(batch)
    assert link.low.closed
    assert link.low.closed.reason == "MALFORMED"


def test_draining_ends_when_time_is_over() -> None:
    link = draining()
    assert link.high.session.wake_at == link.clock.monotonic() + 5
    link.clock.move(4.9)
    link.high.tick()
    assert link.high.closed is None
    link.clock.move(0.2)
    link.high.tick()
    assert link.high.closed
    assert link.high.closed.reason == "RENEW"


def test_a_breach_told_while_draining_outweighs_the_reason_for_draining() -> None:
    link = draining()
    link.high.hear(pb.LinkFrame(goodbye=pb.Goodbye(reason="ROOT_MISMATCH", detail="No.")))
    link.high.do(link.high.session.stream_ended("end", link.clock.moment()))
    assert link.high.closed
    assert (link.high.closed.reason, link.high.closed.by_peer) == ("ROOT_MISMATCH", True)


def test_after_a_breach_what_was_committed_is_receipted_before_goodbye() -> None:
    link = busy()
    link.deliver(link.high)  # verified, not committed yet
    link.low.hear(pb.LinkFrame(batch=pb.Batch(first=99)))
    assert link.low.session.state is State.DRAINING
    assert kinds(link.low) == []
    link.low.hear(pb.LinkFrame(heartbeat=pb.Heartbeat(time=0)))  # no longer looked at
    link.low.work()
    assert kinds(link.low) == ["receipt", "goodbye"]
    assert link.low.closed
    assert link.low.closed.reason == "OUT_OF_ORDER"
    link.settle()
    assert link.high.logs.issued.receipted == 1
    assert link.high.closed
    assert link.high.closed.reason == "OUT_OF_ORDER"


def test_after_a_breach_a_commit_that_takes_too_long_is_not_waited_for() -> None:
    link = busy()
    link.deliver(link.high)
    link.low.hear(pb.LinkFrame(batch=pb.Batch(first=99)))
    link.clock.move(5.1)
    link.low.tick()
    assert kinds(link.low) == ["goodbye"]
    assert link.low.closed


def test_heartbeats_keep_an_idle_line() -> None:
    link = opened()
    for _ in range(20):
        assert link.high.session.wake_at <= link.clock.monotonic() + 5
        link.clock.move(5)
        for end in link.ends:
            end.tick()
        assert kinds(link.high) == kinds(link.low) == ["heartbeat"]
        link.settle()
    assert all(end.closed is None for end in link.ends)


def pass_time(link: Link, seconds: int, *, at_each: Callable[[Link], None] = lambda _: None) -> None:
    """Let the clock go on, second by second, with whatever both have to say."""
    for _ in range(seconds):
        link.clock.move(1)
        at_each(link)
        for end in link.ends:
            end.tick()
        link.settle()


def test_a_partner_with_nothing_to_say_is_known_to_lack_nothing_and_one_that_is_away_is_not() -> None:
    link = opened()
    pass_time(link, 600)
    assert link.clock.now() - link.high.complete_at <= 30
    heard = link.high.complete_at
    link.clock.move(100)
    assert link.high.complete_at == heard


def test_one_that_is_never_silent_says_it_too() -> None:
    """JP only signs for what NL sends, so that it needs no heartbeat to show that it lives."""

    def busy_with_receipts(link: Link) -> None:
        link.high.submit(b"a record")

    link = opened()
    pass_time(link, 90, at_each=busy_with_receipts)
    assert link.clock.now() - link.high.complete_at <= 31


def test_nothing_is_said_while_something_waits_or_has_no_receipt() -> None:
    link = busy()
    for _ in range(2):
        link.clock.move(5)
        link.high.tick()
    assert kinds(link.high)[1:] == ["heartbeat", "heartbeat"]
    assert not any(frame.heartbeat.nothing_waits for frame in link.high.sent)
    link.settle()
    assert link.low.complete_at == 0
    link.clock.move(5)
    link.high.tick()
    link.settle()
    assert link.low.complete_at == link.clock.now()


def test_the_word_counts_when_what_came_before_is_stored_and_no_clock_makes_it_later() -> None:
    link = busy()
    link.deliver(link.high)
    word = pb.LinkFrame(heartbeat=pb.Heartbeat(time=link.clock.now() + 60, nothing_waits=True))
    link.low.hear(word)
    assert link.low.complete_at == 0
    link.low.work()
    link.low.hear(word)
    assert link.low.complete_at == link.clock.now()


def test_silence_ends_the_session_without_a_word() -> None:
    link = opened()
    link.clock.move(13.9)
    link.high.tick()
    assert link.high.closed is None
    link.high.sent.clear()
    link.clock.move(0.2)
    link.high.tick()
    assert link.high.closed
    assert link.high.closed.reason == "TIMEOUT"
    assert not link.high.sent


def test_a_receipt_that_does_not_come_ends_the_session() -> None:
    link = busy()
    for _ in range(59):
        link.clock.move(1)
        link.high.hear(pb.LinkFrame(heartbeat=pb.Heartbeat(time=link.clock.now())))
        link.high.tick()
    assert link.high.closed is None
    link.clock.move(1)
    link.high.tick()
    assert link.high.closed
    assert link.high.closed.reason == "TIMEOUT"
    assert goodbyes(link.high)[0].reason == "TIMEOUT"


@pytest.mark.parametrize(("off", "refused"), [(-301, True), (-300, False), (300, False), (301, True)])
def test_a_heartbeat_tells_a_clock_that_is_off(off: int, refused: bool) -> None:
    link = opened()
    link.high.hear(pb.LinkFrame(heartbeat=pb.Heartbeat(time=TIME + off)))
    assert (link.high.closed.reason if link.high.closed else "") == ("CLOCK_SKEW" if refused else "")


def on_batch(link: Link) -> None:
    link.low.submit(b"x")
    link.low.work()
    link.deliver(link.low)


def on_heartbeat(link: Link) -> None:
    link.high.hear(pb.LinkFrame(heartbeat=pb.Heartbeat(time=TIME)))


def on_own_batch(link: Link) -> None:
    link.high.submit(b"x")
    link.high.work()


def on_own_heartbeat(link: Link) -> None:
    link.clock.move(5)
    link.high.tick()


@pytest.mark.parametrize("moment", [on_batch, on_heartbeat, on_own_batch, on_own_heartbeat])
def test_trust_is_asked_for_again_at_every_batch_and_heartbeat(moment: Callable[[Link], None]) -> None:
    link = opened()
    link.high.untrusted = LinkSuspended("The operator suspended the link.")
    moment(link)
    assert link.high.closed
    assert link.high.closed.reason == "LINK_SUSPENDED"
    assert link.low.logs.held.entries == []


def test_a_stranger_is_told_nothing() -> None:
    link = opened()
    link.high.untrusted = UnknownPeer("The certificate was withdrawn.")
    on_heartbeat(link)
    assert link.high.closed
    assert link.high.closed.reason == "UNKNOWN_PEER"
    assert not link.high.sent


@pytest.mark.parametrize(
    ("error", "reason", "retry_after"),
    [
        (OutOfOrder("Another session owns the log."), "OUT_OF_ORDER", 0),
        (Pressure("The disk is nearly full."), "OVERLOADED", 5),
        (Ours("A bug."), "INTERNAL", 0),
        (RecordInvalid("No reason of the protocol."), "INTERNAL", 0),
    ],
)
def test_a_failure_here_ends_the_session_with_its_reason(error: Exception, reason: str, retry_after: int) -> None:
    link = busy()
    link.high.do(link.high.session.failed(error, link.clock.moment()))  # type: ignore[arg-type]
    assert link.high.closed
    assert link.high.closed.reason == reason
    assert (goodbyes(link.high)[0].reason, goodbyes(link.high)[0].retry_after) == (reason, retry_after)


def test_a_newer_session_ends_this_one() -> None:
    link = busy()
    link.high.do(link.high.session.superseded(link.clock.moment()))
    assert link.high.closed
    assert link.high.closed.reason == goodbyes(link.high)[0].reason == "SUPERSEDED"


def test_a_session_overtaken_in_the_store_ends_out_of_order() -> None:
    link = opened()
    link.high.submit(b"x")
    link.high.logs.issued.entries.append(Entry(bytes(16), b"of another session"))
    link.high.work()
    assert link.high.closed
    assert link.high.closed.reason == "OUT_OF_ORDER"


def test_unknown_frames_are_ignored_and_count_as_life() -> None:
    link = opened()
    link.clock.move(14)
    link.high.hear(pb.LinkFrame.FromString(bytes([0xFA, 0x3F, 0x01, 0x00])))
    link.clock.move(2)
    link.high.tick()
    assert link.high.closed is None


@pytest.mark.parametrize("reason", ["", "lower", "X" * 99, "A REASON", "RENEW\n"])
def test_a_reason_that_is_none_counts_as_a_fault_there(reason: str) -> None:
    link = opened()
    link.high.hear(pb.LinkFrame(goodbye=pb.Goodbye(reason=reason, detail="d" * 9999, evidence=[b"n"] * 99)))
    assert link.high.closed
    assert link.high.closed.reason == "INTERNAL"
    assert len(link.high.closed.detail) == 500
    assert len(link.high.closed.evidence) == 4


# --- CLOSED -------------------------------------------------------------------------------------------------------


def test_after_the_end_nothing_happens_any_more() -> None:
    link = busy()
    high, now = link.high, link.clock.moment()
    frame = high.sent[0]
    high.do(high.session.stream_ended("The line broke.", now))
    assert high.closed
    assert (high.closed.reason, high.session.wake_at) == ("UNAVAILABLE", math.inf)
    session = high.session
    for effects in (
        session.started(now),
        session.frame_received(frame, now),
        session.work_waiting(now),
        session.batch_formed(None, now),
        session.receipt_committed(now),
        session.tick(now),
        session.trust_changed(now),
        session.stop(now),
        session.superseded(now),
        session.failed(Ours("x"), now),
        session.stream_ended("x", now),
    ):
        assert effects == []
