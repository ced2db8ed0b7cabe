"""A busy link gives way to others, and to nobody when there is nobody."""

from __future__ import annotations

from gateway.rpc.turns import LONGEST_REST, RECENT_SECONDS, Turns


class Now:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_alone_it_may_have_everything() -> None:
    now = Now()
    turns = Turns(now)
    turns.worked("XA")
    assert turns.rest("XA", now.at - 0.3) == 0


def test_while_others_work_it_rests_as_long_as_its_batch_took() -> None:
    now = Now()
    turns = Turns(now)
    turns.worked("CN")
    assert turns.rest("XA", now.at - 0.25) == 0.25
    assert turns.rest("XA", now.at - 60) == LONGEST_REST
    now.at += RECENT_SECONDS
    assert turns.rest("XA", now.at - 0.25) == 0


def test_of_one_that_floods_and_one_that_moves_a_record_now_and_then_the_first_has_half() -> None:
    now = Now()
    turns = Turns(now)
    at_work = 0.0
    while now.at < 160:
        turns.worked("CN")
        began = now.at
        now.at += 0.05  # a batch of the one that floods
        turns.worked("XA")
        at_work += now.at - began
        now.at += turns.rest("XA", began)
    assert 0.49 < at_work / 60 < 0.51
