"""Rule 11: no local rule that took effect since, for a threat that the basis did not cover."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.recognition.bases import Basis, BasisKind
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:
    """Hold what came before against the rule: only a method that answers it does."""
    for rule in facts.question.asked.local_rules:
        if rule.threat != required.threat_number or not basis.at < rule.effective_from.seconds <= facts.now:
            continue
        done = _methods(basis)
        if done.isdisjoint(rule.answered_by):
            yield fail(Reason.NEW_THREAT, rule=rule.reference or "without a name", threat=required.threat)


def _methods(basis: Basis) -> set[int]:
    if basis.kind is not BasisKind.CONTROL or basis.stated is None:
        return set()
    return {each.kind for each in basis.stated.body.methods}
