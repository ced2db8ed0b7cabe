"""Check 5 of a batch: what this side thinks of a record that arrived (docs/protocol.md, Judgement).

A record that fails is quarantined: stored, provable, unused. It never stops the batch or the link. So nothing here
raises for what a record says, and nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
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
    """Look agreements up in a trust book; one that ended still covers what was issued while it was in force."""

    @lru_cache(maxsize=1024)
    def compiled(kind: str, paths: frozenset[str]) -> records.FieldSelection:
        return records.FieldSelection(kind, paths or (records.EVERYTHING,))

    def covers(kind: str, purpose: str, at: int, agreement_id: str, version: int) -> records.FieldSelection | None:
        agreement = book.agreement(agreement_id, version)
        selection = agreement.releases(sender, receiver, kind, purpose, at) if agreement else None
        return compiled(kind, selection.paths) if selection else None

    return covers


class Judge:
    """Judges what one partner states, under the agreements with it."""

    def __init__(self, *, issuer: str, covers: Covers) -> None:
        self._issuer = issuer
        self._covers = covers

    def read(self, entries: Sequence[Entry]) -> list[Record | Violation]:
        """Read the records of a batch; a violation stands for what cannot be read."""
        return [_read(entry.record) for entry in entries]

    def judge(
        self,
        entries: Sequence[Entry],
        commitments: Sequence[bytes],
        read: Sequence[Record | Violation],
        known: Collection[str],
        now: int,
    ) -> tuple[JudgedEntry, ...]:
        """Judge a batch, in order; ``known`` are those of its record ids that the partner has used before."""
        used = set(known)
        judged: list[JudgedEntry] = []
        ranges = 0
        for entry, commitment, record in zip(entries, commitments, read, strict=True):
            if not entry.salt:
                judged.append(_unread(entry, commitment, _ERASED))
            elif isinstance(record, Violation):
                judged.append(_unread(entry, commitment, (record,)))
            else:
                ranges += len(record.judgement.ranges)
                judged.append(self._judged(entry, commitment, record, used, now, is_full=ranges > MAX_RANGES_IN_BATCH))
        return tuple(judged)

    def _judged(
        self, entry: Entry, commitment: bytes, record: Record, used: set[str], now: int, *, is_full: bool
    ) -> JudgedEntry:
        header, kind = record.header, records.kind_of(record)
        violations = records.check(record)
        reused = header.record_id in used
        if not violations:
            violations = tuple(self._objections(record, kind, reused=reused, now=now, is_full=is_full))
        if not reused:
            used.add(header.record_id)
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
        )

    def _objections(self, record: Record, kind: str, *, reused: bool, now: int, is_full: bool) -> Iterator[Violation]:
        header = record.header
        if header.issuer != self._issuer:
            yield Violation(
                "header.issuer", "header.issuer", f"The log is {self._issuer}'s, who states its own facts only."
            )
        if reused:
            yield Violation("header.record_id", "header.record_id_reused", "An earlier record in this log has this id.")
        yield from records.check_time(record, now)
        if kind != JUDGEMENT:
            yield from self._uncovered(record, kind)
        elif is_full:
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
