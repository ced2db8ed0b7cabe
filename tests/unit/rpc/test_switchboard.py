"""Whom the switchboard does not listen to: a partner that was told to wait, until it has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from gateway.errors import ShareSpent
from gateway.exchange.effects import Close
from gateway.rpc.switchboard import Switchboard
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from tests.unit.exchange.link_world import Clock

FULL = Close("OVERLOADED", "There is no room.", by_peer=False, retry_after=5)


class Pump:
    """A session that ends at once, as it is told."""

    def __init__(self, close: Close) -> None:
        self._close = close
        self.opened = self.heard = True
        self.correlation_id = "a session"

    async def run(self, *_: object) -> Close:
        return self._close


class Board:
    """A switchboard whose sessions all end in one way, and its clock."""

    def __init__(self, close: Close) -> None:
        self.clock = Clock()
        self.switchboard = Switchboard(
            make_pump=lambda *_: cast("Any", Pump(close)),
            dialer=None,
            catch_up=None,
            logs=cast("Any", None),
            held=cast("Any", self),
            clock=self.clock,
            randomness=cast("Any", self),
        )

    def note(self, partner: str, version: int) -> None:
        pass

    def jitter(self) -> float:
        return 0.0

    async def accept(self, partner: str) -> str:
        async def nothing() -> AsyncIterator[LinkFrame]:
            return
            yield LinkFrame()

        close, _ = await self.switchboard.accept(partner, nothing(), cast("Any", None), lambda: None)
        return close.reason


async def test_a_partner_that_was_told_to_wait_is_not_listened_to_before_and_others_are() -> None:
    board = Board(FULL)
    assert await board.accept("XA") == "OVERLOADED"
    with pytest.raises(ShareSpent, match=r"There is no room\. XA was told to wait"):
        await board.accept("XA")
    assert await board.accept("CN") == "OVERLOADED"
    board.clock.move(5)
    assert await board.accept("XA") == "OVERLOADED"


async def test_an_operator_who_resumes_the_link_ends_the_wait() -> None:
    board = Board(FULL)
    await board.accept("XA")
    board.switchboard.resumed("XA")
    assert await board.accept("XA") == "OVERLOADED"


@pytest.mark.parametrize(
    "close", [Close("OVERLOADED", "", by_peer=True, retry_after=5), Close("RENEW", "", by_peer=False)]
)
async def test_one_that_wished_for_time_itself_or_was_not_told_may_come_at_once(close: Close) -> None:
    board = Board(close)
    assert [await board.accept("XA") for _ in range(2)] == [close.reason] * 2
