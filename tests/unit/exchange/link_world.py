"""Two ends of a link in memory: real sessions, real signatures, a store of lists, a wire of two queues."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias, TypeVar

from gateway.errors import Absent, GatewayError, OutOfOrder
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
from gateway.exchange.judgements import JudgementWriter
from gateway.exchange.judging import Covers, Judge
from gateway.exchange.limits import LinkLimits
from gateway.exchange.moment import Moment
from gateway.exchange.session import LinkSession
from gateway.exchange.session_states import State
from gateway.exchange.session_trust import AgreementRef, DocumentRef, Party, SessionTrust, origins_of
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.tree import CompactRange
from gateway.ports.incidents import Breach
from gateway.ports.intake import AgreementVersion
from gateway.ports.links import (
    Direction,
    Entry,
    FormedBatch,
    JudgedEntry,
    LinkPositions,
    LinkStatus,
    LogState,
    ReceivedBatch,
    Standing,
)
from mutualrecognition.federation.v1 import link_pb2 as pb

TIME = 1_790_000_000
MUCH = 10**9
AGREEMENT = AgreementRef("JP-NL-2026", 1, bytes([7]) * 32)
DOMAINS = {"JP": "customs.jp.example", "NL": "customs.nl.example", "CN": "customs.cn.example"}
T = TypeVar("T")
StoreWork: TypeAlias = FormBatch | ResendBatch | CommitReceipt | TakeBatch


def signer(administration: str, key_type: KeyType, use: str) -> SeedSigner:
    domain = DOMAINS[administration]
    seed = sha256(f"{administration} {use} {key_type}".encode()).digest()
    return SeedSigner.from_seed(f"{domain}/{use}", key_type, seed)


def log_signers(administration: str, *, post_quantum: bool = False) -> list[SeedSigner]:
    types = [KeyType.NOTE_ED25519] + [KeyType.COSIGNATURE_ML_DSA_44] * post_quantum
    return [signer(administration, each, "links") for each in types]


def receipt_signers(administration: str, *, post_quantum: bool = False) -> list[SeedSigner]:
    types = [KeyType.COSIGNATURE_ED25519] + [KeyType.COSIGNATURE_ML_DSA_44] * post_quantum
    return [signer(administration, each, "receipts") for each in types]


def party(administration: str, *, valid_until: int = 2**40) -> Party:
    def dated(signers: Sequence[SeedSigner]) -> tuple[DatedKey, ...]:
        return tuple(DatedKey(each.key, TIME - 10**6, valid_until) for each in signers)

    return Party(
        administration=administration,
        domain=DOMAINS[administration],
        descriptor=DocumentRef(1, sha256(administration.encode()).digest()),
        log_keys=dated(log_signers(administration, post_quantum=True)),
        receipt_keys=dated(receipt_signers(administration, post_quantum=True)),
    )


def trust(own: str, peer: str, /, **changes: Any) -> SessionTrust:
    values: dict[str, Any] = {"own": party(own), "peer": party(peer), "agreements": (AGREEMENT,), **changes}
    return SessionTrust(**values)


async def go_on() -> None:
    """Let nobody else have a turn: nothing else runs here."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waited")


@dataclass
class SteadyChance:
    """Salts, ids: different every time, the same in every run."""

    count: int = 0

    def salts(self, count: int) -> list[bytes]:
        self.count += count
        return [sha256(b"salt %d" % (self.count - i)).digest()[:16] for i in range(count)]

    def session_id(self) -> bytes:
        self.count += 1
        return sha256(b"session %d" % self.count).digest()[:16]

    def record_id(self) -> str:
        self.count += 1
        return f"01900000-0000-7000-8000-{self.count:012x}"

    def jitter(self) -> float:
        return 0.5


class Clock:
    """One clock for both ends; it moves when a test moves it."""

    def __init__(self) -> None:
        self.time = TIME
        self.at = 1000.0

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.at

    def moment(self) -> Moment:
        return Moment(self.time, self.at)

    def move(self, seconds: float) -> None:
        self.at += seconds
        self.time = TIME + int(self.at - 1000.0)


@dataclass
class StoredLog:
    origin: str
    generation: int = 1
    entries: list[Entry] = field(default_factory=list)
    commitments: list[bytes] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    receipted: int = 0
    note: bytes = b""
    receipt_time: int = 0

    def tree(self, size: int) -> CompactRange:
        return CompactRange().append_all([leaf_hash(each) for each in self.commitments[:size]])[0]

    def state(self) -> LogState:
        return LogState(
            self.origin,
            self.generation,
            self.tree(len(self.entries)),
            self.receipted,
            self.note,
            self.receipt_time,
        )


