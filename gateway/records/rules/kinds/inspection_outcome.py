"""Rules of a control's outcome: what may never pass for a control, and what may never pass for clear."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.national_codes import code_is_mapped, code_says_no_less
from gateway.records.rules.across import Holds, Rule, in_order
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import method_pb2 as methods
from mutualrecognition.records.v1.inspection_outcome_pb2 import Coverage, InspectionOutcome
from mutualrecognition.records.v1.method_pb2 import RADIATION_ALARM_UNRESOLVED, Method

NO_CONTROL_OF_GOODS = frozenset(
    {methods.METHOD_KIND_UNSPECIFIED, methods.METHOD_KIND_DOC, methods.METHOD_KIND_NO_PHYSICAL_CONTROL},
)
"""Methods that look at papers, at nothing, or at nobody knows what: none of them is a control of goods."""

_CLEAR = frozenset({outcomes.CONCLUSION_NO_DISCREPANCY, outcomes.CONCLUSION_MINOR_CORRECTED})
_MUST_LIST = frozenset({outcomes.CONCLUSION_MINOR_CORRECTED, outcomes.CONCLUSION_DISCREPANCY})
_MUST_NOT_LIST = frozenset({outcomes.CONCLUSION_NO_DISCREPANCY, outcomes.CONCLUSION_NOT_PERFORMED})
_RADIATION = frozenset({methods.METHOD_KIND_RAD_RPM, methods.METHOD_KIND_RAD_HANDHELD})


def controls_goods(outcome: InspectionOutcome) -> bool:
    """Tell whether any of the methods looked at the goods themselves."""
    for method in outcome.methods:  # noqa: SIM110 - on the path of every batch; a generator costs three times that
        if method.kind not in NO_CONTROL_OF_GOODS:
            return True
    return False


def time_order(outcome: InspectionOutcome) -> bool:
    """A control ends after it begins."""
    if not (outcome.HasField("started_at") and outcome.HasField("ended_at")):
        return True
    return in_order(outcome.started_at, outcome.ended_at)


def method_stated(outcome: InspectionOutcome) -> bool:
    """Something was done, or the outcome says that nothing was."""
    return bool(outcome.methods) or outcome.conclusion == outcomes.CONCLUSION_NOT_PERFORMED


def documents_cover_nothing(outcome: InspectionOutcome) -> bool:
    """Whoever read documents only cannot say how much of the goods was controlled."""
    return not outcome.HasField("coverage") or not outcome.methods or controls_goods(outcome)


def alarm_resolved(outcome: InspectionOutcome) -> bool:
    """An alarm whose cause was not found leaves nothing clear."""
    if outcome.conclusion in _CLEAR:
        for method in outcome.methods:
            if method.HasField("radiation") and method.radiation.alarm == RADIATION_ALARM_UNRESOLVED:
                return False
    return True


def discrepancies_told(outcome: InspectionOutcome) -> bool:
    """What differed is listed exactly when something differed; a seizure may keep its grounds to itself."""
    if outcome.conclusion in _MUST_LIST:
        return bool(outcome.discrepancies)
    return outcome.conclusion not in _MUST_NOT_LIST or not outcome.discrepancies


def not_performed_explained(outcome: InspectionOutcome) -> bool:
    """A control that did not take place says why, and looked at no goods."""
    if outcome.conclusion == outcomes.CONCLUSION_NOT_PERFORMED:
        return bool(outcome.not_performed_reason) and not controls_goods(outcome)
    return not outcome.not_performed_reason


def request_named(outcome: InspectionOutcome) -> bool:
    """A control on request names the request, and no other control does."""
    return (outcome.reason == outcomes.CONTROL_REASON_PARTNER_REQUEST) == bool(outcome.request_id)


def coverage_detailed(coverage: Coverage) -> bool:
    """A part is measured in per cent or in named items, the whole in neither."""
    partial = coverage.extent == outcomes.COVERAGE_EXTENT_PARTIAL
    named = coverage.extent == outcomes.COVERAGE_EXTENT_NAMED_ITEMS
    return partial == coverage.HasField("percent") and named == bool(coverage.items)


def detail_fits(method: Method) -> bool:
    """An x-ray has no alarm and a dog has no energy."""
    kind = method.kind
    return (
        (kind == methods.METHOD_KIND_NII_XRAY or not method.HasField("xray"))
        and (kind in _RADIATION or not method.HasField("radiation"))
        and (kind == methods.METHOD_KIND_K9 or not method.dog_category)
        and (kind == methods.METHOD_KIND_TRACE or not method.trace_technology)
        and (kind == methods.METHOD_KIND_PHYS_PARTIAL or not method.HasField("percent"))
    )


SAID: Mapping[str, Holds] = {
    "inspection_outcome.time_order": time_order,
    "inspection_outcome.method_missing": method_stated,
    "inspection_outcome.documents_cover_nothing": documents_cover_nothing,
    "inspection_outcome.unresolved_alarm": alarm_resolved,
    "inspection_outcome.discrepancies": discrepancies_told,
    "inspection_outcome.not_performed": not_performed_explained,
    "inspection_outcome.request": request_named,
    "coverage.detail": coverage_detailed,
    "method.detail": detail_fits,
}

NAMED: Mapping[str, tuple[Rule, ...]] = {
    InspectionOutcome.DESCRIPTOR.full_name: (
        Rule(
            "inspection_outcome.code_unmapped",
            "This national code has no mapping: give methods and conclusion without it, or have it mapped.",
            code_is_mapped,
            path="national_code",
        ),
        Rule(
            "inspection_outcome.code_overstated",
            "Methods and conclusion claim more than the national code says: A2 is no physical control, A3 no control.",
            code_says_no_less,
            path="national_code",
        ),
    ),
}
