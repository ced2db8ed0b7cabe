"""Rule 10: the operator: certified then and now, for security where the threat is one, in this role, with consent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.recognition.bases import Basis
from gateway.recognition.facts import Facts, names
from gateway.recognition.operators import Standing
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.views.operators import FOR_SECURITY, OperatorView
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo

ANY_SCOPE: Final = frozenset({"FISCAL", "IPR", "PRODUCT_SAFETY", "SPS_CITES", "WASTE"})
"""Threats for which a certificate for customs simplifications counts too; every other is a matter of security."""

_STATES: Final = names(aeo.AeoState, "AEO_STATE_")
_ROLES: Final = names(aeo.AeoRole, "AEO_ROLE_")


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:  # noqa: ARG001
    """Look at an operator's standing; other bases have none."""
    standing = basis.claim.standing
    return tuple(_standing(standing, required)) if standing is not None else ()


def _standing(standing: Standing, required: Required) -> Iterator[Objection]:
    if standing.now is None:
        yield fail(Reason.AEO_UNMATCHED, operator=standing.operator.number)
        return
    if standing.now.consent_withdrawn_at is not None:
        yield fail(Reason.CONSENT_WITHDRAWN, operator=standing.tin, issuer=standing.issuer)
        return
    yield from _certified(standing, standing.now, "now")
    if standing.then is not None and not any(_certified(standing, standing.now, "now")):
        yield from _certified(standing, standing.then, "when these goods set out")
    yield from _fits(standing, required)


def _certified(standing: Standing, view: OperatorView, when: str) -> Iterator[Objection]:
    state = view.current.status if view.current is not None else aeo.AEO_STATE_UNSPECIFIED
    if state == aeo.AEO_STATE_SUSPENDED:
        yield fail(Reason.AEO_SUSPENDED, operator=standing.tin, issuer=standing.issuer, when=when)
    elif state != aeo.AEO_STATE_CERTIFIED:
        word = _STATES.get(state, "unknown") if state else "no standing"
        yield fail(Reason.AEO_NOT_CERTIFIED, operator=standing.tin, issuer=standing.issuer, state=word, when=when)
    elif view.current is not None and view.current.scope in FOR_SECURITY and not view.good:
        yield fail(Reason.AEO_NOT_CERTIFIED, operator=standing.tin, issuer=standing.issuer, state="EXPIRED", when=when)


def _fits(standing: Standing, required: Required) -> Iterator[Objection]:
    body = standing.stated.body if standing.stated is not None else aeo.AeoStatus()
    scopes = FOR_SECURITY if required.threat not in ANY_SCOPE else FOR_SECURITY | {aeo.AEO_SCOPE_COMPLIANCE}
    if body.scope not in scopes:
        yield fail(Reason.AEO_SCOPE, operator=standing.tin, threat=required.threat)
    if standing.operator.role not in {_ROLES.get(role, "") for role in body.roles}:
        yield fail(Reason.AEO_ROLE, operator=standing.tin, role=standing.operator.role)
