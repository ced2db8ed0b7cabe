"""Rule 3: nothing adverse was said of these goods, by anyone: no finding, contradiction, alert or recall.

What is in quarantine may be any of these, and nobody can tell: while it is there, nobody relies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.recognition.facts import Facts
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.rules.alerts import alerts_in_force
from gateway.recognition.stated import OF_OPERATORS, Stated
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcome
from mutualrecognition.records.v1.alert_pb2 import AlertType
from mutualrecognition.records.v1.screening_result_pb2 import RECOMMENDATION_NO_LOAD

_FOUND: Final = frozenset({outcome.CONCLUSION_DISCREPANCY, outcome.CONCLUSION_SEIZED_DETAINED})


def general(facts: Facts) -> Sequence[Objection]:
    """Look at every record that may be about these goods; what only may be counts while it is recent."""
    too_much = [fail(Reason.TOO_MUCH_KNOWN)] if facts.kept.truncated else []
    return [*too_much, *_said(facts), *_recalls(facts), *_held(facts)]


def _said(facts: Facts) -> Iterator[Objection]:
    for each in facts.about_goods("inspection_outcome"):
        if each.body.conclusion in _FOUND and facts.concerns_goods(each):
            yield _adverse(Reason.ADVERSE_RESULT, each, outcome.Conclusion.Name(each.body.conclusion)[11:])
    for each in facts.about_goods("screening_result"):
        if each.body.recommendation == RECOMMENDATION_NO_LOAD and facts.concerns_goods(each):
            yield _adverse(Reason.ADVERSE_RESULT, each, "NO_LOAD recommended")
    for each in facts.about_goods("arrival_feedback"):
        found = each.body.conclusion in _FOUND
        if (each.body.contradiction or found) and facts.concerns_goods(each):
            yield _adverse(Reason.CONTRADICTED, each, "arrival feedback")
    for each in alerts_in_force(facts):
        if each.partner:
            known = each.body.type in AlertType.values()
            yield _adverse(Reason.PARTNER_ALERT, each, AlertType.Name(each.body.type)[11:] if known else "unknown")


def _recalls(facts: Facts) -> Iterator[Objection]:
    """A recall counts whatever became of the record since: goods that stood on it must be looked at.

    Each issuer takes its own words back: of another's, it may know the ids and use them too.
    """
    if not facts.of("recall"):
        return
    ours = {(each.issuer, each.record_id) for kind in ("inspection_outcome", "screening_result")
            for each in facts.of(kind) if facts.match(each).may_be}  # fmt: skip
    ours |= {(each.stated.issuer, each.stated.record_id) for each in facts.operators if each.stated is not None}
    for each in facts.of("recall"):
        its = {record_id for issuer, record_id in ours if issuer == each.issuer}
        for record_id in sorted(its.intersection(each.body.record_ids)):
            yield fail(Reason.RECALLED, issuer=each.issuer, record=record_id, recall=each.body.recall_id)


def _held(facts: Facts) -> Iterator[Objection]:
    """Of an operator's standing in quarantine, rule 4 speaks: a control of the same goods stands without it."""
    for each in facts.held:
        is_of_goods = each.kind and each.kind not in OF_OPERATORS
        if is_of_goods and (not each.goods.is_named or facts.concerns_goods(each)):
            yield fail(Reason.QUARANTINED, record=each.record_id, judgement="QUARANTINED")


def _adverse(reason: Reason, each: Stated, what: str) -> Objection:
    return fail(reason, issuer=each.issuer, record=each.record_id, what=what)
