"""On what could a required check be left out? Every control, screening and standing that says anything of these goods.

Whether a basis counts, the rules say; here nothing is left out because it would fail, so that the officer hears why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
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


class BasisKind(IntEnum):
    """What a basis is; in this order they are preferred, all else equal. The numbers are those of the API."""

    CONTROL = 1
    SCREENING = 2
    AEO = 3
    COMBINATION = 4


@value(eq=False)
class Basis:
    """One basis for one required check.

    ``stated`` is its record, None for an operator that nobody speaks of. ``policy`` None: its agreement is over.
    ``row`` None: the agreement equates it with nothing here. ``method`` is the control's method that the row names.
    ``seal`` is the class that a container must bear. ``in_combination``: the combination says which threat it serves.
    """

    kind: BasisKind
    issuer: str
    stated: Stated | None
    policy: Policy | None
    row: Row | None
    at: int
    seal: str | None = None
    method: Any = None
    standing: Standing | None = None
    in_combination: bool = False

    @property
    def identity(self) -> str:
        """What it is, whatever statement speaks of it now: the sample is drawn by it."""
        if self.kind is BasisKind.CONTROL and self.stated is not None:
            return f"control {self.issuer} {self.stated.body.control_id}"
        if self.kind is BasisKind.AEO and self.standing is not None:
            return f"operator {self.issuer} {self.standing.tin}"
        return f"record {self.issuer} {self.stated.record_id if self.stated else ''}"


@value
class Joint:
    """A combination with what there is for each of its parts; a part without any is missing."""

    agreement: Agreement
    together: Together
    parts: tuple[tuple[Row, Sequence[Basis]], ...]


def single_bases(facts: Facts, required: Required) -> list[Basis]:
    """Give the controls, screenings and standings that might count alone."""
    return [*_controls(facts, required), *_screenings(facts, required), *_standings(facts, required)]


def joint_bases(facts: Facts, required: Required) -> list[Joint]:
    """Give the combinations that the agreements know for this check, where there is something for one part at least."""
    found = []
    for agreement, together in facts.combinations.get((required.check, required.threat), ()):
        parts = tuple([(row, _for_part(facts, agreement, row, seal)) for row, seal in together.parts])
        if any(candidates for _, candidates in parts):
            found.append(Joint(agreement, together, parts))
    return found


def _controls(facts: Facts, required: Required) -> list[Basis]:
    found, use = [], ("control", required.check, required.threat)
    for stated in _about(facts, "inspection_outcome"):
        policy = facts.policy(stated)
        found.append(_control(stated, policy, policy.rows.get(use, ()) if policy else ()))
    return found


def _control(stated: Stated, policy: Policy | None, rows: Sequence[Row]) -> Basis:
    """Take the row that names one of the control's methods; the least demanding where several do."""
    done = {METHODS.get(each.kind, ""): each for each in stated.body.methods} if rows else {}
    fitting = [row for row in rows if row.terms.method in done]
    row = fitting[0] if len(fitting) == 1 else min(fitting, key=_demands, default=None)
    method = done.get(row.terms.method or "") if row else None
    seal = row.terms.seal if row else None
    return Basis(BasisKind.CONTROL, stated.issuer, stated, policy, row, stated.at, seal, method)


def _screenings(facts: Facts, required: Required) -> Iterator[Basis]:
    for stated in _about(facts, "screening_result"):
        policy = facts.policy(stated)
        rows = policy.rows.get(("screening", required.check, required.threat), ()) if policy else ()
        if policy is None:
            yield Basis(BasisKind.SCREENING, stated.issuer, stated, None, None, stated.at)
        for row in rows[:1]:
            yield Basis(BasisKind.SCREENING, stated.issuer, stated, policy, row, stated.at, row.terms.seal)


def _standings(facts: Facts, required: Required) -> Iterator[Basis]:
    for standing in facts.operators:
        for policy in _policies_for(facts, standing):
            rows = policy.rows.get(("aeo", required.check, required.threat), ())
            fitting = [row for row in rows if not row.terms.roles or standing.operator.role in row.terms.roles]
            for row in fitting[:1]:
                yield _standing(facts, standing, policy, row)


def _standing(facts: Facts, standing: Standing, policy: Policy, row: Row) -> Basis:
    at = standing.stated.at if standing.stated else facts.now
    issuer = standing.issuer or policy.issuer
    return Basis(BasisKind.AEO, issuer, standing.stated, policy, row, at, row.terms.seal, standing=standing)


def _policies_for(facts: Facts, standing: Standing) -> list[Policy]:
    """Give the agreement under which a standing came; for an operator that nobody knows, every one."""
    if standing.stated is not None:
        known = facts.policy(standing.stated)
        return [known] if known else []
    partners = [standing.issuer] if standing.issuer else sorted(facts.partners)
    return [policy for partner in partners for policy in facts.policies_with(partner)]


def _for_part(facts: Facts, agreement: Agreement, row: Row, seal: str | None) -> Sequence[Basis]:
    """Give what there is for one part of a combination, under the combination's agreement."""
    if row.terms.basis == "aeo":
        found = _standings_for_part(facts, agreement, row)
    else:
        found = _records_for_part(facts, agreement, row)
    return [replace(basis, row=row, seal=seal, in_combination=True) for basis in found]


def _standings_for_part(facts: Facts, agreement: Agreement, row: Row) -> Iterator[Basis]:
    for standing in facts.operators:
        if row.terms.roles and standing.operator.role not in row.terms.roles:
            continue
        for policy in _policies_for(facts, standing):
            if _is_under(policy, agreement, row):
                yield _standing(facts, standing, policy, row)


def _records_for_part(facts: Facts, agreement: Agreement, row: Row) -> Iterator[Basis]:
    for stated in _about(facts, "inspection_outcome" if row.terms.basis == "control" else "screening_result"):
        known = facts.policy(stated)
        if known is None or not _is_under(known, agreement, row):
            continue
        if row.terms.basis == "screening":
            yield Basis(BasisKind.SCREENING, stated.issuer, stated, known, row, stated.at)
        else:
            yield _control(stated, known, [row])


def _is_under(policy: Policy, agreement: Agreement, row: Row) -> bool:
    return policy.agreement.digest == agreement.digest and row.terms.issuer in names_of(policy.terms, policy.issuer)


def _about(facts: Facts, kind: str) -> Sequence[Stated]:
    """Give partners' records of a kind on these goods; of what is not surely about them, only what is recent."""
    of_kind = facts.of(kind)
    if not of_kind:
        return ()
    key = ("about", kind)
    found: Sequence[Stated] | None = facts.worked_out.get(key)
    if found is None:
        found = facts.worked_out[key] = [each for each in of_kind if each.partner and _is_near(facts, each)]
    return found


def _is_near(facts: Facts, stated: Stated) -> bool:
    match = facts.match(stated)
    is_recent = abs(facts.now - stated.at) <= WINDOW_SECONDS
    return match is Match.STRONG or (match is not Match.NONE and is_recent)


def _demands(row: Row) -> tuple[float, int, int, int]:
    terms = row.terms
    least = terms.min_energy_mev or 0.0, terms.min_penetration_mm_steel or 0, terms.min_percent or 0
    return *least, -terms.max_age_hours
