"""The pump of one link session: the stream and the store on one side, the state machine on the other.

It keeps the contract in the docstring of ``gateway.exchange.effects``: one event at a time, effects begun in their
order, frames held back while positions are read. All events pass through one queue, so nothing here needs a lock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Final, Protocol

import grpc
import structlog
from google.protobuf.message import DecodeError

from gateway.errors import FrameMalformed, GatewayError, Ours
from gateway.exchange.arrival import Arrival
from gateway.exchange.effects import (
    Close,
    CommitReceipt,
    Effect,
    FormBatch,
    NoteComplete,
    Opened,
    ReadPositions,
    ReadTrees,
    ResendBatch,
    Send,
    TakeBatch,
)
from gateway.exchange.hello import SESSION_ID_BYTES
from gateway.exchange.moment import Moment
from gateway.exchange.quarantine import QuarantineRoom
from gateway.exchange.session import LinkSession
from gateway.exchange.session_trust import SessionTrust, origins_of
from gateway.fail_points import reach
from gateway.ports.links import Direction, LinkLogs, Standing
from gateway.ports.world import Clock
from gateway.rpc.link_ends import Write
from gateway.rpc.link_state import LinkRuntime
from gateway.rpc.stream_ends import end_of
from gateway.rpc.turns import Turn
from gateway.rpc.waiting_room import WaitingRoom
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.operations.v1 import links_service_pb2 as operations

TICK_SECONDS: Final = 0.25
COMPLETE_SECONDS: Final = 60
"""So often is kept that the partner has nothing more: it is told every few seconds, and kept in a write of its own."""
_CLOCK_AT_MOST: Final = 10**9
WRITE_SECONDS: Final = 12
"""A peer that takes no frame for so long is as good as dead; while a write waits, nothing else is looked at."""


Event = Callable[[Moment], list[Effect]]
_log = structlog.get_logger(__name__)


class Siblings(Protocol):
    """The other sessions of the same link, and what the link knows of itself."""

    @property
    def suspended(self) -> str:
        """The reason for which the link is suspended here, empty when it is not."""
        ...

    async def end_others(self, of: LinkPump, *, greeting: bool) -> bool:
        """End every other session of the link, those still ``greeting`` too or the open ones alone.

        Returns when nothing of them is under way, and tells whether one of them was open.
        """
        ...

    @property
    def quarantine(self) -> QuarantineRoom:
        """The room that the partner has for bad records, over all its sessions."""
        ...

    @property
    def resends_allowed(self) -> bool:
        """Whether the partner may have once more what it has lost."""
        ...

    def opened(self, pump: LinkPump, effect: Opened) -> None:
        """Note that this one is open now; others that are open end."""
        ...

    async def ending(self, close: Close, correlation_id: str) -> None:
        """Suspend the link where a session that ends so does that, with its evidence; durable when this returns."""
        ...


class LinkPump:
    """Runs one session from its first event to its Close.

    ``room`` is what may wait between the stream and the session; more stays in the stream, whose flow control slows the
    peer. It has ``LinkLimits.frames_on_the_way`` at least, or two busy ends wait for each other in their writes.
    """

    def __init__(
        self,
        session: LinkSession,
        *,
        trust: SessionTrust,
        logs: LinkLogs,
        arrival: Arrival,
        clock: Clock,
        runtime: LinkRuntime,
        siblings: Siblings,
        room: WaitingRoom,
        turn: Turn,
    ) -> None:
        self._session = session
        self._partner = trust.peer.administration
        self._origins = origins_of(trust)
        self._speaks_first = trust.speaks_first
        self.own_version = trust.own.descriptor.version
        self._logs = logs
        self._arrival = arrival
        self._clock = clock
        self._runtime = runtime
        self._siblings = siblings
        self._log = _log.bind(partner=self._partner)
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._room = room
        self._turn = turn
        self._batches: asyncio.Queue[TakeBatch] = asyncio.Queue()
        self._tasks: dict[asyncio.Task[None], None] = {}  # in the order of their beginning
        self._reading = False
        self._held_back: deque[tuple[LinkFrame, int]] = deque()
        self._close: Close | None = None
        self._complete_at = 0
        self._ended = asyncio.Event()
        self.opened = self.heard = False
        self.correlation_id = ""

    async def run(self, incoming: AsyncIterator[LinkFrame], write: Write) -> Close:
        """Pump until the session closes; gives why. The caller then ends the stream."""
        self._spawn(self._take_batches())
        self._spawn(self._tick())
        reading = self._spawn(self._read(incoming))
        try:
            await self._carry_out(self._session.started, write)
            while self._close is None:
                await self._carry_out(await self._events.get(), write)
                await self._take_held_back(write)
                await asyncio.sleep(0)  # a queue that is never empty would keep all other links waiting
        finally:
            reading.cancel()
            for task in tuple(self._tasks):
                task.cancel()
            try:
                await asyncio.gather(*self._tasks, return_exceptions=True)
            finally:
                self._ended.set()  # also when the stream is cancelled meanwhile: others wait for it
        return self._close

    def work_waiting(self) -> None:
        """Tell the session that the outbox has something."""
        self._events.put_nowait(self._session.work_waiting)

    def trust_changed(self) -> None:
        """Tell the session that its trust data is out of date."""
        self._events.put_nowait(self._session.trust_changed)

    def stop(self) -> None:
        """Tell the session that this node goes down as planned."""
        self._events.put_nowait(self._session.stop)

    def end(self, error: GatewayError) -> None:
        """End the session for a reason that lies outside it."""
        self._fail(error)

    def superseded(self) -> None:
        """End the session in favour of a newer one."""
        self._events.put_nowait(self._session.superseded)

    async def wait_ended(self) -> None:
        """Return when the session is over."""
        await self._ended.wait()

    async def _carry_out(self, event: Event, write: Write) -> None:
        effects = event(self._now())
        self._observe()  # before the effects: a write may wait long, as to a partner that takes connections in vain
        for effect in effects:
            if isinstance(effect, Close):  # why a link is suspended is kept before the peer hears of it
                await self._siblings.ending(effect, self.correlation_id)
        await self._perform(effects, write)

    async def _perform(self, effects: Iterable[Effect], write: Write) -> None:  # noqa: C901  one case for each effect
        for effect in effects:
            match effect:
                case Send(frame):
                    self._note_own_hello(frame)
                    step = frame.WhichOneof("frame")
                    reach(f"before-{step}-sent")
                    await self._write(write, frame)
                    reach(f"after-{step}-sent")
                case TakeBatch():
                    self._batches.put_nowait(effect)
                case ReadPositions(take_over):
                    self._reading = True
                    self._spawn(self._read_positions(take_over=take_over))
                case ReadTrees():
                    self._reading = True
                    self._spawn(self._read_trees(effect))
                case FormBatch() | ResendBatch():
                    self._spawn(self._form(effect))
                case CommitReceipt():
                    self._spawn(self._commit_receipt(effect))
                case NoteComplete(at) if at >= self._complete_at + COMPLETE_SECONDS:
                    self._complete_at = at
                    self._spawn(self._logs.note_complete(self._partner, at=at))
                case Opened():
                    self._note_opened(effect)
                case Close():
                    self._close = effect

    async def _write(self, write: Write, frame: LinkFrame) -> None:
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await write(frame)
        except TimeoutError:
            self._stream_ended(f"{self._partner} has taken nothing for {WRITE_SECONDS} s.")
        except Exception as error:  # noqa: BLE001  a stream fails in many ways; the session ends with each
            self._stream_broke(error, way="to")

    async def _read_positions(self, *, take_over: bool) -> None:
        took_over = take_over and await self._siblings.end_others(self, greeting=not self._speaks_first)
        issued, held = self._origins
        positions = await self._logs.positions(self._partner, issued_origin=issued, held_origin=held)
        self._events.put_nowait(
            partial(self._answer, partial(self._session.positions_read, positions, took_over=took_over))
        )

    async def _read_trees(self, effect: ReadTrees) -> None:
        issued, held = [
            None if size is None else await self._logs.tree_at(self._partner, direction=direction, size=size)
            for direction, size in ((Direction.ISSUED, effect.issued), (Direction.RECEIVED, effect.held))
        ]
        self._events.put_nowait(partial(self._answer, partial(self._session.trees_read, issued, held)))

    def _answer(self, event: Event, now: Moment) -> list[Effect]:
        self._reading = False
        return event(now)

    async def _form(self, effect: FormBatch | ResendBatch) -> None:
        limits = {"records": effect.records, "size_bytes": effect.size_bytes}
        if isinstance(effect, FormBatch):
            batch = await self._logs.form_batch(
                self._partner, expected_size=effect.expected_size, held_back=effect.held_back, **limits
            )
        else:
            batch = await self._logs.formed_batch(self._partner, first=effect.first, **limits)
        if batch is not None:
            reach("after-batch-formed")
            self._turn.moved()
            self._runtime.sent = batch.tree.size
        self._events.put_nowait(partial(self._session.batch_formed, batch))

    async def _commit_receipt(self, effect: CommitReceipt) -> None:
        reach("before-receipt-kept")
        await self._logs.commit_receipt(
            self._partner, size=effect.size, note=effect.note, receipt_time=effect.receipt_time
        )
        reach("after-receipt-kept")
        self._events.put_nowait(self._session.receipt_committed)

    async def _take_batches(self) -> None:
        while True:
            effect = await self._batches.get()
            self._turn.begin()
            taken = await self._arrival.take(effect.batch)
            reach("after-commit-before-receipt")
            self._events.put_nowait(partial(self._session.batch_committed, taken))
            if any(entry.standing is Standing.QUARANTINED for entry in taken.entries):
                self.work_waiting()  # our judgement
            await self._turn.stored()

    def _note_own_hello(self, frame: LinkFrame) -> None:
        """Say from here on which session this is, for a greeting that fails: the first Hello's bytes, known to both."""
        if self._speaks_first and frame.HasField("hello"):
            self.correlation_id = frame.hello.session.hex()

    def _note_heard_hello(self, frame: LinkFrame) -> None:
        if frame.HasField("hello") and len(frame.hello.session) == SESSION_ID_BYTES and not self.opened:
            self.correlation_id += frame.hello.session.hex()

    def _note_clock(self, frame: LinkFrame, now: Moment) -> None:
        told = frame.hello.time if frame.HasField("hello") else frame.heartbeat.time
        if told:
            self._runtime.clock_offset = max(-_CLOCK_AT_MOST, min(told - now.time, _CLOCK_AT_MOST))

    def _note_opened(self, effect: Opened) -> None:
        self.opened = True
        self.correlation_id = effect.correlation_id
        self._siblings.opened(self, effect)
        self._runtime.session = effect.correlation_id
        self._runtime.last_reason = self._runtime.last_detail = ""
        self._log = self._log.bind(correlation_id=effect.correlation_id)
        lost = {"peer_lost_below": effect.peer_lost_below, "own_lost_below": effect.own_lost_below}
        if any(lost.values()):
            self._log.error("history was lost and is taken again", **lost)
        if effect.differing:
            self._log.warning("agreements differ", detail=effect.differing)
        self._runtime.differing = effect.differing
        self._log.info("link open", agreements=[f"{a.id}/{a.version}" for a in effect.agreements])

    async def _read(self, incoming: AsyncIterator[LinkFrame]) -> None:
        try:
            async for frame in incoming:
                size = frame.ByteSize()
                await self._room.enter(size)
                self._runtime.last_heard = self._clock.now()
                self._events.put_nowait(partial(self._take_frame, frame, size))
        except grpc.RpcError as error:
            self._stream_broke(error)
            return
        except DecodeError:
            self._fail(FrameMalformed("A message came that is no frame."))
            return
        self._stream_ended(f"{self._partner} ended the stream.")

    def _take_frame(self, frame: LinkFrame, size: int, now: Moment) -> list[Effect]:
        if self._reading:
            self._held_back.append((frame, size))
            return []
        self._room.leave(size)
        self.heard = True
        self._note_heard_hello(frame)
        self._note_clock(frame, now)
        return self._session.frame_received(frame, now)

    async def _take_held_back(self, write: Write) -> None:
        while self._held_back and not self._reading:
            await self._carry_out(partial(self._take_frame, *self._held_back.popleft()), write)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._session.wake_at <= self._clock.monotonic():
                self._events.put_nowait(self._session.tick)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except GatewayError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001  told to the session, or the link would hang
            self._log.error("link failed", exc_info=True)
            self._fail(Ours(f"Something went wrong inside this node: {type(error).__name__}."))

    def _fail(self, error: GatewayError) -> None:
        self._events.put_nowait(partial(self._session.failed, error))

    def _stream_ended(self, detail: str) -> None:
        self._events.put_nowait(partial(self._session.stream_ended, detail))

    def _stream_broke(self, error: Exception, *, way: str = "from") -> None:
        reason, detail = end_of(self._partner, error, way=way, heard=self.heard)
        self._events.put_nowait(partial(self._session.stream_ended, detail, reason=reason))

    def _observe(self) -> None:
        self._runtime.state = operations.LinkState.Value(f"LINK_STATE_{_SHOWN.get(self._session.state.name, 'CLOSED')}")

    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())


_SHOWN: Final = {"CONNECTED": "GREETING", "GREETING": "GREETING", "OPEN": "OPEN", "DRAINING": "DRAINING"}
