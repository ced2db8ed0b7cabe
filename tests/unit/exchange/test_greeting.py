"""A Hello that was overtaken: what it says of the logs is not true any more when it is heard or answered."""

from __future__ import annotations

from gateway.exchange.effects import ReadPositions
from gateway.exchange.session_states import State
from tests.unit.exchange.link_world import Link, run
from tests.unit.exchange.test_delivery import assert_replicated
from tests.unit.exchange.test_log_comparison import worked


def overtaken() -> Link:
    """NL's Hello is on its way since before another session moved both logs."""
    link = worked(2, 2)
    link.connect()
    stale_hello, stale_session = link.high.sent.popleft(), link.high.session
    link.open()
    link.high.submit(b"n")
    link.low.submit(b"j")
    link.settle()
    link.connect()
    link.high.session = stale_session
    link.high.sent.clear()
    link.high.sent.append(stale_hello)
    return link


def test_the_higher_end_does_not_take_its_own_old_hello_for_a_rollback() -> None:
    link = overtaken()
    link.settle()
    assert link.high.closed is not None
    assert (link.high.closed.reason, link.high.closed.by_peer) == ("OUT_OF_ORDER", False)
    link.cut()
    link.open().settle()
    assert_replicated(link)


def test_the_lower_end_does_not_take_an_old_hello_for_a_loss() -> None:
    link = overtaken()
    hello = link.high.sent.popleft()
    now = link.clock.moment()
    assert link.low.session.frame_received(hello, now) == [ReadPositions(take_over=True)]
    link.low.do(link.low.session.positions_read(run(link.low._positions()), now, took_over=True))
    assert link.low.closed is not None
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("OUT_OF_ORDER", False)


def test_where_no_session_was_open_the_loss_is_believed() -> None:
    link = overtaken()
    link.deliver(link.high)
    assert link.low.opened is not None
    assert link.low.opened.peer_lost_below == link.low.logs.issued.receipted
    assert link.low.session.state is State.OPEN


def test_a_hello_older_than_the_receipt_that_it_does_not_know_of_is_no_loss() -> None:
    """It arrives after the session that overtook it has ended, so that nothing was taken over."""
    link = worked(2, 2)
    link.connect()
    stale_hello, stale_session = link.high.sent.popleft(), link.high.session
    link.clock.move(2)
    link.open()
    link.low.submit(b"j")
    link.settle()
    link.cut()
    link.connect()
    link.high.session = stale_session
    link.low.hear(stale_hello)
    assert link.low.opened is None
    assert link.low.closed is not None
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("OUT_OF_ORDER", False)
    link.open().settle()
    assert_replicated(link)
