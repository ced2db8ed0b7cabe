"""Rule 6: the same goods. Identity strong for the mode of transport, enough of them, weight and HS chapters alike.

An extent that nobody states is unknown, and unknown is never enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.recognition.bases import Basis, BasisKind
from gateway.recognition.facts import Facts
from gateway.recognition.matching import Match
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail, leave_open
from mutualrecognition.records.v1.inspection_outcome_pb2 import COVERAGE_EXTENT_PARTIAL, COVERAGE_EXTENT_UNSPECIFIED
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NO_PHYSICAL_CONTROL


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:  # noqa: ARG001
    """Compare; an operator's standing is about no goods, so only what is declared is compared."""
    if basis.kind is not BasisKind.AEO and basis.stated is not None:
        yield from _identity(facts, basis)
    yield from _weight(facts, basis)
    yield from _tariff(facts)


def _identity(facts: Facts, basis: Basis) -> Iterator[Objection]:
    assert basis.stated is not None
    record = basis.stated.record_id
    match facts.match(basis.stated):
        case Match.STRONG:
            pass
        case Match.BESIDE | Match.PART:
            yield fail(Reason.NOT_COVERED, record=record, what="other goods")
        case _:
            yield fail(Reason.IDENTITY_WEAK, record=record)
    if basis.kind is BasisKind.CONTROL:
        coverage, least = basis.stated.body.coverage, basis.row.terms.min_percent if basis.row else None
        if coverage.extent == COVERAGE_EXTENT_UNSPECIFIED and _was_at_the_goods(basis):
            yield fail(Reason.NOT_COVERED, record=record, what="the goods to an extent that nobody states")
        if coverage.extent == COVERAGE_EXTENT_PARTIAL and (least is None or coverage.percent < least):
            yield fail(Reason.NOT_COVERED, record=record, what=f"{coverage.percent} per cent of the packages only")


def _was_at_the_goods(basis: Basis) -> bool:
    """Say whether more than documents was looked at; of documents no extent can be stated."""
    assert basis.stated is not None
    return any(method.kind > METHOD_KIND_NO_PHYSICAL_CONTROL for method in basis.stated.body.methods)


def _weight(facts: Facts, basis: Basis) -> Iterator[Objection]:
    """Compare what was declared here with what was declared there and, at the gate, with the scales."""
    question = facts.question
    settings = basis.policy.settings if basis.policy else None
    if not facts.trade_data and question.weighed is None and not (settings and settings.weigh_at_gate):
        return
    tolerance = settings.weight_tolerance_percent if settings else 5.0
    told = [(each.issuer, float(each.body.total_gross_weight_kg)) for each in facts.trade_data
            if each.body.total_gross_weight_kg]  # fmt: skip
    if question.weighed is not None:
        told.append(("the scales at the gate", question.weighed))
    for who, weight in told:
        if question.weight is not None and abs(weight - question.weight) > question.weight * tolerance / 100:
            yield fail(Reason.WEIGHT_DIFF, who=who, weight=f"{weight:g}", declared=f"{question.weight:g}",
                       tolerance=f"{tolerance:g}")  # fmt: skip
    if settings is not None and settings.weigh_at_gate and question.weighed is None:
        if question.at_arrival:
            yield fail(Reason.WEIGHT_UNKNOWN)
        else:
            expected = f"{question.weight:g}" if question.weight is not None else ""
            yield leave_open(Reason.WEIGHT_TO_VERIFY, expected=expected)


def _tariff(facts: Facts) -> Iterator[Objection]:
    """Compare HS chapters. Chapters are stable across editions; a code that moved is brought to its later chapter."""
    if not facts.trade_data:
        return
    declared = facts.editions.chapters(facts.question.hs_codes)
    for each in facts.trade_data:
        told = facts.editions.chapters(item.hs_code for item in each.body.goods if item.hs_code)
        if declared and told and told != declared:
            yield fail(
                Reason.HS_DIFF, declared=" ".join(sorted(declared)), told=" ".join(sorted(told)), who=each.issuer
            )
