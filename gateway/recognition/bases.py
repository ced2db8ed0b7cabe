"""On what could a required check be left out? Every control, screening and standing that says anything of these goods.

Whether a basis counts, the rules say; here nothing is left out because it would fail, so that the officer hears why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import islice
from typing import Any, Final

from gateway.recognition.facts import WINDOW_SECONDS, Facts, names
from gateway.recognition.matching import Match
from gateway.recognition.operators import Standing
from gateway.recognition.policy import Policy, Row, Together, names_of
from gateway.recognition.question import Required
from gateway.recognition.stated import Stated
from gateway.trust.agreements import Agreement
from gateway.values import value
from mutualrecognition.records.v1.method_pb2 import MethodKind

METHODS: Final = names(MethodKind, "METHOD_KIND_")
_NO_METHODS: Final[Mapping[str, Any]] = {}


class BasisKind(IntEnum):
    """What a basis is; in this order they are preferred, all else equal. The numbers are those of the API."""

    CONTROL = 1
    SCREENING = 2
    AEO = 3
    COMBINATION = 4


CONTROL, SCREENING, AEO, COMBINATION = BasisKind


@value(eq=False)
class Claim:
    """What somebody says that checks may be left out on: the same claim for every check that is required.

    ``stated`` is its record, None for an operator that nobody speaks of. ``policy`` None: its agreement is over.
    ``methods`` are those of a control, by the names that rows call them.
    """

    kind: BasisKind
    issuer: str
    stated: Stated | None
    policy: Policy | None
    at: int
    methods: Mapping[str, Any]
    standing: Standing | None = None

    @property
    def records(self) -> Sequence[Stated]:
        """Its record, and the mapping by which its operator was matched."""
        mapping = self.standing.mapping if self.standing is not None else None
        return [each for each in (self.stated, mapping) if each is not None]

    @property
    def identity(self) -> str:
        """What it is, whatever statement speaks of it now: the sample is drawn by it."""
        if self.kind is CONTROL and self.stated is not None:
            return f"control {self.issuer} {self.stated.body.control_id}"
        if self.kind is AEO and self.standing is not None:
            return f"operator {self.issuer} {self.standing.tin}"
        return f"record {self.issuer} {self.stated.record_id if self.stated else ''}"


Claims = Mapping[str, Sequence[Claim]]
"""By the word that rows have for such a basis."""


@value(eq=False)
class Basis:
    """A claim held against one required check, alone or as a part of a combination.

    ``row`` None: the agreement equates it with nothing here. ``seal`` is the class that a container must bear.
    ``method`` is the control's method that the row names.
    """

    claim: Claim
    row: Row | None
    seal: str | None
    method: Any


@value
class Joint:
    """A combination with what there is for each of its parts; a part without any is missing."""

    agreement: Agreement
    together: Together
    parts: tuple[tuple[Row, Sequence[Basis]], ...]


def claims_on(facts: Facts) -> Claims:
    """Give what partners say of these goods and of their operators, in the order in which it is looked at."""
    claims: dict[str, Sequence[Claim]] = {}
    if controls := facts.of("inspection_outcome"):
        claims["control"] = [_control(facts, each) for each in controls if _counts(facts, each)]
    if screenings := facts.of("screening_result"):
        claims["screening"] = [_screening(facts, each) for each in screenings if _counts(facts, each)]
    if standings := facts.operators:
        claims["aeo"] = [_standing(facts, each, policy) for each in standings for policy in _policies_for(facts, each)]
    return claims


def single_bases(claims: Claims, required: Required) -> list[Basis]:
    """Give what might count alone. A control is told of also where no row takes it, as is what no agreement covers."""
    found = []
    for word, some in claims.items():
        use = word, required.check, required.threat
        for claim in some:
            row = _row_for(claim, claim.policy.rows.get(use, ())) if claim.policy is not None else None
            if row is not None:
                found.append(_taken(claim, row, row.terms.seal))
            elif claim.kind is CONTROL or claim.policy is None:
                found.append(Basis(claim, None, None, None))
    return found


def joint_bases(facts: Facts, claims: Claims, required: Required) -> list[Joint]:
    """Give the combinations that the agreements know for this check, where there is something for one part at least."""
    known = facts.combinations.get((required.check, required.threat))
    if known is None:
        return []
    found = []
    for agreement in _agreements_under(claims):
        for together in known.get(agreement.digest, ()):
            if together.bases.isdisjoint(claims):
                continue
            parts = tuple([(row, _for_part(claims, agreement, row, seal)) for row, seal in together.parts])
            if any(candidates for _, candidates in parts):
                found.append(Joint(agreement, together, parts))
    return found


def _agreements_under(claims: Claims) -> list[Agreement]:
    """Give the agreements under which anything was said: of two hundred it is one or two."""
    policies = [claim.policy for some in claims.values() for claim in some if claim.policy is not None]
    found = {policy.agreement.digest: policy.agreement for policy in policies}
    return sorted(found.values(), key=lambda each: each.terms.id) if len(found) > 1 else list(found.values())


def _control(facts: Facts, stated: Stated) -> Claim:
    methods = {METHODS.get(each.kind, ""): each for each in stated.body.methods}
    return Claim(CONTROL, stated.issuer, stated, _policy(facts, stated), stated.at, methods)


def _screening(facts: Facts, stated: Stated) -> Claim:
    return Claim(SCREENING, stated.issuer, stated, _policy(facts, stated), stated.at, _NO_METHODS)


def _standing(facts: Facts, standing: Standing, policy: Policy) -> Claim:
    at = standing.stated.at if standing.stated else facts.now
    issuer = standing.issuer or policy.issuer
    return Claim(AEO, issuer, standing.stated, policy, at, _NO_METHODS, standing)


def _policy(facts: Facts, stated: Stated) -> Policy | None:
    return facts.in_force.policy(stated.agreement_id, stated.issuer)


def _policies_for(facts: Facts, standing: Standing) -> list[Policy]:
    """Give the agreement under which a standing came; for an operator that nobody knows, those it might come under.

    They are those with the administration whose letters its number begins with, else with whoever speaks of these
    goods. Where nobody does, a national number is held against one agreement that knows operators: it may be anybody's.
    """
    if standing.stated is not None:
        known = _policy(facts, standing.stated)
        return [known] if known else []
    home = standing.tin[:2]
    if standing.issuer or home in facts.around.partners:
        return list(facts.in_force.policies_with(standing.issuer or home))
    if facts.speakers or standing.tin:
        return [policy for partner in facts.speakers for policy in facts.in_force.policies_with(partner)]
    anybody = (policy for partner in facts.around.names for policy in facts.in_force.policies_with(partner))
    return list(islice((policy for policy in anybody if policy.knows_operators), 1))


def _row_for(claim: Claim, rows: Sequence[Row]) -> Row | None:
    """Take the first row that fits; of those that name a method of a control, the least demanding."""
    if claim.kind is not CONTROL:
        return next((row for row in rows if _has_role(claim, row)), None)
    fitting = [row for row in rows if row.terms.method in claim.methods]
    return min(fitting, key=_demands) if len(fitting) > 1 else fitting[0] if fitting else None


def _has_role(claim: Claim, row: Row) -> bool:
    return claim.standing is None or not row.terms.roles or claim.standing.operator.role in row.terms.roles


def _taken(claim: Claim, row: Row, seal: str | None) -> Basis:
    return Basis(claim, row, seal, claim.methods.get(row.terms.method or ""))


def _for_part(claims: Claims, agreement: Agreement, row: Row, seal: str | None) -> Sequence[Basis]:
    """Give what there is for one part of a combination, under the combination's agreement."""
    return [
        _taken(claim, row, seal)
        for claim in claims.get(row.terms.basis, ())
        if claim.policy is not None and _is_under(claim.policy, agreement, row) and _has_role(claim, row)
    ]


def _is_under(policy: Policy, agreement: Agreement, row: Row) -> bool:
    return policy.agreement.digest == agreement.digest and row.terms.issuer in names_of(policy.terms, policy.issuer)


def _counts(facts: Facts, stated: Stated) -> bool:
    """Tell whether a record is a partner's and on these goods; what is not surely on them, only while it is recent."""
    if not stated.partner:
        return False
    match = facts.match(stated)
    return match.is_strong or (match is not Match.NONE and abs(facts.now - stated.at) <= WINDOW_SECONDS)


def _demands(row: Row) -> tuple[float, int, int, int]:
    terms = row.terms
    least = terms.min_energy_mev or 0.0, terms.min_penetration_mm_steel or 0, terms.min_percent or 0
    return *least, -terms.max_age_hours
