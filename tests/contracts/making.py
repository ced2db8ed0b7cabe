"""What the contract tests put into a store, and the world it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any, Protocol
from uuid import UUID

from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.tree import CompactRange
from gateway.ports.audit import AuditLog
from gateway.ports.decisions import Decisions
from gateway.ports.documents import Documents, WaitingDocuments
from gateway.ports.facts import FactReader
from gateway.ports.histories import Histories
from gateway.ports.incidents import Incidents
from gateway.ports.intake import Admission, Intake, Judged, Outgoing, Priority
from gateway.ports.ledger import Ledger
from gateway.ports.links import Entry, FormedBatch, JudgedEntry, LinkLogs, ReceivedBatch, Standing
from gateway.ports.proposals import Proposals
from gateway.ports.records import Records
from gateway.ports.suspensions import Suspensions
from gateway.ports.views import ViewIndex

NOW = 1_780_000_000
MUCH = 10**9


def issued_origin(partner: str) -> str:
    return f"customs.nl.example/links/{partner}/1"


def held_origin(partner: str) -> str:
    return f"customs.{partner.lower()}.example/links/NL/1"


class Store(Protocol):
    """A store of this node, NL."""

    @property
    def intake(self) -> Intake: ...
    @property
    def logs(self) -> LinkLogs: ...
    @property
    def records(self) -> Records: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def waiting(self) -> WaitingDocuments: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def proposals(self) -> Proposals: ...
    @property
    def views(self) -> ViewIndex: ...
    @property
    def facts(self) -> FactReader: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def suspensions(self) -> Suspensions: ...
    @property
    def histories(self) -> Histories: ...
    @property
    def incidents(self) -> Incidents: ...
    async def close(self) -> None: ...


class StillClock:
    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class SeededChance:
    """The same salts in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)

    def salts(self, count: int) -> list[bytes]:
        return [self._random.randbytes(16) for _ in range(count)]

    def session_id(self) -> bytes:
        return self._random.randbytes(16)

    def record_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def jitter(self) -> float:
        return self._random.random()


def record_id(number: int) -> str:
    return str(UUID(int=(NOW * 1000 << 80) | (7 << 76) | (2 << 62) | number))


def admission(number: int, *partners: str, **changes: Any) -> Admission:
    """A submission whose ids follow from its number, released in one form to ``partners`` (CN when none is named)."""
    released = f"released {number}".encode()
    fields: dict[str, Any] = {
        "client": "national",
        "request_id": f"request-{number}",
        "digest": sha256(b"%d" % number).digest(),
        "record_id": record_id(number),
        "kind": "inspection_outcome",
        "subject": f"container:{number}",
        "supersedes": "",
        "statement": f"statement {number}".encode(),
        "outgoing": tuple(Outgoing(partner, released) for partner in partners or ("CN",)),
        "priority": Priority.NORMAL,
        "answer": f"answer {number}".encode(),
        "stored_at": NOW + number,
    }
    return Admission(**{**fields, **changes})


def judged_entry(number: int, **changes: Any) -> JudgedEntry:
    """A received entry whose ids follow from its number; ``record_id`` is disjoint from what ``admission`` gives."""
    entry = Entry(sha256(b"salt %d" % number).digest()[:16], f"received {number}".encode())
    fields: dict[str, Any] = {
        "entry": entry,
        "commitment": commitment(entry.salt, entry.record),
        "record_id": record_id(1_000_000 + number),
        "kind": "alert",
        "subject": f"container:{number}",
        "supersedes": "",
        "standing": Standing.ACCEPTED,
        "violations": (),
    }
    return JudgedEntry(**{**fields, **changes})


@dataclass
class PartnerLog:
    """The partner's end of the held log: makes the batches that this node receives."""

    partner: str = "CN"
    tree: CompactRange = field(default_factory=CompactRange)

    def batch(self, *entries: JudgedEntry, **changes: Any) -> ReceivedBatch:
        before = self.tree
        self.tree, _ = before.append_all([leaf_hash(each.commitment) for each in entries])
        fields: dict[str, Any] = {
            "partner": self.partner,
            "origin": held_origin(self.partner),
            "before": before,
            "entries": entries,
            "after": self.tree,
            "note": f"held {self.tree.size}".encode(),
            "received_at": NOW + self.tree.size,
            "judgements": (),
        }
        return ReceivedBatch(**{**fields, **changes})


async def open_link(store: Store, partner: str = "CN") -> None:
    await store.logs.positions(partner, issued_origin=issued_origin(partner), held_origin=held_origin(partner))


async def form(store: Store, size: int, partner: str = "CN", records: int = 1000) -> FormedBatch:
    batch = await store.logs.form_batch(partner, expected_size=size, records=records, size_bytes=MUCH)
    assert batch is not None
    return batch


async def issue(
    store: Store, *sizes: int, partner: str = "CN", first: int = 0, number: int | None = None
) -> list[FormedBatch]:
    """Admit and form batches of these sizes in a log that has ``first`` entries; records are numbered like entries."""
    await open_link(store, partner)
    shift = 0 if number is None else number - first
    batches = []
    for size in sizes:
        await store.intake.admit([admission(shift + each, partner) for each in range(first, first + size)])
        batches.append(await form(store, first, partner))
        first += size
    return batches


async def receipt(store: Store, size: int, partner: str = "CN") -> None:
    await store.logs.commit_receipt(partner, size=size, note=f"issued {size}".encode(), receipt_time=NOW + size)


def tree_of_entries(entries: Sequence[Entry]) -> CompactRange:
    return CompactRange().append_all([leaf_hash(commitment(each.salt, each.record)) for each in entries])[0]


def verdict(origin: str, word: str, *ranges: tuple[int, int]) -> Judged:
    return Judged(origin, ranges, word)
