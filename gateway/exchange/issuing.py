"""The issuing half of a session: this side's log on its way to the partner.

Indexes are given and checkpoints signed only here, so only in an open session and only while the window has room.
Entries that have their index but no receipt are sent again first, from what the partner holds. Where a key was taken
back by which the newest receipt stands, the log is signed anew first, without entries. Records under an
agreement that the partner does not hold wait for a session in which it does; the log does not know them before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import FrameMalformed, Ours
from gateway.exchange.batches import known_lines_only
from gateway.exchange.counting import still_counts
from gateway.exchange.effects import CommitReceipt, FormBatch, ResendBatch
from gateway.exchange.hello import require_near
from gateway.exchange.log_comparison import LogStanding
from gateway.exchange.moment import Moment
from gateway.exchange.session_trust import SessionTrust
from gateway.exchange.signing import signers_at
from gateway.exchange.window import Window
from gateway.linklog.checkpoints import Checkpoint, receipt_time, sign_checkpoint
from gateway.linklog.keys import Signer
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_lines, parse_note
from gateway.ports.intake import AgreementVersion
from gateway.ports.links import FormedBatch, LogState
from mutualrecognition.federation.v1 import link_pb2 as pb


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A batch that was sent and has no receipt yet, with the very note that the receipt must be for."""

    checkpoint: Checkpoint
    note: Note
    frame_bytes: int
    sent_at: float


