"""Rules of a risk assessment's result."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1.screening_result_pb2 import (
    DATA_COMPLETENESS_PARTIAL,
    DATA_COMPLETENESS_UNSPECIFIED,
    ScreeningResult,
)


def missing_elements_told(result: ScreeningResult) -> bool:
    """Partial data say what was missing, since a threat assessed without it may not have been assessed at all."""
    if result.data_completeness == DATA_COMPLETENESS_UNSPECIFIED:
        return True
    return (result.data_completeness == DATA_COMPLETENESS_PARTIAL) == bool(result.missing_elements)


def threats_once(result: ScreeningResult) -> bool:
    """No threat has two levels."""
    threats = [assessment.threat for assessment in result.assessments]
    return len(threats) < 2 or len(set(threats)) == len(threats)


SAID: Mapping[str, Holds] = {
    "screening_result.missing_elements": missing_elements_told,
    "screening_result.threat_twice": threats_once,
}
