"""Rule 11: no local rule that took effect since, for a threat that the basis did not cover."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.recognition.bases import CONTROL, Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:
    """Hold what came before against the rule: only a method that answers it does."""
    if not facts.local_rules:
        return ()
    return [
        fail(Reason.NEW_THREAT, rule=rule.reference or "without a name", threat=required.threat)
        for rule in facts.local_rules
        if rule.threat == required.threat_number
        and basis.claim.at < rule.effective_from.seconds
        and _methods(basis.claim).isdisjoint(rule.answered_by)
    ]


def _methods(claim: Claim) -> set[int]:
    if claim.kind is not CONTROL or claim.stated is None:
        return set()
    return {each.kind for each in claim.stated.body.methods}
