"""Rule 6: the same goods. Identity strong for the mode of transport, enough of them, weight and HS chapters alike.

An extent that nobody states is unknown, and unknown is never enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.recognition.bases import AEO, CONTROL, Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.matching import Match
from gateway.recognition.policy import Policy, Row
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail, leave_open
from gateway.recognition.stated import Stated
from mutualrecognition.records.v1.inspection_outcome_pb2 import COVERAGE_EXTENT_PARTIAL, COVERAGE_EXTENT_UNSPECIFIED
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NO_PHYSICAL_CONTROL


def of_claim(facts: Facts, claim: Claim) -> Sequence[Objection]:
    """Compare, unless a row says how much is enough."""
    return () if _is_in_part(claim) else _compare(facts, claim, None)


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:  # noqa: ARG001
    """Compare what was controlled in part, with what the row asks for."""
    return _compare(facts, basis.claim, basis.row) if _is_in_part(basis.claim) else ()


def _is_in_part(claim: Claim) -> bool:
    if claim.kind is not CONTROL or claim.stated is None:
        return False
    return bool(claim.stated.body.coverage.extent == COVERAGE_EXTENT_PARTIAL)


def _compare(facts: Facts, claim: Claim, row: Row | None) -> Sequence[Objection]:
    """An operator's standing is about no goods, so only what is declared is compared."""
    stated = claim.stated if claim.kind is not AEO else None
    objections = _identity(facts, claim, stated, row) if stated is not None else []
    objections += _weight(facts, claim.policy)
    if facts.trade_data:
        objections += _tariff(facts)
    return objections


def _identity(facts: Facts, claim: Claim, stated: Stated, row: Row | None) -> list[Objection]:
    match, objections = facts.match(stated), []
    if match is Match.BESIDE or match is Match.PART:
        objections.append(fail(Reason.NOT_COVERED, record=stated.record_id, what="other goods"))
    elif match is not Match.STRONG:
        objections.append(fail(Reason.IDENTITY_WEAK, record=stated.record_id))
    if claim.kind is CONTROL and (what := _too_little(stated.body, row)):
        objections.append(fail(Reason.NOT_COVERED, record=stated.record_id, what=what))
    return objections


def _too_little(body: Any, row: Row | None) -> str:  # noqa: ANN401  a message
    """Say how little was controlled; nothing when it was enough."""
    coverage, least = body.coverage, row.terms.min_percent if row is not None else None
    if coverage.extent == COVERAGE_EXTENT_UNSPECIFIED and _was_at_the_goods(body):
        return "the goods to an extent that nobody states"
    if coverage.extent == COVERAGE_EXTENT_PARTIAL and (least is None or coverage.percent < least):
        return f"{coverage.percent} per cent of the packages only"
    return ""


def _was_at_the_goods(body: Any) -> bool:  # noqa: ANN401  a message
    """Say whether more than documents was looked at; of documents no extent can be stated."""
    return any(method.kind > METHOD_KIND_NO_PHYSICAL_CONTROL for method in body.methods)


def _weight(facts: Facts, policy: Policy | None) -> Sequence[Objection]:
    """Compare what was declared here with what was declared there and, at the gate, with the scales."""
    question, settings = facts.question, policy.settings if policy is not None else None
    weigh_at_gate = settings is not None and settings.weigh_at_gate
    if not facts.trade_data and question.weighed is None and not weigh_at_gate:
        return ()
    tolerance = settings.weight_tolerance_percent if settings is not None else 5.0
    declared = f"{question.weight:g}" if question.weight is not None else ""
    told = [(each.issuer, float(each.body.total_gross_weight_kg)) for each in facts.trade_data
            if each.body.total_gross_weight_kg]  # fmt: skip
    if question.weighed is not None:
        told.append(("the scales at the gate", question.weighed))
    objections = [
        fail(Reason.WEIGHT_DIFF, who=who, weight=f"{weight:g}", declared=declared, tolerance=f"{tolerance:g}")
        for who, weight in told
        if question.weight is not None and abs(weight - question.weight) > question.weight * tolerance / 100
    ]
    if weigh_at_gate and question.weighed is None:
        unseen = fail(Reason.WEIGHT_UNKNOWN) if question.at_arrival else None
        objections.append(unseen or leave_open(Reason.WEIGHT_TO_VERIFY, expected=declared))
    return objections


def _tariff(facts: Facts) -> Sequence[Objection]:
    """Compare HS chapters. Chapters are stable across editions; a code that moved is brought to its later chapter."""
    objections, declared = [], facts.editions.chapters(facts.question.hs_codes)
    for each in facts.trade_data:
        told = facts.editions.chapters(item.hs_code for item in each.body.goods if item.hs_code)
        if declared and told and told != declared:
            both = {"declared": " ".join(sorted(declared)), "told": " ".join(sorted(told))}
            objections.append(fail(Reason.HS_DIFF, **both, who=each.issuer))
    return objections
