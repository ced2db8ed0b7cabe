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

_OF_STANDING: Final = ("AEO_BENEFIT", "SECURITY_RISK")
_FISCAL: Final = ("FISCAL",)
_SECURITY: Final = ("SECURITY_RISK",)
_KINDS: Final = {
    BasisKind.CONTROL: "inspection_outcome",
    BasisKind.SCREENING: "screening_result",
    BasisKind.AEO: "aeo_status",
}


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:
    """Look at the agreement under which this basis came."""
    if basis.issuer in facts.suspended_partners:
        yield _of_suspended(facts, basis.issuer)
    if facts.kept.suspended:
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
        if partner in facts.suspended_partners:
            objections.append(_of_suspended(facts, partner))
        elif facts.policies_with(partner):
            return
        else:
            objections.append(fail(Reason.NO_AGREEMENT, partner=partner, agreement="", when="now"))
    yield from objections or [fail(Reason.NO_AGREEMENT, partner="anybody", agreement="", when="now")]


def _of_suspended(facts: Facts, partner: str) -> Objection:
    why = facts.partners[partner].suspended
    is_agreement = why.startswith(AGREEMENT_MARK)
    return fail(Reason.AGREEMENT_SUSPENDED if is_agreement else Reason.PARTNER_SUSPENDED, partner=partner, why=why)


def _began(facts: Facts, basis: Basis) -> int:
    """A control and a screening came to be when they were done; a standing is used now."""
    return facts.now if basis.kind is BasisKind.AEO else basis.at


def _purposes(basis: Basis, required: Required) -> tuple[str, ...]:
    if basis.kind is BasisKind.AEO:
        return _OF_STANDING
    return _FISCAL if required.threat == "FISCAL" else _SECURITY
