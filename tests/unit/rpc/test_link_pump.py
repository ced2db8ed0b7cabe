"""The pump over real gRPC: two ends that both send all that their windows allow, before either looks at what came."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, cast

import grpc
import pytest

from gateway.errors import GatewayError
from gateway.exchange.arrival import Arrival
from gateway.exchange.effects import Close, Effect, Send
from gateway.exchange.limits import LinkLimits
from gateway.exchange.moment import Moment
from gateway.exchange.session import LinkSession
from gateway.exchange.session_states import State
from gateway.ports.links import LinkLogs
from gateway.rpc.link_pump import LinkPump, Siblings
from gateway.rpc.link_state import LinkRuntime
from gateway.rpc.reading import DialledFrames
from gateway.rpc.turns import Turns
from gateway.rpc.waiting_room import WaitingRoom
from mutualrecognition.federation.v1.link_pb2 import Batch, Entry, Heartbeat, LinkFrame, Receipt
from mutualrecognition.federation.v1.link_pb2_grpc import (
    FederationServiceServicer,
    FederationServiceStub,
    add_FederationServiceServicer_to_server,
)
from tests.unit.exchange.link_world import Clock, trust

LIMITS = LinkLimits(batch_bytes=900 * 1024, window_batches=20, window_bytes=64 * 1024 * 1024)
BATCH = LinkFrame(batch=Batch(entries=[Entry(record=bytes(300 * 1024 - 100))] * 3))


class Burst:
    """A session that sends a window of batches, and receipts for as many, in one go; it ends when as much came in."""

    state = State.OPEN
    wake_at = math.inf

    def __init__(self) -> None:
        small = [LinkFrame(receipt=Receipt(size=1, lines=bytes(3000)))] * LIMITS.window_batches
        self._frames = [BATCH] * LIMITS.window_batches + small + [LinkFrame(heartbeat=Heartbeat(time=1))]
        self.came = 0

    def started(self, now: Moment) -> list[Effect]:
        return [Send(frame) for frame in self._frames]

    def frame_received(self, frame: LinkFrame, now: Moment) -> list[Effect]:
        self.came += 1
        return [Close("SHUTDOWN", "all is there", by_peer=False)] if self.came == len(self._frames) else []

    def stream_ended(self, detail: str, now: Moment) -> list[Effect]:
        return [Close("UNAVAILABLE", detail, by_peer=True)]


class Alone:
    """The only session of its link."""

    async def ending(self, close: Close, correlation_id: str) -> None:
        """Nothing is suspended here."""


class Waiting(Burst):
    """A session that waits to hear something, and ends with what failed."""

    def started(self, now: Moment) -> list[Effect]:
        return []

    def failed(self, error: GatewayError, now: Moment) -> list[Effect]:
        return [Close(error.reason, error.sentence, by_peer=False)]


def pump(own: str, peer: str, session: object = None) -> LinkPump:
    return LinkPump(
        cast("LinkSession", session or Burst()),
        trust=trust(own, peer),
        logs=cast("LinkLogs", None),
        arrival=cast("Arrival", None),
        clock=Clock(),
        runtime=LinkRuntime(),
        siblings=cast("Siblings", Alone()),
        room=WaitingRoom(frames=LIMITS.frames_on_the_way, size_bytes=LIMITS.bytes_on_the_way),
        turn=Turns(lambda: 0.0).of("NL"),
    )


class Acceptor(FederationServiceServicer):
    """Runs one pump on the stream that comes in."""

    def __init__(self) -> None:
        self.close: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    async def Link(self, request_iterator: AsyncIterator[LinkFrame], context: Any) -> None:  # noqa: N802
        self.close.set_result(await pump("JP", "NL").run(request_iterator, context.write))


@pytest.fixture
async def acceptor() -> AsyncIterator[tuple[Acceptor, grpc.aio.Channel]]:
    server, acceptor = grpc.aio.server(), Acceptor()
    add_FederationServiceServicer_to_server(acceptor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield acceptor, channel
    await server.stop(None)


async def test_two_busy_ends_do_not_wait_for_each_other(acceptor: tuple[Acceptor, grpc.aio.Channel]) -> None:
    other, channel = acceptor
    call = FederationServiceStub(channel).Link(wait_for_ready=True)
    frames = DialledFrames(call)
    close = await pump("NL", "JP").run(frames, call.write)
    await frames.part(60)  # what NL has written last may still be on its way to JP
    assert (close.reason, (await other.close).reason) == ("SHUTDOWN", "SHUTDOWN"), close.detail


async def test_bytes_that_are_no_frame_are_the_peers_fault() -> None:
    """gRPC parses what comes as it is read: who sends what cannot be parsed breaks the form, and nothing failed here."""

    async def junk() -> AsyncIterator[LinkFrame]:
        yield LinkFrame.FromString(b"\xff")

    async def write(frame: LinkFrame) -> None:
        raise AssertionError(frame)

    close = await pump("NL", "JP", Waiting()).run(junk(), write)
    assert (close.reason, close.by_peer) == ("MALFORMED", False)


class Endless:
    """A session to which frames come without end."""

    state = State.OPEN
    wake_at = math.inf

    def __init__(self) -> None:
        self.heard = 0

    def started(self, _now: Moment) -> list[Effect]:
        return []

    def frame_received(self, _frame: LinkFrame, _now: Moment) -> list[Effect]:
        self.heard += 1
        return [Close("SHUTDOWN", "", by_peer=False)] if self.heard == FRAMES else []

    def stream_ended(self, _detail: str, _now: Moment) -> list[Effect]:
        return [Close("UNAVAILABLE", "", by_peer=True)]


FRAMES = 1000


async def flood() -> AsyncIterator[LinkFrame]:
    while True:
        yield LinkFrame()


async def nowhere(_frame: LinkFrame) -> None:
    """Takes every frame."""


async def test_a_flooded_link_lets_the_others_have_their_turn_after_every_frame() -> None:
    session = Endless()
    flooded = pump("NL", "JP", session)
    running = asyncio.create_task(flooded.run(flood(), nowhere))
    turns = []
    while not running.done():
        turns.append(session.heard)
        await asyncio.sleep(0)
    assert session.heard == FRAMES
    assert max(after - before for before, after in pairwise(turns)) <= 1
