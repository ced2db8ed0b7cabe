"""Which records cannot wait: they leave first although the submitter did not say so."""

from __future__ import annotations

from typing import Final

from gateway import records
from gateway.ports.intake import Priority
from mutualrecognition.records.v1.aeo_status_pb2 import AeoState, AeoStatus
from mutualrecognition.records.v1.record_pb2 import Record

_URGENT_KINDS: Final = frozenset(
    {
        "alert",
        "alert_answer",
        "recall",
        "recall_answer",
        "judgement",
        "withdrawal",
        "control_request",
        "control_answer",
        "screening_request",
        "screening_answer",
        "information_request",
        "information_answer",
    }
)
"""A vessel loads, a controller waits, or somebody relies on what was taken back."""

_ALWAYS_FIRST: Final = frozenset({"alert", "alert_answer"})
"""Kinds that no submitter can make wait."""

_STANDINGS_THAT_WAIT: Final = frozenset({AeoState.AEO_STATE_APPLIED, AeoState.AEO_STATE_CERTIFIED})


def effective_priority(record: Record, asked: Priority | None) -> Priority:
    """Give what the submitter asked for, None for nothing; an alert and its answer overtake everything all the same."""
    if asked is None or records.kind_of(record) in _ALWAYS_FIRST:
        return default_priority(record)
    return asked


def default_priority(record: Record) -> Priority:
    """Give URGENT for what cannot wait, a standing that ends among it; else NORMAL."""
    kind = records.kind_of(record)
    if kind in _URGENT_KINDS or (kind == "aeo_status" and _ends_benefits(record.aeo_status)):
        return Priority.URGENT
    return Priority.NORMAL


def _ends_benefits(status: AeoStatus) -> bool:
    return status.status not in _STANDINGS_THAT_WAIT or status.consent.HasField("withdrawn_at")
