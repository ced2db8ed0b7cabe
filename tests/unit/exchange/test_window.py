"""How much may be under way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.limits import ENTRY_OVERHEAD_BYTES, LinkLimits
from gateway.exchange.window import Window


def grown(window: Window, at: float = 0.0) -> Window:
    """A window whose partner receipted much just now."""
    for _ in range(20):
        window.sent(900_000)
        window.receipted(900_000, at)
    return window


def test_it_begins_with_one_record() -> None:
    window = Window(LinkLimits(), post_quantum=False)
    assert window.room(0.0) == (1, 1)
    window.sent(1400)
    assert window.room(0.0) is None


def test_it_doubles_with_every_receipt() -> None:
    window = Window(LinkLimits(batch_bytes=900 * 1024), post_quantum=False)
    sizes = [1000]
    for turn in range(9):
        window.sent(sizes[-1])
        window.receipted(sizes[-1], turn * 0.01)
        room = window.room(turn * 0.01)
        assert room
        sizes.append(room[1])
    assert sizes[1:4] == [1000, 2000, 4000]
    assert sizes[9] == 1000 * 2**8


def test_on_a_slow_line_no_more_than_two_seconds_are_under_way() -> None:
    window, at, under_way = Window(LinkLimits(), post_quantum=False), 0.0, 0
    queue: list[int] = []
    for _ in range(400):  # ten kilobytes a second, receipted in pieces as they come through
        while room := window.room(at):
            size = min(max(room[1], 1000), 900_000)
            window.sent(size)
            queue.append(size)
        under_way = max(under_way, sum(queue)) if at > 10 else 0
        size = queue.pop(0)
        at += size / 10_000
        window.receipted(size, at)
    assert 10_000 <= under_way <= 25_000  # a batch that straddles the two seconds counts as a whole


def test_on_a_fast_line_no_more_than_a_third_of_a_second_is_under_way() -> None:
    rate, window, at = 3_000_000, Window(LinkLimits(), post_quantum=False), 0.0
    queue: list[int] = []
    most = 0
    for _ in range(200):
        while room := window.room(at):
            size = min(max(room[1], 1000), 900_000)
            window.sent(size)
            queue.append(size)
        most = max(most, sum(queue)) if at > 3 else 0
        size = queue.pop(0)
        at += size / rate
        window.receipted(size, at)
    assert 700_000 <= most <= 1_700_000  # a batch that straddles the third counts as a whole


def test_what_was_receipted_long_ago_counts_no_more() -> None:
    limits = LinkLimits(batch_records=1000, batch_bytes=900 * 1024)
    window = grown(Window(limits, post_quantum=False))
    assert window.room(0.35) == (1000, 900 * 1024 - 1024 - 1000 * ENTRY_OVERHEAD_BYTES)
    window.sent(600 * 1024)
    assert window.room(0.35)
    assert window.room(0.6) is None  # of what was receipted within two seconds, 512 KiB
    window.receipted(600 * 1024, 0.0)
    assert window.room(2.0)
    assert window.room(2.1) == (1, 1)


def test_the_partners_limits_are_hard() -> None:
    limits = LinkLimits(batch_records=10, batch_bytes=100_000, window_batches=3, window_bytes=250_000)
    window = grown(Window(limits, post_quantum=False))
    sent = []
    while room := window.room(0.0):
        frame = room[1] + room[0] * ENTRY_OVERHEAD_BYTES + 1024
        assert room[0] == 10
        window.sent(frame)
        sent.append(frame)
    assert sent[:2] == [100_000, 100_000]
    assert sum(sent) <= 250_000
    assert len(sent) == 3


def test_no_sliver_of_the_window_becomes_a_batch() -> None:
    window = grown(Window(LinkLimits(window_bytes=1_000_000), post_quantum=False))
    window.sent(890_000)
    assert window.room(0.0) is None
    window.receipted(890_000, 0.0)
    window.sent(700_000)
    assert window.room(0.0)


def test_ml_dsa_lines_need_room() -> None:
    small = grown(Window(LinkLimits(), post_quantum=False)).room(0.0)
    large = grown(Window(LinkLimits(), post_quantum=True)).room(0.0)
    assert small
    assert large
    assert small[1] - large[1] == 4096


limits = st.builds(LinkLimits, *[st.integers(0, 2**32 - 1) | st.integers(0, 10_000)] * 4)


@given(own=limits, peer=limits, receipted=st.integers(0, 30))
def test_one_record_always_goes_and_never_more_than_both_take(
    own: LinkLimits, peer: LinkLimits, receipted: int
) -> None:
    within = peer.within(own)
    window = Window(within, post_quantum=False)
    for _ in range(receipted):
        window.sent(500_000)
        window.receipted(500_000, 0.0)
    room = window.room(0.0)
    assert room
    records, size = room
    assert records == 1 or records <= min(own.batch_records, peer.batch_records)
    assert size == 1 or size + records * ENTRY_OVERHEAD_BYTES < min(own.batch_bytes, peer.batch_bytes, 2**20)
