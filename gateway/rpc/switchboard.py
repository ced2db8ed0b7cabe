"""The switchboard: every link of this node, who has its session, and who dials when.

A link has at most one open session. Either side dials when it has none; of two that open at once the later one stays
(docs/protocol.md, The session). A link that ends waits by ``exchange.reasons``; a slow or hostile partner keeps
nobody waiting but itself, since each link has its own tasks.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import grpc
import structlog

from gateway.errors import DescriptorStale, GatewayError, LinkSuspended, ShareSpent
from gateway.exchange.effects import Close, Opened
from gateway.exchange.farewell import close_for
from gateway.exchange.quarantine import QuarantineRoom
from gateway.exchange.reasons import Afterwards, Backoff, Offences, afterwards
from gateway.exchange.resends import Resends
from gateway.ports.incidents import Breach
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock, Randomness
from gateway.rpc.dialer import Dialer
from gateway.rpc.held_versions import HeldVersions
from gateway.rpc.link_ends import Between, LinkEnds, Write, nothing_between
from gateway.rpc.link_pump import LinkPump, Siblings
from gateway.rpc.link_state import LinkRuntime
from gateway.trust.book import TrustBook
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.operations.v1 import links_service_pb2 as operations

STOP_SECONDS: Final = 6.0
"""A drain of 5 s, and a little for frames on their way. With a second for each door it stays below the 10 s that
supervisors grant."""

StillTrusted = Callable[[], GatewayError | None]
SUSPENDED: Final = "LINK_SUSPENDED"
REVOKED: Final = "REVOKED"
"""Why operators stop a link: for a time, or because the partner is trusted no longer."""

CatchUp = Callable[[str], Awaitable[bool]]
MakePump = Callable[[str, LinkRuntime, Siblings, StillTrusted], LinkPump]
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Link:
    """One link. ``pumps`` are its sessions: one open at most, others greeting or ending.

    ``holds`` is told which version of this side's descriptor the partner has shown; ``suspend_for`` how a
    session ends. A partner that was told to wait is not listened to before ``waits_until``, monotonic seconds; it hears
    ``waits_for``, since the Goodbye that said so may have been lost with the stream.
    """

    backoff: Backoff
    resends: Resends
    holds: Callable[[int], None]
    suspend_for: Callable[[Close, str], Awaitable[None]]
    quarantine: QuarantineRoom
    runtime: LinkRuntime = field(default_factory=LinkRuntime)
    offences: Offences = field(default_factory=Offences)
    pumps: list[LinkPump] = field(default_factory=list)
    suspended: str = ""
    told_why: str = ""
    suspended_by: Close | None = None
    waits_until: float = -math.inf
    waits_for: str = ""
    dialing: asyncio.Task[None] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    taking_over: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def end_others(self, of: LinkPump, *, greeting: bool) -> bool:
        """End the other sessions of the link, and wait until they have ended; tells whether one of them was open.

        One at a time: a session that waits here for its turn is ended by the one whose turn it is.
        """
        async with self.taking_over:
            others = [pump for pump in self.pumps if pump is not of and (greeting or pump.opened)]
            for pump in others:
                pump.superseded()
            await asyncio.gather(*(pump.wait_ended() for pump in others))
            return any(pump.opened for pump in others)

    @property
    def resends_allowed(self) -> bool:
        """Whether the partner may have once more what it has lost; three times a day it may."""
        return self.resends.allowed

    async def ending(self, close: Close, correlation_id: str) -> None:
        """Suspend the link where such an end does that, before the partner hears of it."""
        await self.suspend_for(close, correlation_id)

    def opened(self, pump: LinkPump, effect: Opened) -> None:
        """The outage is over; an older session that is still open ends."""
        self.backoff.opened()
        self.holds(pump.own_version)
        self.resends.opened(lost_below=effect.peer_lost_below, resume_from=effect.resume_from)
        for other in self.pumps:
            if other is not pump and other.opened:
                other.superseded()


class Switchboard:
    """Owns all sessions.

    ``make_pump`` builds one; ``catch_up`` exchanges documents with a partner that this side dials, and says whether any
    were new. ``between`` is put between each session and its stream.
    """

    def __init__(
        self,
        *,
        make_pump: MakePump,
        dialer: Dialer | None,
        catch_up: CatchUp | None,
        logs: LinkLogs,
        held: HeldVersions,
        clock: Clock,
        randomness: Randomness,
        between: Between = nothing_between,
    ) -> None:
        self._make_pump = make_pump
        self._dialer = dialer
        self._catch_up = catch_up
        self._logs = logs
        self._held = held
        self._clock = clock
        self._randomness = randomness
        self._between = between
        self._links: dict[str, _Link] = {}
        self._stopping = False

    @property
    def runtimes(self) -> dict[str, LinkRuntime]:
        """What only this process knows of each link."""
        return {partner: link.runtime for partner, link in self._links.items()}

    def suspended(self, partner: str) -> str:
        """Give the reason for which a link is suspended here, empty when it is not."""
        return self._link(partner).suspended

    def told_why(self, partner: str) -> str:
        """Give what this side's operator said when suspending a link; empty when nobody did since the node started."""
        return self._link(partner).told_why

    async def start(self, book: TrustBook) -> None:
        """Take up where the store stands and begin to dial."""
        for status in await self._logs.statuses():
            self._link(status.partner).suspended = status.suspended
        self.trust_changed(book)

    def renew(self) -> None:
        """Greet anew on every link, with the keys and certificates of the moment."""
        for link in self._links.values():
            for pump in link.pumps:
                pump.trust_changed()

    def trust_changed(self, book: TrustBook) -> None:
        """Greet anew on every link, and dial partners that are new."""
        self.renew()
        for partner in book.partners:
            link = self._link(partner)
            link.wake.set()
            if link.dialing is None and self._dialer is not None and not self._stopping:
                link.dialing = asyncio.create_task(self._keep_dialing(partner, link, self._dialer))

    def ring(self, partners: Collection[str]) -> None:
        """Tell the sessions of these partners that something waits for them."""
        for partner in partners:
            for pump in self._link(partner).pumps:
                pump.work_waiting()

    async def accept(
        self,
        partner: str,
        incoming: AsyncIterator[LinkFrame],
        write: Write,
        still_trusted: StillTrusted,
        call_name: str = "",
    ) -> tuple[Close, str]:
        """Run a session that the partner dialled; ``still_trusted`` is asked at every batch and heartbeat.

        Gives why it ended, and its correlation id; while nothing was said, that is the name of the call.

        Raises:
            ShareSpent: the partner was told to wait, and does not.
        """
        link = self._link(partner)
        if link.waits_until > self._clock.monotonic():
            told = f"{partner} was told to wait before it begins another session, and does not."
            raise ShareSpent(f"{link.waits_for} {told}".strip())
        return await self._run(partner, link, LinkEnds(incoming, write), still_trusted, call_name)

    async def breach(self, partner: str, error: GatewayError, correlation_id: str) -> None:
        """A partner has shown outside any session what a session would end with; some of it suspends the link."""
        link = self._link(partner)
        await self._end_without_session(partner, link, close_for(error, ()), correlation_id)
        for pump in link.pumps if link.suspended else ():
            pump.end(error)

    async def suspend(self, partner: str, *, reason: str, detail: str, actor: str) -> None:
        """Stop a link now, its open sessions too; kept in the audit log with ``detail`` and ``actor``."""
        await self._logs.suspend(partner, reason=reason, detail=detail, actor=actor)
        link = self._link(partner)
        link.suspended, link.told_why = reason, detail
        log = _log.bind(partner=partner, reason=reason, by_peer=False, actor=actor)
        log.warning("link suspended by an operator", detail=detail)
        for pump in link.pumps:
            pump.end(LinkSuspended(f"The operator of this side has suspended the link: {detail}"))
        link.wake.set()

    async def resume(self, partner: str, reason: str, actor: str) -> None:
        """Let a suspended link dial again; kept in the audit log with ``reason`` and ``actor``."""
        await self._logs.suspend(partner, reason="", detail=reason, actor=actor)
        self.resumed(partner)

    def resumed(self, partner: str) -> None:
        """Dial a partner again whose link is not suspended any more in the store."""
        link = self._link(partner)
        link.suspended, link.waits_until = "", -math.inf
        link.offences.forgiven()
        link.wake.set()

    async def stop(self) -> None:
        """Stop dialling and drain every session that is open; the rest is left to the closing of its stream.

        So is one that does not end in time. One that has not opened yet has nothing to drain, and may never end by
        itself: its partner may take connections and say nothing.
        """
        self._stopping = True
        pumps = [pump for link in self._links.values() for pump in link.pumps]
        for pump in pumps:
            pump.stop()
        ended = [asyncio.create_task(pump.wait_ended()) for pump in pumps if pump.opened]
        if ended:
            await asyncio.wait(ended, timeout=STOP_SECONDS)
        tasks = [*ended, *(link.dialing for link in self._links.values() if link.dialing is not None)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _link(self, partner: str) -> _Link:
        if partner not in self._links:
            self._links[partner] = _Link(
                backoff=Backoff(self._randomness.jitter),
                resends=Resends(self._clock.monotonic),
                holds=partial(self._held.note, partner),
                suspend_for=partial(self._suspend_for, partner),
                quarantine=QuarantineRoom(self._clock.monotonic),
            )
        return self._links[partner]

    async def _run(
        self,
        partner: str,
        link: _Link,
        stream: LinkEnds,
        still_trusted: StillTrusted,
        call_name: str,
    ) -> tuple[Close, str]:
        pump = self._make_pump(partner, link.runtime, link, still_trusted)
        link.pumps.append(pump)
        if self._stopping:
            pump.stop()
        try:
            ends = self._between(partner, stream)
            close = await pump.run(ends.incoming, ends.write)
        except asyncio.CancelledError:  # as gRPC does when the peer is gone, or sends what the transport does not take
            self._note_cut(partner, link, pump.correlation_id)
            raise
        finally:
            link.pumps.remove(pump)
            link.wake.set()
            if not link.pumps:
                link.runtime.state = operations.LINK_STATE_CLOSED
        if close.retry_after and not close.by_peer:
            link.waits_until, link.waits_for = self._clock.monotonic() + close.retry_after, close.detail
        known_as = pump.correlation_id if pump.heard else call_name or pump.correlation_id
        self._note_end(partner, link, close, known_as)
        return close, known_as

    def _note_end(self, partner: str, link: _Link, close: Close, correlation_id: str) -> None:
        log = _log.bind(partner=partner, correlation_id=correlation_id, reason=close.reason, by_peer=close.by_peer)
        if afterwards(close.reason) is not Afterwards.DO_NOT_DIAL:
            link.runtime.last_reason, link.runtime.last_detail = close.reason, close.detail
        if link.suspended_by is close:
            log.error("link suspended", detail=close.detail)
        else:
            log.info("link session ended", detail=close.detail)

    async def _suspend_for(self, partner: str, close: Close, correlation_id: str) -> None:
        """Suspend a link where an end does that; what shows why is kept in the same transaction."""
        link = self._link(partner)
        if not link.offences.suspends(close.reason, self._clock.monotonic()) or link.suspended:
            return
        link.suspended, link.suspended_by = close.reason, close
        breach = Breach(session=correlation_id, by_partner=close.by_peer, notes=close.evidence)
        try:
            await self._logs.suspend(partner, reason=close.reason, detail=close.detail, actor="link", breach=breach)
        except GatewayError as error:  # it is suspended all the same, for as long as this process runs
            _log.error("a suspension cannot be stored", partner=partner, reason=error.reason, detail=str(error))

    def _note_cut(self, partner: str, link: _Link, correlation_id: str) -> None:
        reason, detail = "UNAVAILABLE", f"The stream with {partner} was cut."
        if self._stopping:
            reason, detail = "SHUTDOWN", "This side goes down."
        link.runtime.last_reason, link.runtime.last_detail = reason, detail
        log = _log.bind(partner=partner, correlation_id=correlation_id, reason=reason, by_peer=not self._stopping)
        log.info("link session ended", detail=detail)

    async def _keep_dialing(self, partner: str, link: _Link, dialer: Dialer) -> None:
        while not self._stopping:
            link.wake.clear()
            if link.pumps or link.suspended:
                await link.wake.wait()
                continue
            close = await self._dial(partner, link, dialer)
            if close is None:
                await link.wake.wait()
            elif not await self._is_mended(partner, link, close):
                await asyncio.sleep(link.backoff.delay(self._clock.monotonic(), retry_after=close.retry_after))

    async def _is_mended(self, partner: str, link: _Link, close: Close) -> bool:
        """Say whether to dial again at once; where descriptors differ, after they were exchanged."""
        if afterwards(close.reason) is not Afterwards.DIAL_AT_ONCE:
            return False
        if close.reason != DescriptorStale.reason or self._catch_up is None:
            return close.reason != DescriptorStale.reason
        try:
            return await self._catch_up(partner)
        except GatewayError as error:
            await self._end_without_session(partner, link, close_for(error, ()))
            return False

    async def _dial(self, partner: str, link: _Link, dialer: Dialer) -> Close | None:
        """Run one session that this side dials; None when the partner has no address."""
        stream = dialer.dial(partner)
        if stream is None:
            return None
        if not link.pumps:
            link.runtime.state = operations.LINK_STATE_GREETING
        try:
            async with stream as dialled:

                def still_trusted() -> GatewayError | None:
                    return _suspension(partner, link) or dialled.still_trusted()

                stream_ends = LinkEnds(dialled.incoming, dialled.write)
                close, _ = await self._run(partner, link, stream_ends, still_trusted, dialled.name)
                return close
        except grpc.RpcError as error:
            return Close("UNAVAILABLE", str(error), by_peer=True)
        except GatewayError as error:  # nobody answers, or whoever does is not the partner
            close = close_for(error, ())
            if not link.pumps:
                link.runtime.state = operations.LINK_STATE_CLOSED
            await self._end_without_session(partner, link, close)
            return close

    async def _end_without_session(self, partner: str, link: _Link, close: Close, correlation_id: str = "") -> None:
        await self._suspend_for(partner, close, correlation_id)
        self._note_end(partner, link, close, correlation_id)


def _suspension(partner: str, link: _Link) -> GatewayError | None:
    return LinkSuspended(f"The link with {partner} is suspended here.") if link.suspended else None
