"""Rule 5: fresh: the partner's list is complete, and the control or screening is not too old.

A stale list takes operators' standings away; a control that was signed stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.recognition.bases import Basis, BasisKind
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail

CLOCKS_APART: Final = 300
"""Seconds that two administrations' clocks may differ."""


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:  # noqa: ARG001
    """Look at the clock."""
    if basis.kind is BasisKind.AEO:
        yield from _of_list(facts, basis)
        return
    age = facts.now - basis.at
    if age < -CLOCKS_APART:
        yield fail(Reason.BASIS_IN_FUTURE, hours=_hours(-age))
    if basis.row is not None and age > basis.row.max_age:
        yield fail(Reason.BASIS_TOO_OLD, hours=_hours(age), most=str(basis.row.terms.max_age_hours))
    ends = basis.stated.holds_until if basis.stated else None
    if ends is not None and ends <= facts.now:
        yield fail(Reason.BASIS_TOO_OLD, hours=_hours(age), most=_hours(ends - basis.at))


def _of_list(facts: Facts, basis: Basis) -> Iterator[Objection]:
    link = facts.partners.get(basis.issuer)
    heard = link.complete_as_of if link is not None else 0
    limits = [basis.row.max_age] if basis.row else []
    if basis.policy is not None and basis.policy.max_list_age is not None:
        limits.append(basis.policy.max_list_age)
    most = min(limits, default=0)
    if facts.now - heard > most:
        since = f"for {_hours(facts.now - heard)} hours" if heard else "never"
        yield fail(Reason.PARTNER_FEED_STALE, partner=basis.issuer, since=since, most=_hours(most))


def _hours(seconds: int) -> str:
    return str(seconds // 3600)
