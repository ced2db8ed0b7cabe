"""Check 5 of a batch: what this side thinks of a record that arrived (docs/protocol.md, Judgement).

A record that fails is quarantined: stored, provable, unused. It never stops the batch or the link. So nothing here
raises for what a record says, and nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from gateway import records
from gateway.errors import GatewayError, Violation
from gateway.exchange.release import purpose_name
from gateway.ports.intake import Judged
from gateway.ports.links import Entry, JudgedEntry, Standing
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.judgement_pb2 import Judgement, Verdict
from mutualrecognition.records.v1.record_pb2 import Record

JUDGEMENT: Final = "judgement"
MAX_RANGES_IN_BATCH: Final = 4096
"""Ranges in all judgements of a batch. Each costs the store a few searches (16 us), and everybody waits for its writer;
a batch of 900 KiB could hold twenty times as many."""

_ERASED: Final = (Violation("", "entry.erased", "The issuer has erased this record; its commitment is left."),)
_VERDICT_PREFIX: Final = "VERDICT_"


class Covers(Protocol):
    """Says what an agreement lets the partner release to this side."""

    def __call__(
        self, kind: str, purpose: str, at: int, agreement_id: str, version: int
    ) -> records.FieldSelection | None:
        """Give the fields that may be in such a record issued at ``at``; None: nothing of the kind."""
        ...


def covered_by(book: TrustBook, *, sender: str, receiver: str) -> Covers:
    """Look agreements up in a trust book; one that ended still covers what was issued while it was in force.

    So does one that this side has suspended: it covers what was issued before.
    """

    @lru_cache(maxsize=1024)
    def compiled(kind: str, paths: frozenset[str]) -> records.FieldSelection:
        return records.FieldSelection(kind, paths or (records.EVERYTHING,))

    @lru_cache(maxsize=4096)
    def covers(kind: str, purpose: str, at: int, agreement_id: str, version: int) -> records.FieldSelection | None:
        agreement = book.agreement(agreement_id, version)
        counts = agreement is not None and not book.is_paused(agreement_id, at)
        selection = agreement.releases(sender, receiver, kind, purpose, at) if agreement and counts else None
        return compiled(kind, selection.paths) if selection else None

    return covers


@dataclass(frozen=True, slots=True)
class Past:
    """What a partner has stated before a batch, as far as the batch touches it.

    ``used`` are those of the batch's record ids that it has used before. ``superseded`` has every id that a record of
    the batch supersedes, with the accepted record of that id, or None where this side has none.
    """

    used: Collection[str] = frozenset()
    superseded: Mapping[str, Record | None] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """What the partner has stated up to the present record of a batch; ``ranges`` are those of judgements in it."""

    used: set[str]
    superseded: dict[str, Record | None]
    ranges: int = 0

    @classmethod
    def after(cls, past: Past) -> Course:
        """Begin after what was stated before the batch."""
        return cls(set(past.used), dict(past.superseded))

    def objections(self, record: Record) -> tuple[Violation, ...]:
        """Hold a record against the one that it supersedes, where this side has that one."""
        earlier = self.superseded.get(record.header.supersedes)
        return records.check_succession(earlier, record) if earlier is not None else ()

    def note(self, record: Record, *, accepted: bool) -> None:
        """Go on after a record."""
        record_id = record.header.record_id
        self.used.add(record_id)
        if accepted and record_id in self.superseded:
            self.superseded[record_id] = record


class Judge:
    """Judges what one partner states, under the agreements with it."""

    def __init__(self, *, issuer: str, covers: Covers) -> None:
        self._issuer = issuer
        self._covers = covers

    def read(self, entries: Sequence[Entry]) -> list[Record | Violation]:
        """Read records of a batch; a violation stands for what cannot be read."""
        return [_read(entry.record) for entry in entries]

    def judge(
        self,
        entries: Sequence[Entry],
        commitments: Sequence[bytes],
        read: Sequence[Record | Violation],
        course: Course,
        now: int,
    ) -> list[JudgedEntry]:
        """Judge the next entries of a batch, in order; ``course`` goes on with them."""
        judged: list[JudgedEntry] = []
        for entry, commitment, record in zip(entries, commitments, read, strict=True):
            if not entry.salt:
                judged.append(_unread(entry, commitment, _ERASED))
            elif isinstance(record, Violation):
                judged.append(_unread(entry, commitment, (record,)))
            else:
                judged.append(self._judged(entry, commitment, record, course, now))
        return judged

    def _judged(self, entry: Entry, commitment: bytes, record: Record, course: Course, now: int) -> JudgedEntry:
        header, kind = record.header, records.kind_of(record)
        violations = records.check(record)
        reused = header.record_id in course.used
        if kind == JUDGEMENT:
            course.ranges += len(record.judgement.ranges)
        if not violations:
            violations = tuple(self._objections(record, kind, course, now))
        if header.supersedes and not violations:
            violations = course.objections(record)
        course.note(record, accepted=not violations)
        is_judgement = kind == JUDGEMENT and not violations
        return JudgedEntry(
            entry=entry,
            commitment=commitment,
            record_id="" if reused else header.record_id,
            kind=kind,
            subject=records.subject_key(record),
            supersedes=header.supersedes,
            standing=Standing.QUARANTINED if violations else Standing.ACCEPTED,
            violations=violations,
            judges=judged_by(record.judgement) if is_judgement else None,
            parsed=record,
        )

    def _objections(self, record: Record, kind: str, course: Course, now: int) -> Iterator[Violation]:
        header = record.header
        if header.issuer != self._issuer:
            yield Violation(
                "header.issuer", "header.issuer", f"The log is {self._issuer}'s, who states its own facts only."
            )
        if header.record_id in course.used:
            yield Violation("header.record_id", "header.record_id_reused", "An earlier record in this log has this id.")
        yield from records.check_time(record, now)
        if kind != JUDGEMENT:
            yield from self._uncovered(record, kind)
        elif course.ranges > MAX_RANGES_IN_BATCH:
            sentence = f"The judgements of one batch have at most {MAX_RANGES_IN_BATCH} ranges together."
            yield Violation("judgement.ranges", "judgement.ranges_in_batch", sentence)

    def _uncovered(self, record: Record, kind: str) -> Iterable[Violation]:
        header = record.header
        purpose = purpose_name(header.purpose)
        at, named = header.issued_at.seconds, (header.agreement_id, header.agreement_version)
        fields = self._covers(kind, purpose, at, *named)
        if fields is None:
            sentence = f"No agreement {named[0]!r} version {named[1]} in force at {at} releases {kind} for {purpose!r}."
            return [Violation("header.agreement_id", "agreement.covers", sentence)]
        sentence = f"The agreement {named[0]!r} version {named[1]} does not release this field."
        return [Violation(path, "agreement.fields", sentence) for path in fields.withheld_from(record)]


def judged_by(judgement: Judgement) -> Judged:
    """Give what a judgement record says, as stores keep it."""
    verdict = Verdict.Name(judgement.verdict).removeprefix(_VERDICT_PREFIX)
    return Judged(judgement.origin, tuple((each.first, each.last) for each in judgement.ranges), verdict)


def _read(record: bytes) -> Record | Violation:
    try:
        return records.parse(record)
    except GatewayError as error:
        return Violation("", "record.unreadable", error.sentence)


def _unread(entry: Entry, commitment: bytes, violations: tuple[Violation, ...]) -> JudgedEntry:
    return JudgedEntry(entry, commitment, "", "", "", "", Standing.QUARANTINED, violations)
