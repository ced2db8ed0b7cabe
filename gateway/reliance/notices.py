"""What a partner is told of a decision that relied on its records: which, for which threats, in place of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.recognition.doing import method_name
from gateway.recognition.entering import grounds_of
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_UNSPECIFIED, MethodKind
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_basis_pb2 import RelianceBasis
from mutualrecognition.records.v1.reliance_notice_pb2 import RELIANCE_OUTCOME_RELY_SUBJECT_TO, RelianceOutcome
from mutualrecognition.records.v1.threat_pb2 import Threat

_OUTCOMES: Final = {
    pb.OUTCOME_RELY: "RELY",
    pb.OUTCOME_RELY_SUBJECT_TO: "RELY_SUBJECT_TO",
    pb.OUTCOME_RELY_IN_PART: "RELY_IN_PART",
}
_CONDITIONS_AT_MOST: Final = 16
_RECORDS_AT_MOST: Final = 64
_TEXT_AT_MOST: Final = 140


def notices_of(decision: pb.Decision, facts: DecisionFacts) -> Mapping[str, Record]:
    """Give the notice for each partner on whose records a decision relied; none for one that did not."""
    if decision.outcome not in _OUTCOMES:
        return {}
    records: dict[str, list[str]] = defaultdict(list)
    for each in decision.records:
        if each.relied_on and each.partner:
            records[each.partner].append(each.record_id)
    return {partner: _notice(decision, facts, partner, names) for partner, names in records.items()}


def _notice(decision: pb.Decision, facts: DecisionFacts, partner: str, names: Iterable[str]) -> Record:
    record = Record()
    consignment = facts.question.consignment
    record.header.subject.consignment.CopyFrom(consignment)
    body = record.reliance_notice
    body.decision_id = decision.decision_id
    body.consignment.CopyFrom(consignment)
    body.record_ids.extend(list(names)[:_RECORDS_AT_MOST])
    body.outcome = RelianceOutcome.Value(f"RELIANCE_OUTCOME_{_OUTCOMES[decision.outcome]}")
    body.decided_at.CopyFrom(decision.decided_at)
    body.threats.extend(_threats(decision, frozenset(names)))
    body.stood_on.extend(bases_of(decision, facts, partner))
    methods = {each.method for each in body.stood_on}
    body.checks_avoided.extend(kind for kind in MethodKind.values() if kind and kind in methods)
    if body.outcome == RELIANCE_OUTCOME_RELY_SUBJECT_TO:
        told = [(each.text or each.code)[:_TEXT_AT_MOST] for each in decision.conditions]
        body.conditions.extend(told[:_CONDITIONS_AT_MOST])
    return record


def bases_of(decision: pb.Decision, facts: DecisionFacts, partner: str) -> Sequence[RelianceBasis]:
    """Give on what of a partner's each check stood, so that the partner counts by the same methods as this side."""
    numbers = {method_name(kind): kind for kind in MethodKind.values() if kind}
    found = [
        RelianceBasis(record_id=name, method=numbers.get(stood.source.method, METHOD_KIND_UNSPECIFIED))
        for name, stood in grounds_of(decision, facts)
        if stood.source.partner == partner
    ]
    return found[:_RECORDS_AT_MOST]


def _threats(decision: pb.Decision, names: frozenset[str]) -> Iterable[Threat.ValueType]:
    """Give the threats of the checks that were left out on these records, each once."""
    met = (pb.CHECK_STANDING_MET, pb.CHECK_STANDING_MET_ON_CONDITION)
    return {
        check.required.threat: None
        for check in decision.checks
        if check.standing in met and not names.isdisjoint(check.bases[check.met_by].record_ids)
    }
