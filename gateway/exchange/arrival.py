"""The second half of taking a batch: judge, commit, receipt (docs/protocol.md, The session).

The numbers go on from ``batches``, where 1 to 4 have proven that the entries are the issuer's:

5. each record is judged; what fails is quarantined and blocks nothing;
6. entries, receipt and this side's own judgements are committed in one transaction;
7. only then is the receipt given, to be sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import ClockSkew, Violation
from gateway.exchange.batches import VerifiedBatch
from gateway.exchange.judgements import JudgementWriter
from gateway.exchange.judging import Course, Judge, Past
from gateway.exchange.quarantine import QuarantineRoom
from gateway.exchange.signing import signers_at
from gateway.linklog.checkpoints import cosign
from gateway.linklog.keys import DatedKey, Signer
from gateway.ports.links import Entry, JudgedEntry, LinkLogs, ReceivedBatch
from gateway.ports.world import Clock
from mutualrecognition.records.v1.record_pb2 import Header, Record

AT_A_STRETCH: Final = 20
"""Records judged before others have their turn: about 1 ms."""
BYTES_AT_A_STRETCH: Final = 16 * 1024
"""Bytes of these: one record may have 256 KiB, and take as long as hundreds."""
STEADY_SECONDS: Final = 60.0
"""So much may a clock be set while a session is open, as time services do."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made durable: the log's size, the lines of its receipt, and what was thought of the entries.

    ``answered`` says that judgements of this side's own wait in the outbox now.
    """

    size: int
    lines: bytes
    entries: tuple[JudgedEntry, ...]
    answered: bool


class Arrival:
    """Takes the verified batches of one session, one by one.

    ``receipt_keys`` are this side's own, with the periods that its descriptor states; ``receipt_signers`` are the
    private halves that it has. ``pause`` lets others have their turn, and returns. ``quarantine`` is the room that the
    partner has for bad records, over all its sessions.
    """

    def __init__(
        self,
        *,
        partner: str,
        logs: LinkLogs,
        judge: Judge,
        judgements: JudgementWriter,
        receipt_signers: Sequence[Signer],
        receipt_keys: Sequence[DatedKey],
        clock: Clock,
        pause: Callable[[], Awaitable[None]],
        quarantine: QuarantineRoom | None = None,
    ) -> None:
        self._partner = partner
        self._quarantine = quarantine or QuarantineRoom(clock.monotonic)
        self._logs = logs
        self._judge = judge
        self._judgements = judgements
        self._signers = receipt_signers
        self._keys = receipt_keys
        self._clock = clock
        self._pause = pause
        self._last_time = 0
        self._clock_began = self._clock_stands()

    async def take(self, batch: VerifiedBatch) -> Taken:
        """Do checks 5 to 7; returns when the batch is durable.

        Raises:
            QuarantineFull: the partner must wait, and correct what it sends.
            ClockSkew: this side's clock was set; what it would sign now could not be taken back.
            OutOfOrder: the log is no longer where the batch begins; another session has taken it over.
            GatewayError: the store's; nothing of the batch is stored.
        """
        self._require_steady_clock()
        now = self._clock.now()
        judged = await self._judged(batch, now)  # 5
        self._quarantine.take(self._partner, judged)
        time = self._receipt_time(batch, now)
        lines = (
            cosign(batch.checkpoint, signers_at(self._signers, self._keys, time), time) if batch.receiptable else b""
        )
        judgements = self._judgements.write(batch.checkpoint.origin, batch.before.size, judged, now)
        await self._logs.commit_batch(  # 6
            ReceivedBatch(
                partner=self._partner,
                origin=batch.checkpoint.origin,
                before=batch.before,
                entries=judged,
                after=batch.after,
                note=batch.note.serialize() + lines,
                received_at=time,
                judgements=judgements,
            )
        )
        return Taken(batch.after.size, lines, judged, bool(judgements))  # 7

    async def _judged(self, batch: VerifiedBatch, now: int) -> tuple[JudgedEntry, ...]:
        """Judge a batch part by part: five hundred records at a stretch would let everything else wait for 25 ms."""
        entries, commitments = batch.entries, batch.commitments
        parts = list(stretches(entries))
        read: list[Record | Violation] = []
        for part in parts:
            read += self._judge.read(entries[part])
            await self._pause()
        course = Course.after(await self._past([each.header for each in read if isinstance(each, Record)]))
        judged: list[JudgedEntry] = []
        for part in parts:
            judged += self._judge.judge(entries[part], commitments[part], read[part], course, now)
            await self._pause()
        return tuple(judged)

    async def _past(self, headers: Sequence[Header]) -> Past:
        """Look up what the partner has stated before; nothing is read for records that supersede none."""
        if not headers:
            return Past()
        used = await self._logs.known_records(self._partner, {header.record_id for header in headers})
        named = {header.supersedes for header in headers if header.supersedes}
        if not named:
            return Past(used)
        held = await self._logs.accepted_records(self._partner, named)
        return Past(used, {each: Record.FromString(held[each]) if each in held else None for each in named})

    def _require_steady_clock(self) -> None:
        """Refuse to go on with another clock than the one that the partner has seen in Hello.

        A receipt with a time far ahead blocks the link until then: no later one may state an earlier time.
        """
        set_by = self._clock_stands() - self._clock_began
        if abs(set_by) > STEADY_SECONDS:
            raise ClockSkew(f"This side's clock was set by {set_by:.0f} s while the session was open.")

    def _clock_stands(self) -> float:
        """Give where the one clock stands against the other, which nobody sets."""
        return self._clock.now() - self._clock.monotonic()

    def _receipt_time(self, batch: VerifiedBatch, now: int) -> int:
        """Times in one log never fall, even when a clock is set back."""
        self._last_time = max(self._last_time, batch.not_before, now)
        return self._last_time


def stretches(entries: Sequence[Entry]) -> Iterator[slice]:
    """Cut a batch into parts of about the same work."""
    start = size = 0
    for number, entry in enumerate(entries):
        if number - start == AT_A_STRETCH or (number > start and size + len(entry.record) > BYTES_AT_A_STRETCH):
            yield slice(start, number)
            start, size = number, 0
        size += len(entry.record)
    if start < len(entries):
        yield slice(start, len(entries))