class Issuing:
    """Sends batches and takes their receipts. Nothing here waits: it says what to do next, if anything."""

    def __init__(
        self,
        *,
        log: LogState,
        standing: LogStanding,
        trust: SessionTrust,
        signers: Sequence[Signer],
        window: Window,
        skew: int,
        held_back: frozenset[AgreementVersion],
    ) -> None:
        self._origin = log.origin
        self._size = log.tree.size
        self._covered = standing.resume_from
        self._receipt_time = log.receipt_time
        self._next = standing.resume_from
        self._peer_lost_below = standing.peer_lost_below
        self._trust = trust
        self._signers = signers
        self._window = window
        self._skew = skew
        self._held_back = held_back
        self._under_way: deque[_UnderWay] = deque()
        self._forming = False
        self._work = True  # nobody knows yet
        self._stale_tree = log.tree if _must_sign_anew(log, standing, trust) else None
        self._committing = False
        self._commit_next: CommitReceipt | None = None

    @property
    def idle(self) -> bool:
        """Whether everything sent is receipted, and every receipt kept."""
        return not (self._under_way or self._forming or self._committing)

    @property
    def nothing_waits(self) -> bool:
        """Whether the outbox was found empty and everything that ever left it is receipted."""
        return self.idle and not self._work and self._next >= self._size

    @property
    def receipt_since(self) -> float | None:
        """When the oldest batch without receipt was sent, monotonic seconds."""
        return self._under_way[0].sent_at if self._under_way else None

    def awaits(self, size: int) -> bool:
        """Whether a receipt for this size would be for a batch that is under way."""
        return any(each.checkpoint.size == size for each in self._under_way)

    def work_waiting(self) -> None:
        """The outbox has something."""
        self._work = True

    def signing_anew(self, now: Moment) -> pb.LinkFrame | None:
        """Give a batch without entries for the present size, where keys were taken back; mostly there is none."""
        tree, self._stale_tree = self._stale_tree, None
        return None if tree is None else self._signed(FormedBatch(tree.size, (), tree), now)

    def next_batch(self, now: Moment) -> FormBatch | ResendBatch | None:
        """Say which batch is to be made now; at most one at a time, and its outcome goes to ``formed``."""
        again = self._next < self._size
        if self._forming or not (again or self._work):
            return None
        room = self._window.room(now.monotonic)
        if room is None:
            return None
        self._forming = True
        if again:
            return ResendBatch(self._next, *room)
        self._work = False  # what comes in from here on is new work
        return FormBatch(self._next, *room, self._held_back)

    def formed(self, batch: FormedBatch | None, now: Moment) -> pb.LinkFrame | None:
        """Sign a batch that the store has formed and give its frame; None when there was nothing to form."""
        self.dropped()
        if batch is None and self._next >= self._size:
            return None
        if batch is None or batch.first != self._next:
            raise Ours(f"The store did not give the batch from {self._next} on.")
        self._next = batch.tree.size
        self._size = max(self._size, self._next)
        self._work = True  # there may be more
        return self._signed(batch, now)

    def dropped(self) -> None:
        """A batch that was asked for is not to be sent: the next session sends it."""
        self._forming = False

    def receipt(self, unverified: pb.Receipt, now: Moment) -> CommitReceipt | None:
        """Verify a receipt against the checkpoints under way; give what is to be kept, if that can be done now.

        A receipt for what is receipted already changes nothing.

        Raises:
            FrameMalformed, NoteMalformed, SignatureInvalid, KeyNotValid, ClockSkew: the session ends with it.
        """
        covered = next((each for each in self._under_way if each.checkpoint.size == unverified.size), None)
        if covered is None:
            if unverified.size <= self._covered:
                return None
            raise FrameMalformed(f"A receipt for {unverified.size} entries, where no batch under way ends.")
        commit = self._verified(covered, unverified.lines, now)
        self._covered = unverified.size
        while self._under_way and self._under_way[0].checkpoint.size <= unverified.size:
            self._window.receipted(self._under_way.popleft().frame_bytes, now.monotonic)
        return self.keep(commit) if commit else None

    def keep(self, commit: CommitReceipt) -> CommitReceipt | None:
        """Keep a verified receipt now, or after the one that is being kept: of several the newest will do."""
        self._receipt_time = commit.receipt_time
        if self._committing:
            self._commit_next = commit
            return None
        self._committing = True
        return commit

    def kept(self) -> CommitReceipt | None:
        """A receipt is kept; give the next one, if there is one by now."""
        commit, self._commit_next = self._commit_next, None
        self._committing = commit is not None
        return commit

    def _signed(self, batch: FormedBatch, now: Moment) -> pb.LinkFrame:
        checkpoint = Checkpoint(self._origin, batch.tree.size, batch.tree.root())
        signers = signers_at(self._signers, self._trust.own.log_keys, now.time)
        note = sign_checkpoint(checkpoint, signers, now.time)
        frame = pb.LinkFrame()
        frame.batch.first = batch.first
        frame.batch.checkpoint = note
        add = frame.batch.entries.add
        for entry in batch.entries:
            add(salt=entry.salt, record=entry.record)
        size = frame.ByteSize()
        self._under_way.append(_UnderWay(checkpoint, parse_note(note, CHECKPOINT_LIMITS), size, now.monotonic))
        self._window.sent(size)
        return frame

    def _verified(self, covered: _UnderWay, unverified_lines: bytes, now: Moment) -> CommitReceipt | None:
        checkpoint = covered.checkpoint
        if not unverified_lines and checkpoint.size < self._peer_lost_below:
            return None
        lines = parse_lines(unverified_lines)
        keys = self._trust.peer.receipt_keys
        time = receipt_time(checkpoint, lines, keys, require=self._trust.receipt_types)
        require_near(time, now.time, self._skew)
        if time < self._receipt_time:
            raise FrameMalformed(f"A receipt states {time}, the one before it {self._receipt_time}.")
        receipt = known_lines_only(Note(checkpoint.text, lines), keys)
        return CommitReceipt(checkpoint.size, covered.note.with_lines(receipt.lines).serialize(), time)


def _must_sign_anew(log: LogState, standing: LogStanding, trust: SessionTrust) -> bool:
    """Entries that are sent again are signed with the keys of now anyway, and cover all before them."""
    if not log.note or standing.resume_from != log.tree.size or standing.peer_lost_below:
        return False
    return not still_counts(log.note, log_keys=trust.own.log_keys, receipt_keys=trust.peer.receipt_keys)
