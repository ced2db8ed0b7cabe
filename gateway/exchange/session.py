"""The link session: a state machine without I/O, the same for both ends (docs/protocol.md, The session).

Its states, and what leads from one to another, are in ``session_states``. How the stream and the store are to serve it,
the docstring of ``effects`` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from gateway.errors import (
    FrameMalformed,
    GatewayError,
    Renew,
    ShuttingDown,
    Superseded,
    TimedOut,
)
from gateway.exchange.arrival import Taken
from gateway.exchange.effects import Close, CommitReceipt, Effect, NoteComplete, Send
from gateway.exchange.farewell import answer, close_for, goodbye, heard_goodbye
from gateway.exchange.greeting import Greeting
from gateway.exchange.hello import require_near
from gateway.exchange.holding import Holding
from gateway.exchange.idle_frames import IdleFrames
from gateway.exchange.issuing import Issuing
from gateway.exchange.limits import LinkLimits, LinkTimes
from gateway.exchange.line import Line
from gateway.exchange.moment import Moment
from gateway.exchange.reasons import NOT_TOLD
from gateway.exchange.session_states import State
from gateway.exchange.session_trust import SessionTrust
from gateway.exchange.window import Window
from gateway.linklog.keys import Signer
from gateway.linklog.tree import CompactRange
from gateway.ports.links import FormedBatch, LinkPositions
from mutualrecognition.federation.v1 import link_pb2 as pb


class LinkSession:
    """One session of one link, on one side. Every method is an event and gives the effects to carry out.

    ``log_signers`` sign checkpoints of this side's log. ``still_trusted`` is asked at every batch and heartbeat, with
    POSIX seconds, whether the peer's certificate and the link still hold; an error that it gives ends the session.
    ``resends_allowed`` is False when this peer took entries again often enough today. Events after ``CLOSED`` do
    nothing.
    """

    def __init__(
        self,
        *,
        trust: SessionTrust,
        log_signers: Sequence[Signer],
        session_id: bytes,
        still_trusted: Callable[[int], GatewayError | None],
        limits: LinkLimits = LinkLimits(),  # noqa: B008  frozen
        times: LinkTimes = LinkTimes(),  # noqa: B008  frozen
        resends_allowed: bool = True,
    ) -> None:
        self.state = State.CONNECTED
        self._trust = trust
        self._signers = log_signers
        self._still_trusted = still_trusted
        self._limits = limits
        self._times = times
        self._greeting = Greeting(
            trust=trust, session_id=session_id, limits=limits, times=times, resends_allowed=resends_allowed
        )
        self._issuing: Issuing | None = None
        self._holding: Holding | None = None
        self._effects: list[Effect] = []
        self._evidence: tuple[bytes, ...] = ()
        self._line = Line(times)
        self._idle_frames = IdleFrames()
        self._give_up_at = math.inf
        self._ending: Close | None = None
        self._breach: GatewayError | None = None
        self._peer_is_done = False

    # --- events -----------------------------------------------------------------------------------------------

    def started(self, now: Moment) -> list[Effect]:
        """The stream is there and the peer's certificate is good."""
        return self._event(now, lambda: self._start(now))

    def positions_read(self, positions: LinkPositions, now: Moment, *, took_over: bool = False) -> list[Effect]:
        """``ReadPositions`` is answered; ``took_over``: a session that was open has ended for this one."""
        return self._event(now, lambda: self._know_positions(positions, now, took_over=took_over))

    def trees_read(self, issued: CompactRange | None, held: CompactRange | None, now: Moment) -> list[Effect]:
        """``ReadTrees`` is answered."""
        return self._event(now, lambda: self._open(issued, held, now))

    def frame_received(self, unverified: pb.LinkFrame, now: Moment) -> list[Effect]:
        """A frame came in."""
        return self._event(now, lambda: self._hear(unverified, now))

    def work_waiting(self, now: Moment) -> list[Effect]:
        """The outbox has something for this partner; may be told at any time and any number of times."""
        return self._event(now, self._note_work)

    def batch_formed(self, batch: FormedBatch | None, now: Moment) -> list[Effect]:
        """``FormBatch`` or ``ResendBatch`` is answered; None: nothing is there to send."""
        return self._event(now, lambda: self._send_batch(batch, now))

    def batch_committed(self, taken: Taken, now: Moment) -> list[Effect]:
        """``TakeBatch`` is answered: the batch is durable."""
        return self._event(now, lambda: self._send_receipt(taken, now))

    def receipt_committed(self, now: Moment) -> list[Effect]:
        """``CommitReceipt`` is answered."""
        return self._event(now, lambda: self._keep(self._issuing.kept() if self._issuing else None))

    def tick(self, now: Moment) -> list[Effect]:
        """Time went by."""
        return self._event(now, lambda: self._look_at_the_clock(now))

    def trust_changed(self, now: Moment) -> list[Effect]:
        """A descriptor, an agreement or a key of either side changed: the link must greet anew."""
        return self._event(now, lambda: self._leave(Renew("This side's trust data changed."), now))

    def stop(self, now: Moment) -> list[Effect]:
        """This node goes down as planned."""
        return self._event(now, lambda: self._leave(ShuttingDown("This side goes down."), now))

    def superseded(self, now: Moment) -> list[Effect]:
        """A newer session of the same link took over."""
        return self._event(now, lambda: self._break(Superseded("A newer session of this link is open."), now))

    def failed(self, error: GatewayError, now: Moment) -> list[Effect]:
        """An effect could not be carried out."""
        return self._event(now, lambda: self._break(error, now))

    def stream_ended(self, detail: str, now: Moment, reason: str = "UNAVAILABLE") -> list[Effect]:
        """The peer ended the stream, with this reason when it gave one, or the line broke."""
        return self._event(now, lambda: self._close(self._ending or Close(reason, detail, by_peer=True)))

    @property
    def wake_at(self) -> float:
        """When ``tick`` is due, monotonic seconds; infinite when it never is."""
        if self.state is State.OPEN:
            return self._line.wake_at(self._receipt_since, nothing_waits=self._nothing_waits)
        return math.inf if self.state is State.CLOSED else self._give_up_at

    def _event(self, now: Moment, act: Callable[[], None]) -> list[Effect]:
        self._effects = []
        if self.state is State.CLOSED:
            return self._effects
        try:
            act()
            self._form_next(now)
        except GatewayError as error:
            self._end_with(error, now)
        self._close_when_drained(now)
        return self._effects

    # --- greeting ---------------------------------------------------------------------------------------------

    def _start(self, now: Moment) -> None:
        self.state = State.GREETING
        self._give_up_at = now.monotonic + self._times.hello
        self._greet(self._greeting.begin(), now)

    def _know_positions(self, positions: LinkPositions, now: Moment, *, took_over: bool) -> None:
        if self.state is State.GREETING:
            self._greet(self._greeting.know(positions, now, took_over=took_over), now)

    def _greet(self, steps: Sequence[Effect], now: Moment) -> None:
        for step in steps:
            self._effects.append(step)
            if isinstance(step, Send):
                self._line.sent(now.monotonic)
        if self._greeting.compared:
            self._open(None, None, now)

    def _open(self, issued: CompactRange | None, held: CompactRange | None, now: Moment) -> None:
        positions = self._greeting.positions
        if self.state is not State.GREETING or positions is None:
            return
        greeted = self._greeting.conclude(issued, held, now)
        standing, trust = greeted.standing, self._trust
        self._issuing = Issuing(
            log=positions.issued,
            standing=standing,
            trust=trust,
            signers=self._signers,
            window=Window(greeted.peer_limits.within(self._limits), post_quantum=trust.post_quantum),
            skew=self._times.skew,
            held_back=greeted.held_back,
        )
        self._holding = Holding(log=positions.held, lost=standing.own_lost, trust=trust, limits=self._limits)
        self.state = State.OPEN
        self._line.heard(now.monotonic)
        self._effects.append(greeted.opened)
        if not trust.speaks_first:
            self._send(self._greeting.own_hello(now), now)
        if standing.lost_receipt:
            self._keep(self._issuing.keep(standing.lost_receipt))

    # --- frames -----------------------------------------------------------------------------------------------

    def _hear(self, unverified: pb.LinkFrame, now: Moment) -> None:
        self._line.heard(now.monotonic)
        awaited = self._issuing is not None and self._issuing.awaits(unverified.receipt.size)
        self._idle_frames.heard(unverified, now.monotonic, awaited=awaited)
        kind = unverified.WhichOneof("frame")
        if kind is None or self._breach is not None:
            return
        if kind == "goodbye":
            self._hear_goodbye(unverified.goodbye, now)
        elif self._issuing is None or self._holding is None:
            if kind != "hello":
                raise FrameMalformed(f"A {kind} came before Hello.")
            self._greet(self._greeting.hear(unverified.hello, now), now)
        elif kind == "batch":
            self._hear_batch(self._holding, unverified, now)
        elif kind == "receipt":
            self._evidence = ()
            self._keep(self._issuing.receipt(unverified.receipt, now))
        elif kind == "heartbeat":
            self._require_trust(now)
            require_near(unverified.heartbeat.time, now.time, self._times.skew)
            if unverified.heartbeat.nothing_waits and self._holding.idle:
                self._effects.append(NoteComplete(min(unverified.heartbeat.time, now.time)))
        else:
            raise FrameMalformed("Hello came twice.")

    def _hear_batch(self, holding: Holding, unverified: pb.LinkFrame, now: Moment) -> None:
        if self._peer_is_done:
            raise FrameMalformed("A batch came after Goodbye.")
        self._require_trust(now)
        self._evidence = (unverified.batch.checkpoint,)
        self._effects.append(holding.batch(unverified.batch, unverified.ByteSize(), now))

    def _hear_goodbye(self, unverified: pb.Goodbye, now: Moment) -> None:
        self._peer_is_done = True
        heard = heard_goodbye(unverified)
        if self.state is State.OPEN:
            self._send(answer(heard), now)
            self._drain(heard, now)
        elif self.state is not State.DRAINING:
            self._close(heard)
        elif self._ending is None or self._ending.reason != heard.reason:
            self._ending = heard

    # --- what the store has done -------------------------------------------------------------------------------

    def _note_work(self) -> None:
        if self._issuing is not None:
            self._issuing.work_waiting()

    def _form_next(self, now: Moment) -> None:
        if self.state is State.OPEN and self._issuing is not None:
            if (anew := self._issuing.signing_anew(now)) is not None:
                self._send(anew, now)
            wanted = self._issuing.next_batch(now)
            if wanted is not None:
                self._effects.append(wanted)

    def _send_batch(self, batch: FormedBatch | None, now: Moment) -> None:
        if self._issuing is None:
            return
        if self.state is not State.OPEN:
            self._issuing.dropped()
            return
        self._require_trust(now)
        frame = self._issuing.formed(batch, now)
        if frame is not None:
            self._send(frame, now)

    def _send_receipt(self, taken: Taken, now: Moment) -> None:
        if self._holding is not None:
            self._send(self._holding.committed(taken.size, taken.lines), now)
        if taken.answered:
            self._note_work()

    def _keep(self, commit: CommitReceipt | None) -> None:
        if commit is not None:
            self._effects.append(commit)

    # --- time -------------------------------------------------------------------------------------------------

    def _look_at_the_clock(self, now: Moment) -> None:
        if self.state is State.GREETING and now.monotonic >= self._give_up_at:
            raise TimedOut(f"No session opened within {self._times.hello:g} s.")
        if self.state is State.DRAINING and now.monotonic >= self._give_up_at:
            self._give_up(now)
        if self.state is State.OPEN:
            self._look_at_the_line(now)

    def _look_at_the_line(self, now: Moment) -> None:
        if self._line.is_dead(now.monotonic):
            self._close(Close("TIMEOUT", f"Nothing was heard for {self._times.dead:g} s.", by_peer=False))
        elif self._line.lacks_receipt(now.monotonic, self._receipt_since):
            raise TimedOut(f"No receipt came within {self._times.receipt:g} s.")
        elif (heartbeat := self._line.heartbeat(now, nothing_waits=self._nothing_waits)) is not None:
            self._require_trust(now)
            self._send(heartbeat, now)

    @property
    def _notes(self) -> tuple[bytes, ...]:
        """The signed notes that what goes wrong now is about: of the greeting, or of the last frame."""
        return self._greeting.notes if self._issuing is None else self._evidence

    @property
    def _nothing_waits(self) -> bool:
        return self._issuing is not None and self._issuing.nothing_waits

    @property
    def _receipt_since(self) -> float | None:
        return self._issuing.receipt_since if self._issuing else None

    # --- endings ----------------------------------------------------------------------------------------------

    def _leave(self, why: Renew | ShuttingDown, now: Moment) -> None:
        if self.state is State.OPEN:
            ending = close_for(why, ())
            self._send(goodbye(ending), now)
            self._drain(ending, now)
        elif self.state is not State.DRAINING:
            self._break(why, now)

    def _drain(self, ending: Close, now: Moment) -> None:
        self.state = State.DRAINING
        self._ending = ending
        self._give_up_at = now.monotonic + self._times.drain

    def _end_with(self, breach: GatewayError, now: Moment) -> None:
        """End for a breach: at once, or when what was verified before it has its receipts."""
        if self._holding is None or self._holding.idle or self._breach is not None:
            self._break(breach, now)
            return
        self._breach = breach
        self._drain(close_for(breach, self._notes), now)

    def _close_when_drained(self, now: Moment) -> None:
        if self.state is not State.DRAINING or self._holding is None or self._issuing is None:
            return
        if self._breach is not None:
            if self._holding.idle:
                self._break(self._breach, now)
        elif self._peer_is_done and self._holding.idle and self._issuing.idle:
            self._give_up(now)

    def _give_up(self, now: Moment) -> None:
        if self._breach is not None:
            self._break(self._breach, now)
        elif self._ending is not None:
            self._close(self._ending)

    def _break(self, error: GatewayError, now: Moment) -> None:
        ending = close_for(error, self._notes)
        if error.reason not in NOT_TOLD:
            self._send(goodbye(ending), now)
        self._close(ending)

    def _close(self, ending: Close) -> None:
        self.state = State.CLOSED
        self._effects.append(ending)

    # --- all around -------------------------------------------------------------------------------------------

    def _require_trust(self, now: Moment) -> None:
        error = self._still_trusted(now.time)
        if error is not None:
            raise error

    def _send(self, frame: pb.LinkFrame, now: Moment) -> None:
        self._line.sent(now.monotonic)
        self._effects.append(Send(frame))
