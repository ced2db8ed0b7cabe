"""Facts in, answer out: every required check against every basis against every rule, folded to one outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.recognition.bases import (
    COMBINATION,
    METHODS,
    SCREENING,
    Basis,
    Claim,
    Claims,
    Joint,
    claims_on,
    joint_bases,
    single_bases,
)
from gateway.recognition.facts import Facts
from gateway.recognition.in_force import Policies
from gateway.recognition.outcome import Answer, Checked, Evaluated, fold
from gateway.recognition.question import Question, Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, Results, fail, merged, verdict_of
from gateway.recognition.rules import RULES, Rule
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.values import value
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts

_EQUIVALENT: int = 8

Judged = Mapping[Claim, Results]
"""What rules say of each claim, whatever check is required: every rule of a basis, in their order."""


@value
class Decided:
    """An answer with the facts that it was made from."""

    facts: Facts
    answer: Answer


class Decider:
    """Decides. ``rules`` is the registry; ``sampling_key`` the node's own, without which nobody can foretell a draw."""

    def __init__(
        self,
        *,
        sampling_key: bytes,
        editions: Editions,
        rules: Sequence[Rule] = RULES,
        policies: Policies | None = None,
    ) -> None:
        self._key = sampling_key
        self._editions = editions
        self._general = [(rule.number, rule.general) for rule in rules if rule.general is not None]
        self._of_claim = [(rule.number, rule.of_claim) for rule in rules if rule.of_claim is not None]
        self._of_basis = [(rule.number, rule.of_basis) for rule in rules if rule.of_basis is not None]
        self._holding: Results = {rule.number: () for rule in rules if rule.of_claim or rule.of_basis}
        self._policies = policies or Policies()

    def decide(self, kept: DecisionFacts, around: Surroundings, question: Question | None = None) -> Decided:
        """Decide on facts as they were kept, in their surroundings; the same facts give the same answer.

        ``question`` is theirs, where the caller has read it already.

        Raises:
            Malformed: the question breaks its rules.
        """
        facts = Facts(kept, around, self._policies, self._editions, question)
        general = {number: holds(facts) for number, holds in self._general}
        claims = claims_on(facts)
        judged = {claim: self._judge(facts, claim) for some in claims.values() for claim in some}
        checks = [self._check(facts, claims, judged, required) for required in facts.question.required]
        return Decided(facts, fold(facts, general, checks, self._key))

    def _judge(self, facts: Facts, claim: Claim) -> Results:
        """Work out what is the same for every check."""
        results = dict(self._holding)
        for number, holds in self._of_claim:
            results[number] = holds(facts, claim)
        return results

    def _check(self, facts: Facts, claims: Claims, judged: Judged, required: Required) -> Checked:
        evaluated = [self._single(facts, basis, judged, required) for basis in single_bases(claims, required)]
        evaluated += [self._joint(facts, joint, judged, required) for joint in joint_bases(facts, claims, required)]
        if len(evaluated) > 1:
            evaluated.sort(key=Evaluated.place)
        return Checked(required, tuple(evaluated), () if evaluated else (_missing(facts, required),))

    def _single(self, facts: Facts, basis: Basis, judged: Judged, required: Required) -> Evaluated:
        claim = basis.claim
        results = dict(judged[claim])
        for number, holds in self._of_basis:
            if objections := holds(facts, basis, required):
                results[number] = (*results[number], *objections)
        return Evaluated(
            kind=claim.kind,
            issuer=claim.issuer,
            record_ids=tuple([each.record_id for each in claim.records]),
            equivalence=basis.row.label if basis.row is not None else "",
            agreement=claim.policy.reference if claim.policy is not None else "",
            at=claim.at,
            label=_label(basis),
            results=results,
            verdict=verdict_of(results),
            claims=(claim,),
        )

    def _joint(self, facts: Facts, joint: Joint, judged: Judged, required: Required) -> Evaluated:
        """Take the best there is for each part; all of them must hold, each against every rule."""
        parts: list[Evaluated] = []
        missing: list[Objection] = []
        for row, candidates in joint.parts:
            several = [self._single(facts, each, judged, required) for each in candidates]
            if several:
                parts.append(min(several, key=Evaluated.place))
            else:
                missing.append(fail(Reason.PART_MISSING, part=row.label))
        results = merged([each.results for each in parts])
        if missing and _EQUIVALENT in results:
            results[_EQUIVALENT] = [*results[_EQUIVALENT], *missing]
        terms = joint.agreement.terms
        return Evaluated(
            kind=COMBINATION,
            issuer=parts[0].issuer,
            record_ids=tuple(dict.fromkeys(each for part in parts for each in part.record_ids)),
            equivalence=joint.together.terms.name,
            agreement=f"{terms.id} version {terms.version}",
            at=min(part.at for part in parts),
            label=" + ".join(part.label for part in parts),
            results=results,
            verdict=verdict_of(results),
            claims=tuple(claim for part in parts for claim in part.claims),
        )


def _missing(facts: Facts, required: Required) -> Objection:
    """Say why there is nothing at all: the agreements do not know such a check, or nobody said anything."""
    pair = {"check": required.check, "threat": required.threat}
    known = (required.check, required.threat) in facts.combinations or any(
        policy.counts_for(required.check, required.threat)
        for partner in facts.around.names
        for policy in facts.in_force.policies_with(partner)
    )
    return fail(Reason.NO_BASIS if known else Reason.NO_EQUIVALENCE, **pair)


def _label(basis: Basis) -> str:
    """Say in a few words what a basis is."""
    stated, standing = basis.claim.stated, basis.claim.standing
    if standing is not None:
        return f"{standing.operator.role} {standing.tin or standing.operator.number}"
    if stated is None:
        return ""
    body = stated.body
    if basis.claim.kind is SCREENING:
        return "screening"
    done = METHODS.get(basis.method.kind, "") if basis.method is not None else _methods(body.methods)
    place = body.location.locode
    return f"{done or 'no method'} at {place}" if place else done or "no method"


def _methods(methods: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(METHODS.get(each.kind, "unknown") for each in methods))  # type: ignore[attr-defined]
