"""What a partner is told of a decision that relied on its records: which, for which threats, in place of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.ports.decisions import StoredDecision
from gateway.recognition.doing import method_name
from gateway.recognition.entering import grounds_of
from gateway.recognition.texts import condition_text
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_UNSPECIFIED, MethodKind
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_basis_pb2 import RelianceBasis
from mutualrecognition.records.v1.reliance_notice_pb2 import (
    RELIANCE_OUTCOME_RELY,
    RELIANCE_OUTCOME_RELY_IN_PART,
    RELIANCE_OUTCOME_RELY_SUBJECT_TO,
    RelianceNotice,
)
from mutualrecognition.records.v1.threat_pb2 import Threat

_OUTCOMES: Final = {
    pb.OUTCOME_RELY: RELIANCE_OUTCOME_RELY,
    pb.OUTCOME_RELY_SUBJECT_TO: RELIANCE_OUTCOME_RELY_SUBJECT_TO,
    pb.OUTCOME_RELY_IN_PART: RELIANCE_OUTCOME_RELY_IN_PART,
}
_METHODS: Final = tuple([kind for kind in MethodKind.values() if kind])
_NUMBERS: Final = {method_name(kind): kind for kind in _METHODS}
_CONDITIONS_AT_MOST: Final = 16
_RECORDS_AT_MOST: Final = 64
_TEXT_AT_MOST: Final = 140


def notices_of(stored: StoredDecision) -> Mapping[str, Record]:
    """Give the notice for each partner on whose records a decision relied; none for one that did not.

    Nearly every decision has one, so nothing is read that it does not tell, and no sentence made but of conditions.
    """
    decision = pb.Decision.FromString(stored.answer)
    outcome = _OUTCOMES.get(decision.outcome)
    if outcome is None:
        return {}
    records: dict[str, list[str]] = {}
    for each in decision.records:
        if each.relied_on and each.partner:
            records.setdefault(each.partner, []).append(each.record_id)
    if not records:
        return {}
    facts = DecisionFacts.FromString(stored.facts)
    plain = RelianceNotice(decision_id=stored.decision_id, consignment=facts.question.consignment, outcome=outcome)
    plain.decided_at.CopyFrom(decision.decided_at)
    if outcome == RELIANCE_OUTCOME_RELY_SUBJECT_TO:
        plain.conditions.extend(map(_told, decision.conditions[:_CONDITIONS_AT_MOST]))
    bases = _bases(decision, facts)
    return {partner: _notice(plain, decision, names, bases[partner]) for partner, names in records.items()}


def _notice(
    plain: RelianceNotice, decision: pb.Decision, names: Sequence[str], bases: Sequence[RelianceBasis]
) -> Record:
    """Complete what every partner is told by what this one is."""
    record = Record(reliance_notice=plain)
    body = record.reliance_notice
    record.header.subject.consignment.CopyFrom(body.consignment)
    body.record_ids.extend(names[:_RECORDS_AT_MOST])
    body.threats.extend(_threats(decision, frozenset(names)))
    body.stood_on.extend(bases)
    methods = frozenset([each.method for each in bases])
    body.checks_avoided.extend([kind for kind in _METHODS if kind in methods])
    return record


def _told(condition: pb.Condition) -> str:
    """Say a condition in a sentence, cut off where the rules of a notice allow no more."""
    return condition_text(condition.code, condition.container_number, condition.expected)[:_TEXT_AT_MOST]


def bases_of(decision: pb.Decision, facts: DecisionFacts, partner: str) -> Sequence[RelianceBasis]:
    """Give on what of a partner's each check stood, so that the partner counts by the same methods as this side."""
    return _bases(decision, facts)[partner]


def _bases(decision: pb.Decision, facts: DecisionFacts) -> Mapping[str, Sequence[RelianceBasis]]:
    """Give the bases by partner, none for one on whom nothing stood."""
    found: dict[str, list[RelianceBasis]] = defaultdict(list)
    for name, stood in grounds_of(decision, facts):
        some = found[stood.source.partner]
        if len(some) < _RECORDS_AT_MOST:
            method = _NUMBERS.get(stood.source.method, METHOD_KIND_UNSPECIFIED)
            some.append(RelianceBasis(record_id=name, method=method))
    return found


def _threats(decision: pb.Decision, names: frozenset[str]) -> Iterable[Threat.ValueType]:
    """Give the threats of the checks that were left out on these records, each once."""
    met = (pb.CHECK_STANDING_MET, pb.CHECK_STANDING_MET_ON_CONDITION)
    return {
        check.required.threat: None
        for check in decision.checks
        if check.standing in met and not names.isdisjoint(check.bases[check.met_by].record_ids)
    }
