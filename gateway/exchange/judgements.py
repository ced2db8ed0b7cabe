"""This side's own records about what it quarantined: how the issuer learns of it.

A judgement has one list of violations for all its ranges. Entries with the same violations go together; when a batch
has more sorts of them than is sensible, the rest share one judgement, which then lists the violations of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from typing import Final

from gateway import records
from gateway.errors import Violation
from gateway.exchange.judging import JUDGEMENT, judged_by
from gateway.ports.intake import Admission, Outgoing, Priority
from gateway.ports.links import JudgedEntry, Standing
from gateway.ports.world import Randomness
from mutualrecognition.records.v1.judgement_pb2 import Judgement, LeafRange, RuleViolation, Verdict
from mutualrecognition.records.v1.record_pb2 import Record

CLIENT: Final = "gateway"
"""Who submits a judgement: nobody but this node."""

MAX_RANGES: Final = 256
MAX_VIOLATIONS: Final = 64
MAX_SORTS: Final = 16
_MAX_PATH: Final = 256
_MAX_MESSAGE: Final = 512


class JudgementWriter:
    """Writes the judgements of one link."""

    def __init__(self, *, own: str, partner: str, randomness: Randomness) -> None:
        self._own = own
        self._partner = partner
        self._randomness = randomness

    def write(self, origin: str, first: int, entries: Sequence[JudgedEntry], now: int) -> tuple[Admission, ...]:
        """Give the judgements on a batch's entries, of which the first has the index ``first``; mostly none.

        Entries whose content was erased are not judged, nor are judgements: two nodes would never come to an end.
        """
        quarantined = [
            (index, entry.violations)
            for index, entry in enumerate(entries, first)
            if entry.standing is Standing.QUARANTINED and entry.entry.salt and entry.kind != JUDGEMENT
        ]
        return tuple(
            self._admission(origin, ranges, violations, now)
            for indexes, violations in _sorts(quarantined)
            for ranges in _in_parts(_ranges(indexes))
        )

    def _admission(
        self, origin: str, ranges: Iterable[LeafRange], violations: Sequence[Violation], now: int
    ) -> Admission:
        record = Record()
        header = record.header
        header.record_id = self._randomness.record_id()
        header.issuer = self._own
        header.subject.origin = origin
        header.issued_at.seconds = now
        record.judgement.CopyFrom(
            Judgement(
                origin=origin,
                ranges=ranges,
                verdict=Verdict.VERDICT_QUARANTINED,
                violations=map(_told, violations[:MAX_VIOLATIONS]),
            )
        )
        statement = record.SerializeToString()
        return Admission(
            client=CLIENT,
            request_id=header.record_id,
            digest=sha256(statement).digest(),
            record_id=header.record_id,
            kind=JUDGEMENT,
            subject=records.subject_key(record),
            supersedes="",
            statement=statement,
            outgoing=(Outgoing(self._partner, statement),),
            priority=Priority.URGENT,
            answer=b"",
            stored_at=now,
            judges=judged_by(record.judgement),
            parsed=record,
        )


def _sorts(
    quarantined: Iterable[tuple[int, tuple[Violation, ...]]],
) -> Iterator[tuple[list[int], Sequence[Violation]]]:
    """Put indexes with the same violations together, the rarest sorts beyond ``MAX_SORTS`` into one."""
    sorts: dict[tuple[Violation, ...], list[int]] = {}
    for index, violations in quarantined:
        sorts.setdefault(violations, []).append(index)
    by_size = sorted(sorts.items(), key=lambda sort: -len(sort[1]))
    own, rest = (by_size, []) if len(by_size) <= MAX_SORTS else (by_size[: MAX_SORTS - 1], by_size[MAX_SORTS - 1 :])
    for violations, indexes in own:
        yield indexes, violations
    if rest:
        together = sorted(chain.from_iterable(indexes for _, indexes in rest))
        yield together, tuple(dict.fromkeys(chain.from_iterable(violations for violations, _ in rest)))


def _ranges(indexes: Iterable[int]) -> list[LeafRange]:
    ranges: list[LeafRange] = []
    for index in indexes:
        if ranges and ranges[-1].last == index - 1:
            ranges[-1].last = index
        else:
            ranges.append(LeafRange(first=index, last=index))
    return ranges


def _in_parts(ranges: Sequence[LeafRange]) -> Iterator[Sequence[LeafRange]]:
    return (ranges[start : start + MAX_RANGES] for start in range(0, len(ranges), MAX_RANGES))


def _told(violation: Violation) -> RuleViolation:
    return RuleViolation(path=violation.path[:_MAX_PATH], rule=violation.rule, message=violation.message[:_MAX_MESSAGE])
