"""The stream of an accepted session: when its reader goes, the session is over before the call is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import KeyNotValid
from gateway.exchange.effects import Close
from gateway.rpc.clients import Caller
from gateway.rpc.federation_service import FederationService, _error_of
from gateway.rpc.guard import CALLER
from mutualrecognition.federation.v1.link_pb2 import Heartbeat, LinkFrame


class Switchboard:
    """A session that writes more than anybody takes, and needs some moments to end."""

    def __init__(self) -> None:
        self.ended = False

    async def accept(self, partner: str, incoming: Any, write: Any, *_: Any) -> tuple[Close, str]:
        try:
            while True:
                await write(LinkFrame(heartbeat=Heartbeat(time=1)))
        finally:
            for _ in range(20):
                await asyncio.sleep(0)
            self.ended = True


class Peer:
    def watch(self, _: Any) -> None:
        return None


@pytest.mark.parametrize("frames_taken", [1, 2])
async def test_a_reader_that_goes_leaves_no_session_behind(frames_taken: int) -> None:
    CALLER.set(Caller("CN", frozenset()))
    switchboard: Any = Switchboard()
    service = FederationService(switchboard=switchboard, identity=Peer(), **dict.fromkeys(OTHERS))  # type: ignore[arg-type]
    before = asyncio.all_tasks()
    stream: Any = service.Link(None, None)  # type: ignore[arg-type]
    for _ in range(frames_taken):
        await anext(stream)
    await asyncio.wait_for(stream.aclose(), 60)
    assert switchboard.ended
    assert asyncio.all_tasks() == before


OTHERS = ("keeper", "offers", "histories", "clock")


def test_a_status_says_once_who_must_act() -> None:
    error = KeyNotValid("None of the lines is by a key that counts.")
    close = Close(error.reason, str(error), by_peer=False, retry_after=0)
    assert str(_error_of(close)) == str(error)
