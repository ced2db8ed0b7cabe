"""An answer as the API tells it. What is kept has no sentences: they are put in when it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateway.recognition.decider import Decided
from gateway.recognition.facts import Facts
from gateway.recognition.outcome import Answer, Checked, Outcome
from gateway.recognition.policy import POLICY_VERSION
from gateway.recognition.results import Objection, Results
from gateway.recognition.texts import condition_text, objection_text, summary_text
from mutualrecognition.national.v1 import decision_pb2 as pb

_OUTCOMES: Final = {number: name.removeprefix("OUTCOME_") for name, number in pb.Outcome.items()}


def tell(decided: Decided) -> pb.Decision:
    """Write an answer down, without names, question and sentences."""
    facts, answer = decided.facts, decided.answer
    told = pb.Decision(outcome=answer.outcome, sampled=answer.sampled, policy_version=POLICY_VERSION)  # type: ignore[arg-type]
    told.decided_at.seconds = facts.now
    _tell_results(told.general, answer.general)
    for condition in answer.conditions:
        told.conditions.add(code=condition.code, container_number=condition.container, expected=condition.expected)
    for remaining in answer.remaining:
        told.remaining.add(threat=remaining.threat_number, checks=remaining.checks, reasons=remaining.reasons)
    for checked, standing, required in zip(answer.checks, answer.standings, facts.question.asked.required, strict=True):
        _tell_check(told.checks.add(required=required, standing=standing), checked)
    if answer.outcome is Outcome.PENDING:
        _tell_pending(told.pending, answer)
    _tell_records(told, facts, answer)
    _tell_agreements(told, answer, facts)
    return told


def put_sentences_in(told: pb.Decision) -> None:
    """Say in sentences what codes say."""
    told.summary = summary_text(_OUTCOMES[told.outcome])
    for condition in told.conditions:
        condition.text = condition_text(condition.code, condition.container_number, condition.expected)
    _speak(told.general.objections)
    for check in told.checks:
        _speak(check.missing)
        for basis in check.bases:
            _speak(basis.rules.objections)


def _speak(objections: Sequence[pb.Objection]) -> None:
    for each in objections:
        each.text = objection_text(each.reason, each.details)


def _tell_check(told: pb.CheckResult, checked: Checked) -> None:
    for objection in checked.missing:
        _tell_objection(told.missing, 0, objection)
    for basis in checked.bases:
        result = told.bases.add(
            kind=basis.kind,
            issuer=basis.issuer,
            record_ids=basis.record_ids,
            equivalence=basis.equivalence,
            agreement=basis.agreement,
            verdict=basis.verdict,
            label=basis.label,
        )
        result.at.seconds = basis.at
        _tell_results(result.rules, basis.results)


def _tell_results(told: pb.RuleResults, results: Results) -> None:
    """Write which rules hold, and what the others object; what is empty stands there too."""
    told.SetInParent()
    told.passed.extend([number for number, objections in results.items() if not objections])  # type: ignore[misc]
    for number, objections in results.items():
        for each in objections:
            _tell_objection(told.objections, number, each)


def _tell_objection(told: Any, number: int, objection: Objection) -> None:  # noqa: ANN401  a list of objections
    details = told.add(rule=number, verdict=objection.verdict, reason=objection.reason).details
    for name, value in objection.details.items():  # a whole mapping takes protobuf five times as long
        details[name] = value


def _tell_pending(pending: pb.Pending, answer: Answer) -> None:
    pending.until.seconds = answer.until
    pending.then = answer.then  # type: ignore[assignment]
    for each in answer.awaited:
        pending.on.add(kind=each.kind.value, partner=each.partner, reference=each.reference)


def _tell_records(told: pb.Decision, facts: Facts, answer: Answer) -> None:
    for kept, stated in zip(facts.kept.records, facts.stated, strict=True):
        told.records.add(
            record_id=stated.record_id,
            partner=stated.partner,
            kind=stated.kind,
            digest=kept.digest,
            relied_on=bool(stated.partner) and stated.sequence in answer.relied_on,
            sequence=stated.sequence,
        )


def _tell_agreements(told: pb.Decision, answer: Answer, facts: Facts) -> None:
    used = {basis.agreement for checked in answer.checks for basis in checked.bases if basis.agreement}
    told.agreements.extend([facts.around.used[name] for name in sorted(used)])
