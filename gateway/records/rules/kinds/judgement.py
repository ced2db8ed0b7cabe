"""Rules of a judgement on received records."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1.judgement_pb2 import VERDICT_ACCEPTED, VERDICT_UNSPECIFIED, Judgement, LeafRange


def violations_told(judgement: Judgement) -> bool:
    """Whoever does not use a record says which rule it breaks."""
    if judgement.verdict == VERDICT_UNSPECIFIED:
        return True
    return (judgement.verdict != VERDICT_ACCEPTED) == bool(judgement.violations)


def range_order(leaves: LeafRange) -> bool:
    """A range does not end before it begins."""
    return leaves.first <= leaves.last


SAID: Mapping[str, Holds] = {
    "judgement.violations": violations_told,
    "leaf_range.order": range_order,
}
