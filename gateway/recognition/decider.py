"""Facts in, answer out: every required check against every basis against every rule, folded to one outcome."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.recognition.bases import METHODS, Basis, BasisKind, Joint, joint_bases, single_bases
from gateway.recognition.facts import Facts
from gateway.recognition.in_force import Policies
from gateway.recognition.outcome import Answer, Checked, Evaluated, fold
from gateway.recognition.question import Question, Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail, merged, verdict_of
from gateway.recognition.rules import RULES, Rule
from gateway.recognition.tariff import Editions
from gateway.trust.book import TrustBook
from gateway.values import value
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts

_EQUIVALENT: int = 8


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
        self._of_basis = [(rule.number, rule.of_basis) for rule in rules if rule.of_basis is not None]
        self._policies = policies or Policies()

    def decide(self, kept: DecisionFacts, book: TrustBook, question: Question | None = None) -> Decided:
        """Decide on facts as they were kept; the same facts give the same answer.

        ``question`` is theirs, where the caller has read it already.

        Raises:
            Malformed: the question breaks its rules.
        """
        facts = Facts(kept, book, self._policies, self._editions, question)
        general = {number: tuple(holds(facts)) for number, holds in self._general}
        checks = [self._check(facts, required) for required in facts.question.required]
        return Decided(facts, fold(facts, general, checks, self._key))

    def _check(self, facts: Facts, required: Required) -> Checked:
        evaluated = [self._single(facts, basis, required) for basis in single_bases(facts, required)]
        evaluated += [self._joint(facts, joint, required) for joint in joint_bases(facts, required)]
        if len(evaluated) > 1:
            evaluated.sort(key=Evaluated.place)
        return Checked(required, tuple(evaluated), () if evaluated else (_missing(facts, required),))

    def _single(self, facts: Facts, basis: Basis, required: Required) -> Evaluated:
        results = {number: tuple(holds(facts, basis, required)) for number, holds in self._of_basis}
        return Evaluated(
            kind=basis.kind,
            issuer=basis.issuer,
            record_ids=_record_ids(basis),
            equivalence=basis.row.label if basis.row else "",
            agreement=basis.policy.reference if basis.policy else "",
            at=basis.at,
            label=_label(basis),
            results=results,
            verdict=verdict_of(results),
            identities=(basis.identity,),
            policies=(basis.policy,) if basis.policy else (),
        )

    def _joint(self, facts: Facts, joint: Joint, required: Required) -> Evaluated:
        """Take the best there is for each part; all of them must hold, each against every rule."""
        parts: list[Evaluated] = []
        missing: list[Objection] = []
        for row, candidates in joint.parts:
            several = sorted((self._single(facts, each, required) for each in candidates), key=Evaluated.place)
            parts += several[:1]
            if not several:
                missing.append(fail(Reason.PART_MISSING, part=row.label))
        results = merged([each.results for each in parts])
        if missing and any(number == _EQUIVALENT for number, _ in self._of_basis):
            results[_EQUIVALENT] = [*results.get(_EQUIVALENT, ()), *missing]
        terms = joint.agreement.terms
        return Evaluated(
            kind=BasisKind.COMBINATION,
            issuer=parts[0].issuer,
            record_ids=tuple(dict.fromkeys(each for part in parts for each in part.record_ids)),
            equivalence=joint.together.terms.name,
            agreement=f"{terms.id} version {terms.version}",
            at=min(part.at for part in parts),
            label=" + ".join(part.label for part in parts),
            results=results,
            verdict=verdict_of(results),
            identities=tuple(identity for part in parts for identity in part.identities),
            policies=tuple(policy for part in parts for policy in part.policies),
        )


def _missing(facts: Facts, required: Required) -> Objection:
    """Say why there is nothing at all: the agreements do not know such a check, or nobody said anything."""
    pair = {"check": required.check, "threat": required.threat}
    known = (required.check, required.threat) in facts.combinations or any(
        policy.counts_for(required.check, required.threat)
        for partner in facts.partners
        for policy in facts.policies_with(partner)
    )
    return fail(Reason.NO_BASIS if known else Reason.NO_EQUIVALENCE, **pair)


def _record_ids(basis: Basis) -> tuple[str, ...]:
    """Name the record of a basis, and the mapping by which its operator was matched."""
    own = (basis.stated.record_id,) if basis.stated is not None else ()
    if basis.standing is None or basis.standing.mapping is None:
        return own
    return *own, basis.standing.mapping.record_id


def _label(basis: Basis) -> str:
    """Say in a few words what a basis is."""
    if basis.kind is BasisKind.AEO and basis.standing is not None:
        return f"{basis.standing.operator.role} {basis.standing.tin or basis.standing.operator.number}"
    if basis.stated is None:
        return ""
    body = basis.stated.body
    if basis.kind is BasisKind.SCREENING:
        return "screening"
    done = METHODS.get(basis.method.kind, "") if basis.method is not None else _methods(body.methods)
    place = body.location.locode
    return f"{done or 'no method'} at {place}" if place else done or "no method"


def _methods(methods: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(METHODS.get(each.kind, "unknown") for each in methods))  # type: ignore[attr-defined]
