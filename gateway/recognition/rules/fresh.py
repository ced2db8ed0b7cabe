"""Rule 5: fresh: the partner's list is complete, and the control or screening is not too old.

A stale list takes operators' standings away; a control that was signed stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.recognition.bases import AEO, Basis
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail

CLOCKS_APART: Final = 300
"""Seconds that two administrations' clocks may differ."""


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:  # noqa: ARG001
    """Look at the clock."""
    claim = basis.claim
    if claim.kind is AEO:
        return _of_list(facts, basis)
    age = facts.now - claim.at
    objections = []
    if age < -CLOCKS_APART:
        objections.append(fail(Reason.BASIS_IN_FUTURE, hours=_hours(-age)))
    if basis.row is not None and age > basis.row.max_age:
        objections.append(fail(Reason.BASIS_TOO_OLD, hours=_hours(age), most=str(basis.row.terms.max_age_hours)))
    ends = claim.stated.holds_until if claim.stated is not None else None
    if ends is not None and ends <= facts.now:
        objections.append(fail(Reason.BASIS_TOO_OLD, hours=_hours(age), most=_hours(ends - claim.at)))
    return objections


def _of_list(facts: Facts, basis: Basis) -> Sequence[Objection]:
    claim = basis.claim
    heard = facts.complete_as_of.get(claim.issuer, 0)
    limits = [basis.row.max_age] if basis.row else []
    if claim.policy is not None and claim.policy.max_list_age is not None:
        limits.append(claim.policy.max_list_age)
    most = min(limits, default=0)
    if facts.now - heard <= most:
        return ()
    since = f"for {_hours(facts.now - heard)} hours" if heard else "never"
    return (fail(Reason.PARTNER_FEED_STALE, partner=claim.issuer, since=since, most=_hours(most)),)


def _hours(seconds: int) -> str:
    return str(seconds // 3600)
