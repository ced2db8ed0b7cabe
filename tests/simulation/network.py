"""The lines between the nodes: delay, loss, cuts one way or both, streams that break, ends that never hear of it.

A line carries streams as TCP and HTTP/2 do: in order, with flow control; what is lost comes later or, when the stream
breaks, never. An end that is cut off notices nothing until it hears of it or gives up by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import grpc

from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from tests.simulation.loop import PROCESS, Process
from tests.simulation.watching import Watcher

FAREWELL_SECONDS = 2.0
SMALL = 40
"""Bytes of what is no frame."""


class Broken(grpc.RpcError):
    """The stream is gone."""


@dataclass(frozen=True)
class _Syn:
    """A stream begins."""


@dataclass(frozen=True)
class _Reset:
    """It ends at once; what is under way is lost."""


@dataclass(frozen=True)
class _End:
    """The sender's half ends, with a status where an acceptor has one to give."""

    error: grpc.RpcError | None


@dataclass
class Way:
    """One direction between two nodes."""

    delay: float = 0.02
    loss: float = 0.0
    bytes_a_second: float = 1e7
    is_open: bool = True
    pipes: dict[int, Pipe] = field(default_factory=dict)

    def open(self) -> None:
        self.is_open = True
        for pipe in self.pipes.values():
            pipe.schedule()


class Pipe:
    """One direction of one stream: what was sent and has not arrived, in order."""

    def __init__(self, way: Way, chance: Random, deliver: Callable[[object], None]) -> None:
        self._way = way
        self._chance = chance
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._items: deque[tuple[float, object]] = deque()
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, item: object) -> None:
        way, size = self._way, len(item) if isinstance(item, bytes) else SMALL
        late = self._chance.uniform(0.2, 1.5) if self._chance.random() < way.loss else 0.0
        began = max(self._last, self._loop.time())
        self._last = max(self._last, began + size / way.bytes_a_second, self._loop.time() + late)
        self._items.append((self._last + way.delay * self._chance.uniform(0.8, 1.2), item))
        if self._timer is None:
            self.schedule()

    def schedule(self) -> None:
        """Look when the next item arrives; nothing does while the way is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._items and self._way.is_open:
            self._timer = self._loop.call_at(self._items[0][0], self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        if self._way.is_open and self._items:
            _, item = self._items.popleft()
            self.schedule()
            self._deliver(item)


class Side:
    """One end of a stream, as the product's pump sees it: frames come in, frames are written."""

    def __init__(self, network: Network, own: str, peer: str, process: Process, room: int, *, dialed: bool) -> None:
        self.own, self.peer, self.process = own, peer, process
        self._network = network
        self._room = room
        self._dialed = dialed
        self._on_the_way = 0
        self._inbox: deque[object] = deque()
        self._ended: _End | None = None
        self._broken = False
        self._left = False
        self._over = False
        self._reader: asyncio.Future[None] | None = None
        self._writers: deque[asyncio.Future[None]] = deque()
        self.out: Pipe
        self.other: Side | None = None
        self.on_reset: Callable[[], None] = lambda: None

    async def write(self, frame: LinkFrame) -> None:
        """Hand a frame to the stream; waits while the other end does not take what is under way."""
        data = frame.SerializeToString()
        while self._on_the_way >= self._room and not (self._broken or self._over):
            waiting = asyncio.get_running_loop().create_future()
            self._writers.append(waiting)
            await waiting
        if self._broken or self._over:
            raise Broken("the stream is gone")
        if self.process.alive and not self._left:
            self._on_the_way += 1
            self._network.tap(self.own, self.peer, frame)
            self.out.put(data)

    def __aiter__(self) -> AsyncIterator[LinkFrame]:
        return self

    async def __anext__(self) -> LinkFrame:
        while True:
            if self._inbox:
                item = self._inbox.popleft()
                if isinstance(item, bytes):
                    if self.other is not None:
                        self.other.taken()
                    return LinkFrame.FromString(item)
                assert isinstance(item, _End)
                self._ended = item
            if self._ended is not None:
                if self._ended.error is not None:
                    raise self._ended.error
                raise StopAsyncIteration
            if self._broken:
                raise Broken("the stream is gone")
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader

    def taken(self) -> None:
        """The other end has taken a frame."""
        self._on_the_way -= 1
        if self._writers:
            _wake(self._writers.popleft())

    def receive(self, item: object) -> None:
        """Something arrives from the other end."""
        if not self.process.alive or self._left:
            if self._network.has_host(self.own) and not isinstance(item, _Reset):
                self.out.put(_Reset())
            return
        if isinstance(item, _Reset):
            self.break_off()
            return
        self._inbox.append(item)
        _wake(self._reader)
        if isinstance(item, _End) and self._dialed:  # an acceptor that ends its half has ended the call
            self._over = True
            while self._writers:
                _wake(self._writers.popleft())

    def finish(self, error: grpc.RpcError | None = None) -> None:
        """End this half; what was written before it still arrives."""
        if self.process.alive and not self._left:
            self.out.put(_End(error))

    def leave(self) -> None:
        """Let go of the stream: the other end hears a reset."""
        if self.process.alive and not self._left and not self._broken:
            self.out.put(_Reset())
        self._left = True
        self._network.sides.pop(self, None)

    def break_off(self) -> None:
        """The stream is gone, as seen from here."""
        if self._broken:
            return
        self._broken = True
        self._inbox.clear()
        _wake(self._reader)
        while self._writers:
            _wake(self._writers.popleft())
        self.on_reset()

    async def part(self) -> None:
        """End this half and read on until the other has ended too, for a while."""
        self.finish()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                async for _ in self:
                    pass
        except (grpc.RpcError, TimeoutError):
            pass


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


