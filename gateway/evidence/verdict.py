"""What a verifier of evidence can say, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """PROVEN only where both descriptors were known from outside; else no more than CONSISTENT."""

    PROVEN = "PROVEN"
    CONSISTENT = "CONSISTENT"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked and holds. ``number`` is the same for the same check in every bundle."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class DescriptorUsed:
    """The newest descriptor of one side in the bundle; its digest is what must be known from outside."""

    administration: str
    version: int
    digest: bytes
    trusted: bool


@dataclass(frozen=True, slots=True)
class JudgementFound:
    """What the receiver said of the record, and when the issuer receipted that, POSIX seconds."""

    verdict: str
    receipted_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bundle that holds.

    Times are POSIX seconds; ``issued_at`` is the issuer's word, ``receipted_at`` the receiver's. The agreement's id is
    empty for a judgement. ``index`` counts from 0 in the log ``origin``, which had ``size`` entries then.
    """

    outcome: Outcome
    checks: tuple[Check, ...]
    record_id: str
    kind: str
    issuer: DescriptorUsed
    receiver: DescriptorUsed
    agreement_id: str
    agreement_version: int
    issued_at: int
    origin: str
    index: int
    size: int
    receipted_at: int
    judgements: tuple[JudgementFound, ...]