class MemoryLogs:
    """``LinkLogs`` of one link in lists; every call is one transaction."""

    def __init__(self, own: str, peer: str, chance: SteadyChance) -> None:
        self.issued = StoredLog(f"{DOMAINS[own]}/links/{peer}/1")
        self.held = StoredLog(f"{DOMAINS[peer]}/links/{own}/1")
        self.judged: list[JudgedEntry] = []
        self.outbox: list[bytes] = []
        self.released_under: dict[bytes, AgreementVersion] = {}
        self._chance = chance

    async def positions(self, partner: str, *, issued_origin: str, held_origin: str) -> LinkPositions:
        return LinkPositions(partner, self.issued.state(), self.held.state())

    async def form_batch(
        self,
        partner: str,
        *,
        expected_size: int,
        records: int,
        size_bytes: int,
        held_back: Collection[AgreementVersion] = (),
    ) -> FormedBatch | None:
        if len(self.issued.entries) != expected_size:
            raise OutOfOrder("another session owns the log")
        may_go = [each for each in self.outbox if self.released_under.get(each) not in held_back]
        taken = self._fitting([len(each) + 16 for each in may_go], records, size_bytes)
        if not taken:
            return None
        waiting = may_go[:taken]
        self.outbox = [each for each in self.outbox if each not in waiting]
        entries = [Entry(salt, each) for salt, each in zip(self._chance.salts(taken), waiting, strict=True)]
        self.issued.entries += entries
        self.issued.commitments += [sha256(each.salt + each.record).digest() for each in entries]
        self.issued.ends.append(len(self.issued.entries))
        return FormedBatch(expected_size, tuple(entries), self.issued.tree(len(self.issued.entries)))

    async def formed_batch(self, partner: str, *, first: int, records: int, size_bytes: int) -> FormedBatch | None:
        end = next((each for each in self.issued.ends if each > first), None)
        if end is None:
            return None
        entries = self.issued.entries[first:end]
        entries = entries[: self._fitting([len(each.record) + 16 for each in entries], records, size_bytes)]
        return FormedBatch(first, tuple(entries), self.issued.tree(first + len(entries)))

    async def tree_at(self, partner: str, *, direction: Direction, size: int) -> CompactRange:
        log = self.issued if direction is Direction.ISSUED else self.held
        if size > len(log.entries):
            raise Absent("the log is shorter")
        return log.tree(size)

    async def commit_receipt(self, partner: str, *, size: int, note: bytes, receipt_time: int) -> None:
        if size > self.issued.receipted:
            self.issued.receipted, self.issued.note, self.issued.receipt_time = size, note, receipt_time

    async def commit_batch(self, batch: ReceivedBatch) -> None:
        if (batch.origin, batch.before) != (self.held.origin, self.held.tree(len(self.held.entries))):
            raise OutOfOrder("another session owns the log")
        self.judged += batch.entries
        self.held.entries += [each.entry for each in batch.entries]
        self.held.commitments += [each.commitment for each in batch.entries]
        assert self.held.tree(batch.after.size) == batch.after
        self.held.ends.append(batch.after.size)
        self.held.receipted, self.held.note, self.held.receipt_time = batch.after.size, batch.note, batch.received_at
        self.outbox[:0] = [each.outgoing[0].record for each in batch.judgements]

    async def known_records(self, partner: str, record_ids: Collection[str]) -> frozenset[str]:
        return frozenset(each.record_id for each in self.judged if each.record_id in record_ids)

    async def accepted_records(self, partner: str, record_ids: Collection[str]) -> Mapping[str, bytes]:
        accepted = (each for each in self.judged if each.standing is Standing.ACCEPTED)
        return {each.record_id: each.entry.record for each in accepted if each.record_id in record_ids}

    async def note_complete(self, partner: str, *, at: int) -> None:
        raise NotImplementedError("nobody asks for it here")

    async def statuses(self) -> Sequence[LinkStatus]:
        raise NotImplementedError

    async def suspend(
        self, partner: str, *, reason: str, detail: str, actor: str, breach: Breach | None = None
    ) -> None:
        raise NotImplementedError

    @staticmethod
    def _fitting(sizes: Sequence[int], records: int, size_bytes: int) -> int:
        total = 0
        for count, size in enumerate(sizes[:records]):
            total += size
            if count and total > size_bytes:
                return count
        return min(len(sizes), records)


def no_cover(kind: str, purpose: str, at: int, agreement_id: str, version: int) -> None:
    return None


