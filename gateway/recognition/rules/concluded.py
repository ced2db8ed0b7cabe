"""Rule 7: real and concluded: a control of goods that was clear, or a screening of this threat on all data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.recognition.bases import CONTROL, SCREENING, Basis, Claim
from gateway.recognition.facts import Facts, names
from gateway.recognition.policy import Policy, Row
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcome
from mutualrecognition.records.v1 import method_pb2 as method
from mutualrecognition.records.v1.screening_result_pb2 import (
    DATA_COMPLETENESS_COMPLETE,
    THREAT_LEVEL_UNSPECIFIED,
    ThreatLevel,
)

NO_CONTROL: Final = frozenset(
    {method.METHOD_KIND_UNSPECIFIED, method.METHOD_KIND_DOC, method.METHOD_KIND_NO_PHYSICAL_CONTROL}
)
_ADVERSE: Final = frozenset({outcome.CONCLUSION_DISCREPANCY, outcome.CONCLUSION_SEIZED_DETAINED})
_LEVELS: Final = {name.removeprefix("THREAT_LEVEL_"): number for name, number in ThreatLevel.items()}
_LEVEL_NAMES: Final = names(ThreatLevel, "THREAT_LEVEL_")


def of_claim(facts: Facts, claim: Claim) -> Sequence[Objection]:  # noqa: ARG001
    """Look at what a control did; an operator's standing is none, and rule 10 looks at it."""
    if claim.kind is not CONTROL or claim.stated is None:
        return ()
    return tuple(_control(claim.stated.body, claim.policy))


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:  # noqa: ARG001
    """Look at what a screening says of this threat."""
    if basis.claim.kind is not SCREENING or basis.claim.stated is None:
        return ()
    return tuple(_screening(basis.claim.stated.body, basis.row, required))


def _control(body: Any, policy: Policy | None) -> Iterator[Objection]:  # noqa: ANN401  a message
    not_done = body.conclusion == outcome.CONCLUSION_NOT_PERFORMED
    if not_done or NO_CONTROL.issuperset([each.kind for each in body.methods]):
        yield fail(Reason.NO_CONTROL_DONE, control=body.control_id)
    if body.conclusion in _ADVERSE:
        yield fail(Reason.NOT_CLEAR, control=body.control_id)
    elif body.conclusion == outcome.CONCLUSION_MINOR_CORRECTED:
        if policy is None or not policy.settings.minor_corrected:
            yield fail(Reason.CORRECTED_NOT_ACCEPTED, control=body.control_id)
    elif body.conclusion != outcome.CONCLUSION_NO_DISCREPANCY and not not_done:
        yield fail(Reason.INCONCLUSIVE, control=body.control_id)


def _screening(body: Any, row: Row | None, required: Required) -> Iterator[Objection]:  # noqa: ANN401  a message
    if body.data_completeness != DATA_COMPLETENESS_COMPLETE:
        yield fail(Reason.DATA_INCOMPLETE, missing=" ".join(body.missing_elements) or "not told")
    level = next((each.level for each in body.assessments if each.threat == required.threat_number), None)
    if level is None or level == THREAT_LEVEL_UNSPECIFIED:
        yield fail(Reason.NOT_ASSESSED, threat=required.threat)
        return
    most = _LEVELS[row.terms.level_at_most or "NONE"] if row else 0
    if level > most:
        named = row.terms.level_at_most or "NONE" if row else "none"
        yield fail(Reason.LEVEL_TOO_HIGH, threat=required.threat, level=_LEVEL_NAMES.get(level, "unknown"), most=named)
