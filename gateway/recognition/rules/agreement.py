"""Rule 1: the agreement is in force and was when the basis was made, covers kind and purpose; nothing is suspended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.recognition.bases import Basis, BasisKind
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.suspending import suspended_by

AGREEMENT_MARK: Final = "AGREEMENT"
"""A link that is suspended for a reason that begins so is suspended because the agreement is."""

_KINDS: Final = {
    BasisKind.CONTROL: "inspection_outcome",
    BasisKind.SCREENING: "screening_result",
    BasisKind.AEO: "aeo_status",
}


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:
    """Look at the agreement under which this basis came."""
    yield from _of_partner(facts, basis.issuer)
    for suspension in suspended_by(facts, basis, required):
        yield fail(Reason.RELIANCE_SUSPENDED, suspension=suspension)
    agreement_id = basis.stated.agreement_id if basis.stated else (basis.policy.terms.id if basis.policy else "")
    if basis.policy is None:
        yield fail(Reason.NO_AGREEMENT, partner=basis.issuer, agreement=agreement_id, when="now")
        return
    if not facts.was_in_force(agreement_id, basis.issuer, _began(facts, basis)):
        yield fail(Reason.NO_AGREEMENT, partner=basis.issuer, agreement=agreement_id, when="when the basis came to be")
    purposes = _purposes(basis, required)
    kind = _KINDS[basis.kind]
    if not basis.policy.lets_come(basis.issuer, kind, purposes):
        yield fail(Reason.PURPOSE_NOT_COVERED, kind=kind, purpose=" or ".join(purposes))
    elif basis.stated is not None and basis.stated.purpose not in purposes:
        yield fail(Reason.PURPOSE_NOT_COVERED, kind=kind, purpose=basis.stated.purpose or "no purpose")


def general(facts: Facts) -> Iterator[Objection]:
    """Refuse when nobody is left with whom an agreement is in force."""
    objections = []
    for partner in sorted(facts.partners):
        mine = list(_of_partner(facts, partner))
        if not mine and facts.policies_with(partner):
            return
        objections += mine or [fail(Reason.NO_AGREEMENT, partner=partner, agreement="", when="now")]
    yield from objections or [fail(Reason.NO_AGREEMENT, partner="anybody", agreement="", when="now")]


def _of_partner(facts: Facts, partner: str) -> Iterator[Objection]:
    link = facts.partners.get(partner)
    if link is not None and link.suspended:
        is_agreement = link.suspended.startswith(AGREEMENT_MARK)
        reason = Reason.AGREEMENT_SUSPENDED if is_agreement else Reason.PARTNER_SUSPENDED
        yield fail(reason, partner=partner, why=link.suspended)


def _began(facts: Facts, basis: Basis) -> int:
    """A control and a screening came to be when they were done; a standing is used now."""
    return facts.now if basis.kind is BasisKind.AEO else basis.at


def _purposes(basis: Basis, required: Required) -> tuple[str, ...]:
    if basis.kind is BasisKind.AEO:
        return ("AEO_BENEFIT", "SECURITY_RISK")
    return ("FISCAL",) if required.threat == "FISCAL" else ("SECURITY_RISK",)
