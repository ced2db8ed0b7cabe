"""An answer as the API tells it. What is kept has no sentences: they are put in when it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.recognition.decider import Decided
from gateway.recognition.facts import Facts
from gateway.recognition.outcome import Answer, Checked, CheckStanding, Evaluated, Outcome
from gateway.recognition.policy import POLICY_VERSION
from gateway.recognition.results import Objection, Results
from gateway.recognition.texts import condition_text, objection_text, summary_text
from mutualrecognition.national.v1 import decision_pb2 as pb

_OUTCOMES: Final = {number: name.removeprefix("OUTCOME_") for name, number in pb.Outcome.items()}


def tell(decided: Decided) -> pb.Decision:
    """Write an answer down, without names, question and sentences."""
    facts, answer = decided.facts, decided.answer
    told = pb.Decision(
        decided_at=Timestamp(seconds=facts.now),
        outcome=answer.outcome.value,  # type: ignore[arg-type]
        general=_results(answer.general),
        sampled=answer.sampled,
        policy_version=POLICY_VERSION,
    )
    for condition in answer.conditions:
        told.conditions.add(code=condition.code, container_number=condition.container, expected=condition.expected)
    for remaining in answer.remaining:
        told.remaining.add(threat=remaining.threat_number, checks=remaining.checks, reasons=remaining.reasons)
    for checked, standing, required in zip(answer.checks, answer.standings, facts.question.asked.required, strict=True):
        told.checks.append(_check(checked, standing, required))
    if answer.outcome is Outcome.PENDING:
        _tell_pending(told.pending, answer)
    _tell_records(told, facts, answer)
    _tell_agreements(told, answer, facts)
    return told


def with_sentences(told: pb.Decision) -> pb.Decision:
    """Put the sentences in."""
    told.summary = summary_text(_OUTCOMES[told.outcome])
    for condition in told.conditions:
        condition.text = condition_text(condition.code, condition.container_number, condition.expected)
    _speak(told.general.objections)
    for check in told.checks:
        _speak(check.missing)
        for basis in check.bases:
            _speak(basis.rules.objections)
    return told


def _speak(objections: Sequence[pb.Objection]) -> None:
    for each in objections:
        each.text = objection_text(each.reason, each.details)


def _check(checked: Checked, standing: CheckStanding, required: pb.RequiredCheck) -> pb.CheckResult:
    return pb.CheckResult(
        required=required,
        standing=standing.value,  # type: ignore[arg-type]
        bases=map(_basis, checked.bases),
        missing=[_objection(0, each) for each in checked.missing],
    )


def _basis(evaluated: Evaluated) -> pb.BasisResult:
    return pb.BasisResult(
        kind=evaluated.kind.value,  # type: ignore[arg-type]
        issuer=evaluated.issuer,
        record_ids=evaluated.record_ids,
        equivalence=evaluated.equivalence,
        agreement=evaluated.agreement,
        at=Timestamp(seconds=evaluated.at),
        verdict=evaluated.verdict.value,  # type: ignore[arg-type]
        rules=_results(evaluated.results),
        label=evaluated.label,
    )


def _results(results: Results) -> pb.RuleResults:
    return pb.RuleResults(
        passed=[number for number, objections in results.items() if not objections],  # type: ignore[misc]
        objections=[_objection(number, each) for number, objections in results.items() for each in objections],
    )


def _objection(number: int, objection: Objection) -> pb.Objection:
    details: Mapping[str, str] = objection.details
    return pb.Objection(
        rule=number,  # type: ignore[arg-type]
        verdict=objection.verdict.value,  # type: ignore[arg-type]
        reason=objection.reason.value,
        details=details,
    )


def _tell_pending(pending: pb.Pending, answer: Answer) -> None:
    pending.until.seconds = answer.until
    pending.then = answer.then  # type: ignore[assignment]
    for each in answer.awaited:
        pending.on.add(kind=each.kind.value, partner=each.partner, reference=each.reference)


def _tell_records(told: pb.Decision, facts: Facts, answer: Answer) -> None:
    for kept in facts.kept.records:
        header = kept.record.header
        told.records.add(
            record_id=header.record_id,
            partner=kept.partner,
            kind=kept.record.WhichOneof("body") or "",
            digest=kept.digest,
            relied_on=bool(kept.partner) and header.record_id in answer.relied_on,
            sequence=kept.sequence,
        )


def _tell_agreements(told: pb.Decision, answer: Answer, facts: Facts) -> None:
    used = {basis.agreement for checked in answer.checks for basis in checked.bases if basis.agreement}
    for each in facts.kept.agreements:
        if f"{each.agreement_id} version {each.version}" in used:
            told.agreements.append(each)
