"""Rule 1: the agreement is in force and was when the basis was made, covers kind and purpose; nothing is suspended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.recognition.bases import AEO, Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.suspending import suspended_by

AGREEMENT_MARK: Final = "AGREEMENT"
"""A link that is suspended for a reason that begins so is suspended because the agreement is."""

_OF_STANDING: Final = ("AEO_BENEFIT", "SECURITY_RISK")
_FISCAL: Final = ("FISCAL",)
_SECURITY: Final = ("SECURITY_RISK",)


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:
    """Look at the agreement under which this basis came."""
    claim, policy, stated = basis.claim, basis.claim.policy, basis.claim.stated
    objections = []
    if claim.issuer in facts.around.suspended_partners:
        objections.append(_of_suspended(facts, claim.issuer))
    if facts.around.suspended:
        suspensions = suspended_by(facts, basis, required)
        objections += [fail(Reason.RELIANCE_SUSPENDED, suspension=each) for each in suspensions]
    if policy is None:
        agreement_id = stated.agreement_id if stated is not None else ""
        objections.append(fail(Reason.NO_AGREEMENT, partner=claim.issuer, agreement=agreement_id, when="now"))
        return objections
    agreement_id = stated.agreement_id if stated is not None else policy.terms.id
    if not facts.in_force.was_in_force(agreement_id, claim.issuer, _began(facts, claim)):
        when = "when the basis came to be"
        objections.append(fail(Reason.NO_AGREEMENT, partner=claim.issuer, agreement=agreement_id, when=when))
    purposes, kind = _purposes(claim, required), _kind(claim)
    if not policy.lets_come(claim.issuer, kind, purposes):
        objections.append(fail(Reason.PURPOSE_NOT_COVERED, kind=kind, purpose=" or ".join(purposes)))
    elif stated is not None and stated.purpose not in purposes:
        objections.append(fail(Reason.PURPOSE_NOT_COVERED, kind=kind, purpose=stated.purpose or "no purpose"))
    return objections


def general(facts: Facts) -> Sequence[Objection]:
    """Refuse when nobody is left with whom an agreement is in force."""
    objections = []
    for partner in facts.around.names:
        if partner in facts.around.suspended_partners:
            objections.append(_of_suspended(facts, partner))
        elif facts.in_force.policies_with(partner):
            return ()
        else:
            objections.append(fail(Reason.NO_AGREEMENT, partner=partner, agreement="", when="now"))
    return objections or [fail(Reason.NO_AGREEMENT, partner="anybody", agreement="", when="now")]


def _of_suspended(facts: Facts, partner: str) -> Objection:
    why = facts.around.partners[partner]
    is_agreement = why.startswith(AGREEMENT_MARK)
    return fail(Reason.AGREEMENT_SUSPENDED if is_agreement else Reason.PARTNER_SUSPENDED, partner=partner, why=why)


def _began(facts: Facts, claim: Claim) -> int:
    """A control and a screening came to be when they were done; a standing is used now."""
    return facts.now if claim.kind is AEO else claim.at


def _kind(claim: Claim) -> str:
    """Give the kind under which it had to come: a standing's also where nobody speaks of the operator, or no more."""
    return claim.stated.kind if claim.stated is not None and claim.kind is not AEO else "aeo_status"


def _purposes(claim: Claim, required: Required) -> tuple[str, ...]:
    if claim.kind is AEO:
        return _OF_STANDING
    return _FISCAL if required.threat == "FISCAL" else _SECURITY
