"""Figures in words: shares with their interval, durations, sides."""

from __future__ import annotations

from typing import Final

from gateway.cli.enum_words import short
from mutualrecognition.national.v1 import statistics_service_pb2 as pb

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def share_words(share: pb.Share) -> str:
    """Say a share, and between what it may lie: ``2 of 40 (1-17 %)``."""
    if not share.of:
        return "none looked at"
    return f"{share.cases:,} of {share.of:,} ({per_cent(share.low)}-{per_cent(share.high)} %)"


def per_cent(share: float) -> str:
    """Write a share in per cent, with a decimal only where it is small."""
    value = share * 100
    return f"{value:.1f}" if 0 < value < 10 else f"{value:.0f}"


def duration_words(seconds: int) -> str:
    """Write a duration in the unit that says most."""
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds} s"


def outcome_words(count: pb.DecisionCount) -> str:
    """Name an outcome as agreements and officers do."""
    return short(count, "outcome") or "NOT_STATED"


def side_words(administration: str, partner: str, *, relying: bool) -> str:
    """Say who relied on whom."""
    return f"{administration} relied on {partner}" if relying else f"{partner} relied on {administration}"