class Doors(Protocol):
    """Who takes streams and calls at a node."""

    def serve(self, side: Side) -> Coroutine[Any, Any, None]: ...
    def answer(self, caller: str, method: str, request: bytes) -> Coroutine[Any, Any, bytes]: ...


class Network:
    """All lines, and who takes streams at which node."""

    def __init__(self, nodes: tuple[str, ...], chance: Random, tap: Watcher) -> None:
        self.ways = {(one, other): Way() for one in nodes for other in nodes if one != other}
        self.tap = tap
        self.room = 8
        self.sides: dict[Side, None] = {}
        self._chance = chance
        self._listening: dict[str, tuple[Process, Doors]] = {}
        self._unreachable: set[str] = set()
        self._count = 0

    def listen(self, node: str, process: Process, door: Doors) -> None:
        self._listening[node] = (process, door)
        self._unreachable.discard(node)

    def listening(self, node: str) -> tuple[Process, Doors] | None:
        return self._listening.get(node)

    def has_host(self, node: str) -> bool:
        """Whether the machine is there, with or without its process: then a stray packet is answered by a reset."""
        return node not in self._unreachable

    def died(self, node: str, process: Process, *, silently: bool) -> None:
        """A process has ended; ``silently``: its machine with it, so nobody is told."""
        self._listening.pop(node, None)
        if silently:
            self._unreachable.add(node)
        for side in [each for each in self.sides if each.process is process]:
            if not silently:
                side.out.put(_Reset())
            self.sides.pop(side)

    def break_streams(self, one: str, other: str) -> None:
        """Break what there is between two nodes: both ends hear of it at once."""
        for side in [each for each in self.sides if {each.own, each.peer} == {one, other}]:
            side.break_off()

    @asynccontextmanager
    async def stream(self, own: str, peer: str) -> AsyncIterator[tuple[Side, Any]]:
        """Dial; what goes wrong is found out by using the stream."""
        process = PROCESS.get()
        assert process is not None
        side = Side(self, own, peer, process, self.room, dialed=True)
        there, back = self.ways[own, peer], self.ways[peer, own]
        self._count += 1
        number = self._count
        side.out = there.pipes[number] = Pipe(there, self._chance, lambda item: self._arrived(side, item))
        back.pipes[number] = Pipe(back, self._chance, side.receive)
        self.sides[side] = None
        side.out.put(_Syn())
        try:
            yield side, side.write
            await side.part()
        finally:
            side.leave()

    def _arrived(self, side: Side, item: object) -> None:
        """Something of a dialled stream arrives at the acceptor's machine."""
        if side.other is not None:
            side.other.receive(item)
        elif isinstance(item, _Syn):
            self._accept(side)
        elif self.has_host(side.peer) and not isinstance(item, _Reset):
            self._back(side).put(_Reset())

    def _accept(self, side: Side) -> None:
        found = self._listening.get(side.peer)
        if found is None:
            if self.has_host(side.peer):
                self._back(side).put(_Reset())
            return
        process, door = found
        accepted = Side(self, side.peer, side.own, process, self.room, dialed=False)
        accepted.out, accepted.other, side.other = self._back(side), side, accepted
        self.sides[accepted] = None
        task = process.begin(door.serve(accepted))
        accepted.on_reset = task.cancel  # type: ignore[assignment]

    def _back(self, side: Side) -> Pipe:
        number = next(number for number, pipe in self.ways[side.own, side.peer].pipes.items() if pipe is side.out)
        return self.ways[side.peer, side.own].pipes[number]
