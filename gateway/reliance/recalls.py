"""The life of a recall between two administrations: a fold of the recall records and of the answers to them.

OPEN, then ACKNOWLEDGED by the first answer and SETTLED by one that says that nothing more is to follow. What nobody
has answered by ``ack_required_by`` is ESCALATED, by the clock, until somebody does. A recall of more records than one
record of kind ``recall`` can name comes in several, all of one name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.ports.records import StoredRecord
from gateway.views.steps import Saying, read_each_once, successors
from mutualrecognition.records.v1.recall_answer_pb2 import RecallFinding
from mutualrecognition.records.v1.recall_pb2 import RecallCause

RECALL_KINDS: Final = frozenset({"recall", "recall_answer"})


class RecallState(StrEnum):
    """Where a recall stands at one receiver."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    SETTLED = "SETTLED"
    ESCALATED = "ESCALATED"


@dataclass(frozen=True, slots=True)
class RecallKey:
    """Which life: whose recall, of which name, at whom."""

    issuer: str
    receiver: str
    recall_id: str


@dataclass(frozen=True, slots=True)
class RecallLife:
    """One recall as it stands at one receiver. Times are POSIX seconds.

    ``findings`` are the newest on each decision, in the order of decisions; ``answered_at`` is the first answer's time.
    """

    key: RecallKey
    state: RecallState
    parts: tuple[Saying, ...]
    answered_at: int | None
    complete: bool
    findings: tuple[RecallFinding, ...]

    @property
    def at(self) -> int:
        """When it was declared."""
        return self.parts[0].at

    @property
    def known_at(self) -> int:
        """When this node had it."""
        return self.parts[0].stored.stored_at

    @property
    def ack_required_by(self) -> int:
        """By when a person must have answered."""
        return max(each.record.recall.ack_required_by.seconds for each in self.parts)

    @property
    def cause(self) -> RecallCause.ValueType:
        """Why."""
        return self.parts[-1].record.recall.cause

    @property
    def text(self) -> str:
        """What there is to say."""
        return self.parts[-1].record.recall.text

    @property
    def record_ids(self) -> tuple[str, ...]:
        """Every record that it names, each once, in the order named."""
        return tuple({name: None for each in self.parts for name in each.record.recall.record_ids})

    @property
    def decision_ids(self) -> tuple[str, ...]:
        """The decisions that it asks about; none means all that stood on the records."""
        return tuple({name: None for each in self.parts for name in each.record.recall.decision_ids})


def recall_lives(records: Iterable[StoredRecord], own: str, now: int) -> tuple[RecallLife, ...]:
    """Fold recalls and answers into lives, in the order of their keys. Nothing depends on the order of arrival."""
    sayings = read_each_once(records)
    later = successors(sayings)
    parts: dict[RecallKey, list[Saying]] = defaultdict(list)
    answers: dict[RecallKey, list[Saying]] = defaultdict(list)
    for each in sorted(sayings, key=lambda each: each.place):
        if (each.issuer, each.record_id) in later:
            continue
        for party in each.parties(own):
            if each.stored.kind == "recall":
                parts[RecallKey(each.issuer, party, each.record.recall.recall_id)].append(each)
            elif each.stored.kind == "recall_answer":
                answers[RecallKey(party, each.issuer, each.record.recall_answer.recall_id)].append(each)
    ordered = sorted(parts, key=lambda key: (key.issuer, key.receiver, key.recall_id))
    return tuple(_life(key, parts[key], answers.get(key, []), now) for key in ordered)


def _life(key: RecallKey, parts: Sequence[Saying], answers: Sequence[Saying], now: int) -> RecallLife:
    findings = {found.decision_id: found for each in answers for found in each.record.recall_answer.findings}
    complete = any(each.record.recall_answer.complete for each in answers)
    deadline = max(each.record.recall.ack_required_by.seconds for each in parts)
    if complete:
        state = RecallState.SETTLED
    elif answers:
        state = RecallState.ACKNOWLEDGED
    else:
        state = RecallState.ESCALATED if now > deadline else RecallState.OPEN
    return RecallLife(
        key=key,
        state=state,
        parts=tuple(parts),
        answered_at=min((each.at for each in answers), default=None),
        complete=complete,
        findings=tuple(findings[name] for name in sorted(findings)),
    )
