"""The greeting of a session: both Hellos, and what comes of them.

The higher administration id reads its positions and says Hello; the lower checks it, reads its own positions only
then, and answers. So the lower's positions are those after the end of any earlier session of the link. The higher's may
have been overtaken: its Hello can be long on its way while another session opens and moves the logs. So it reads them
once more when the answer is there, and goes on only from what it has said. Nobody believes in a loss on the word of a
Hello that was perhaps said before: for which an open session has just ended, or which is older than the receipt that it
does not know of, by the one clock of the end that has made both.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import FrameMalformed, OutOfOrder
from gateway.exchange.agreement_comparison import differing
from gateway.exchange.effects import Effect, Opened, ReadPositions, ReadTrees, Send
from gateway.exchange.hello import agreements_in, check_hello, correlation_id, limits_in, make_hello
from gateway.exchange.limits import LinkLimits, LinkTimes
from gateway.exchange.log_comparison import LogComparison, LogStanding
from gateway.exchange.moment import Moment
from gateway.exchange.session_trust import AgreementRef, SessionTrust
from gateway.linklog.tree import CompactRange
from gateway.ports.intake import AgreementVersion
from gateway.ports.links import LinkPositions
from mutualrecognition.federation.v1 import link_pb2 as pb


@dataclass(frozen=True, slots=True)
class Greeted:
    """What a session that has opened knows of both ends.

    ``agreements`` are those that both hold, ``held_back`` those that only this side does: records under these would be
    quarantined over there, so they wait, and so do those under one that this side has suspended; ``differing`` says so
    in words. One that has ended is in neither; what was released under it goes.
    """

    correlation_id: str
    agreements: tuple[AgreementRef, ...]
    held_back: frozenset[AgreementVersion]
    differing: str
    standing: LogStanding
    peer_limits: LinkLimits

    @property
    def opened(self) -> Opened:
        """What the pump is told."""
        standing = self.standing
        own_lost = standing.own_lost.size if standing.own_lost else 0
        return Opened(
            self.correlation_id,
            self.agreements,
            standing.peer_lost_below,
            own_lost,
            standing.resume_from,
            self.differing,
        )


class Greeting:
    """One greeting. Every method but the last gives what is to be done next; when nothing is, ``compared`` is True."""

    def __init__(
        self,
        *,
        trust: SessionTrust,
        session_id: bytes,
        limits: LinkLimits,
        times: LinkTimes,
        resends_allowed: bool,
    ) -> None:
        self._trust = trust
        self._session_id = session_id
        self._limits = limits
        self._skew = times.skew
        self._resends_allowed = resends_allowed
        self._hello: pb.Hello | None = None
        self._agreements: tuple[AgreementRef, ...] = ()
        self._comparison: LogComparison | None = None
        self._took_over = False
        self.positions: LinkPositions | None = None
        self.compared = False

    @property
    def notes(self) -> tuple[bytes, ...]:
        """The notes that both sides show of both logs: evidence, if these contradict each other."""
        shown = [self._hello.held.checkpoint, self._hello.issued.checkpoint] if self._hello else []
        own = [self.positions.issued.note, self.positions.held.note] if self.positions else []
        return tuple(dict.fromkeys(note for note in (*shown, *own) if note))

    def begin(self) -> list[Effect]:
        """The stream is there."""
        return [ReadPositions(take_over=False)] if self._trust.speaks_first else []

    def hear(self, unverified: pb.Hello, now: Moment) -> list[Effect]:
        """Do checks 1 to 6 of the other side's Hello."""
        if self._hello is not None or (self._trust.speaks_first and self.positions is None):
            raise FrameMalformed("Hello came twice, or before it was due.")
        self._hello = unverified
        self._agreements = check_hello(unverified, self._trust, time=now.time, skew=self._skew)
        return [ReadPositions(take_over=True)]

    def know(self, positions: LinkPositions, now: Moment, *, took_over: bool) -> list[Effect]:
        """The positions are read; with both sides' known, do the first half of check 7.

        ``took_over``: for this session an open one was ended.

        Raises:
            OutOfOrder: this side's Hello is not true any more.
        """
        said, self.positions = self.positions, positions
        if self._hello is None:
            return [Send(self.own_hello(now))]
        if said not in (None, positions):
            raise OutOfOrder("Another session has moved the logs since this side said where they stand.")
        self._took_over = took_over
        self._comparison = LogComparison(self._hello, self._trust, positions)
        issued, held = self._comparison.trees_needed
        self.compared = issued is None and held is None
        return [] if self.compared else [ReadTrees(issued, held)]

    def own_hello(self, now: Moment) -> pb.LinkFrame:
        """Give this side's Hello; its positions are known."""
        assert self.positions is not None
        return make_hello(self._trust, self.positions, self._limits, session_id=self._session_id, time=now.time)

    def conclude(self, issued: CompactRange | None, held: CompactRange | None, now: Moment) -> Greeted:
        """Do the second half of check 7, with the logs as they were at those sizes."""
        assert self._hello is not None
        assert self._comparison is not None
        standing = self._comparison.standing(
            issued, held, time=now.time, skew=self._skew, resends_allowed=self._resends_allowed
        )
        if standing.peer_lost_below and self._may_be_old(self._hello):
            raise OutOfOrder("The peer shows less than it had in the session before this one: it may say it again.")
        own_first = self._trust.speaks_first
        name = correlation_id(self._session_id, self._hello.session, own_first=own_first)
        only_here = (each for each in self._trust.agreements if each not in self._agreements)
        held_back = self._trust.paused.union(AgreementVersion(each.id, each.version) for each in only_here)
        differs = differing(agreements_in(self._hello.agreements), self._trust)
        return Greeted(name, self._agreements, held_back, differs, standing, limits_in(self._hello))

    def _may_be_old(self, hello: pb.Hello) -> bool:
        assert self.positions is not None
        return self._took_over or hello.time < self.positions.issued.receipt_time
