"""Builds one session of one link under the trust book of the moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.errors import GatewayError
from gateway.exchange.arrival import Arrival
from gateway.exchange.judgements import JudgementWriter
from gateway.exchange.judging import Judge, covered_by
from gateway.exchange.limits import LinkLimits, LinkTimes
from gateway.exchange.session import LinkSession
from gateway.exchange.session_trust import session_trust
from gateway.linklog.keys import Signer
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock, Randomness
from gateway.rpc.link_pump import LinkPump, Siblings
from gateway.rpc.link_state import LinkRuntime
from gateway.rpc.turns import Turns
from gateway.rpc.waiting_room import WaitingRoom
from gateway.trust.book import TrustBook


@dataclass(frozen=True, slots=True)
class LinkSigners:
    """The private keys of a node's links: of its own logs, and of its receipts; several while one follows another."""

    log: Sequence[Signer]
    receipt: Sequence[Signer]


class LinkMaker:
    """Makes pumps. ``still_trusted(partner)`` says why the partner's certificate no longer holds, if so."""

    def __init__(
        self,
        *,
        limits: LinkLimits,
        times: LinkTimes,
        signers: Callable[[], LinkSigners],
        book: Callable[[], TrustBook],
        logs: LinkLogs,
        clock: Clock,
        randomness: Randomness,
        turns: Turns,
    ) -> None:
        self._limits = limits
        self._times = times
        self._signers = signers
        self._book = book
        self._logs = logs
        self._clock = clock
        self._randomness = randomness
        self._turns = turns

    def make_pump(
        self, partner: str, runtime: LinkRuntime, siblings: Siblings, still_trusted: Callable[[], GatewayError | None]
    ) -> LinkPump:
        """Make the pump of a new session with ``partner``."""
        book, signers, turn = self._book(), self._signers(), self._turns.of(partner)
        trust = session_trust(book, partner, at=self._clock.now(), suspended=siblings.suspended)
        session = LinkSession(
            trust=trust,
            log_signers=signers.log,
            session_id=self._randomness.session_id(),
            still_trusted=lambda _time: still_trusted(),
            limits=self._limits,
            times=self._times,
            resends_allowed=siblings.resends_allowed,
        )
        arrival = Arrival(
            partner=partner,
            logs=self._logs,
            judge=Judge(issuer=partner, covers=covered_by(book, sender=partner, receiver=book.own)),
            judgements=JudgementWriter(own=book.own, partner=partner, randomness=self._randomness),
            receipt_signers=signers.receipt,
            receipt_keys=trust.own.receipt_keys,
            clock=self._clock,
            pause=turn.pause,
            quarantine=siblings.quarantine,
        )
        return LinkPump(
            session,
            trust=trust,
            logs=self._logs,
            arrival=arrival,
            clock=self._clock,
            runtime=runtime,
            siblings=siblings,
            room=WaitingRoom(frames=self._limits.frames_on_the_way, size_bytes=self._limits.bytes_on_the_way),
            turn=turn,
        )