class End:
    """One side: its store outlives its sessions. Store work waits until ``work`` is called, as it would for a disk."""

    def __init__(self, own: str, peer: str, clock: Clock, chance: SteadyChance, **trust_changes: Any) -> None:
        self.own, self.peer, self.clock, self.chance = own, peer, clock, chance
        self.trust = trust(own, peer, **trust_changes)
        self.limits = LinkLimits()
        self.covers: Covers = no_cover
        self.logs = MemoryLogs(own, peer, chance)
        self.untrusted: GatewayError | None = None
        self.resends_allowed = True
        self.session = self.new_session()
        self.sent: deque[pb.LinkFrame] = deque()
        self.to_do: deque[StoreWork] = deque()
        self.opened: Opened | None = None
        self.complete_at = 0
        self.closed: Close | None = None

    def new_session(self) -> LinkSession:
        post_quantum = self.trust.post_quantum
        self.arrival = Arrival(
            partner=self.peer,
            logs=self.logs,
            judge=Judge(issuer=self.peer, covers=self.covers),
            judgements=JudgementWriter(own=self.own, partner=self.peer, randomness=self.chance),
            receipt_signers=receipt_signers(self.own, post_quantum=post_quantum),
            receipt_keys=self.trust.own.receipt_keys,
            clock=self.clock,
            pause=go_on,
        )
        return LinkSession(
            trust=self.trust,
            log_signers=log_signers(self.own, post_quantum=post_quantum),
            session_id=self.chance.session_id(),
            still_trusted=lambda _: self.untrusted,
            limits=self.limits,
            resends_allowed=self.resends_allowed,
        )

    def connect(self) -> None:
        self.session = self.new_session()
        self.sent.clear()
        self.to_do.clear()
        self.opened = self.closed = None
        self.do(self.session.started(self.clock.moment()))

    def do(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            assert self.closed is None, "Close is the last effect"
            match effect:
                case Send(frame):
                    self.sent.append(pb.LinkFrame.FromString(frame.SerializeToString()))
                case ReadPositions():
                    positions = run(self._positions())
                    self.do(self.session.positions_read(positions, self.clock.moment()))
                case ReadTrees(issued, held):
                    trees = [
                        None if size is None else run(self.logs.tree_at(self.peer, direction=direction, size=size))
                        for direction, size in ((Direction.ISSUED, issued), (Direction.RECEIVED, held))
                    ]
                    self.do(self.session.trees_read(*trees, self.clock.moment()))
                case Opened():
                    self.opened = effect
                case NoteComplete(at):
                    self.complete_at = at
                case Close():
                    self.closed = effect
                case _:
                    self.to_do.append(effect)

    async def _positions(self) -> LinkPositions:
        issued, held = origins_of(self.trust)
        return await self.logs.positions(self.peer, issued_origin=issued, held_origin=held)

    def work(self, *, tell: bool = True) -> None:
        """Carry out the oldest piece of store work; ``tell`` False: the process ends before it can say so."""
        effect = self.to_do.popleft()
        try:
            event = self._carried_out(effect)
        except GatewayError as error:
            event = partial(self.session.failed, error)
        if tell:
            self.do(event(self.clock.moment()))

    def _carried_out(self, effect: StoreWork) -> Callable[[Moment], list[Effect]]:
        """Change the store, and give the event by which the session is told."""
        match effect:
            case FormBatch(size, records, size_bytes, held_back):
                limits = {"records": records, "size_bytes": size_bytes}
                batch = run(self.logs.form_batch(self.peer, expected_size=size, held_back=held_back, **limits))
                return partial(self.session.batch_formed, batch)
            case ResendBatch(first, records, size_bytes):
                batch = run(self.logs.formed_batch(self.peer, first=first, records=records, size_bytes=size_bytes))
                return partial(self.session.batch_formed, batch)
            case CommitReceipt(size, note, receipt_time):
                run(self.logs.commit_receipt(self.peer, size=size, note=note, receipt_time=receipt_time))
                return self.session.receipt_committed
            case TakeBatch(verified):
                return partial(self.session.batch_committed, run(self.arrival.take(verified)))

    def submit(self, *records: bytes) -> None:
        self.logs.outbox += records
        self.do(self.session.work_waiting(self.clock.moment()))

    def hear(self, frame: pb.LinkFrame) -> None:
        self.do(self.session.frame_received(frame, self.clock.moment()))

    def tick(self) -> None:
        self.do(self.session.tick(self.clock.moment()))


class Link:
    """Both ends of one link. NL says Hello first: it is the higher id."""

    def __init__(self, *, higher: str = "NL", lower: str = "JP", **trust_changes: Any) -> None:
        self.clock = Clock()
        chance = SteadyChance()
        self.high = End(higher, lower, self.clock, chance, **trust_changes)
        self.low = End(lower, higher, self.clock, chance, **trust_changes)

    @property
    def ends(self) -> tuple[End, End]:
        return self.high, self.low

    def other(self, end: End) -> End:
        return self.low if end is self.high else self.high

    def connect(self) -> Link:
        self.low.connect()
        self.high.connect()
        return self

    def deliver(self, sender: End) -> None:
        """Hand the oldest frame on its way from ``sender`` to the other side."""
        frame = sender.sent.popleft()
        if self.other(sender).closed is None:
            self.other(sender).hear(frame)

    def cut(self) -> None:
        for end in self.ends:
            if end.closed is None:
                end.do(end.session.stream_ended("The line broke.", self.clock.moment()))
            end.sent.clear()
            end.to_do.clear()

    def settle(self) -> Link:
        """Carry everything on until nothing moves."""
        while any(end.sent or end.to_do for end in self.ends):
            for end in self.ends:
                if end.to_do:
                    end.work()
                if end.sent:
                    self.deliver(end)
        return self

    def open(self) -> Link:
        self.connect().settle()
        assert self.high.session.state is State.OPEN, self.high.closed or self.low.closed
        assert self.low.session.state is State.OPEN, self.low.closed
        return self


def entries_of(log: StoredLog) -> list[bytes]:
    return [each.record for each in log.entries]
