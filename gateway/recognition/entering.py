"""What a decision enters into the ledger: on whom it stood, by which method, office and device, on which records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.ports.ledger import LedgerEntry, Source, StoodOn
from gateway.recognition.doing import AEO, SCREENING, devices_by_method, done_at
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, RecordFacts
from mutualrecognition.records.v1.record_pb2 import Record

_MET: Final = frozenset({pb.CHECK_STANDING_MET, pb.CHECK_STANDING_MET_ON_CONDITION})
_STOOD: Final = frozenset({pb.OUTCOME_RELY, pb.OUTCOME_RELY_SUBJECT_TO, pb.OUTCOME_RELY_IN_PART, pb.OUTCOME_VERIFY})
_OUTCOMES: Final = {number: name.removeprefix("OUTCOME_") for name, number in pb.Outcome.items()}
_CODE: Final = re.compile("[A-Z0-9_]+")


def entry_of(decision_id: str, decision: pb.Decision, facts: DecisionFacts) -> LedgerEntry:
    """Read the entry out of a decision and the facts that it was made from. A decision that waits stands on nothing."""
    stands = decision.outcome in _STOOD
    partners, relied_on = set(), []
    for each in decision.records:
        partners.add(each.partner)
        if stands and each.relied_on:
            relied_on.append(each.record_id)
    return LedgerEntry(
        decision_id=decision_id,
        decided_at=decision.decided_at.seconds,
        outcome=_OUTCOMES[decision.outcome],
        partners=tuple(sorted(partners - {""})),
        stood_on=tuple(stood for _, stood in grounds_of(decision, facts)) if stands else (),
        records=tuple(relied_on),
        consignment=facts.question.consignment.SerializeToString(),
    )


def grounds_of(decision: pb.Decision, facts: DecisionFacts) -> Iterator[tuple[str, StoodOn]]:
    """Give on what each check that was met stands, with the record that says it: once for each check."""
    kept = _received(facts)
    for check in decision.checks:
        if check.standing in _MET and check.met_by < len(check.bases):
            basis = check.bases[check.met_by]
            for name in basis.record_ids:
                if name in kept:
                    yield from ((name, stood) for stood in _of_record(kept[name], basis.label))


def _received(facts: DecisionFacts) -> dict[str, RecordFacts]:
    return {each.record.header.record_id: each for each in facts.records if each.partner}


def _of_record(fact: RecordFacts, label: str) -> Iterator[StoodOn]:
    """Give what one record contributed; a mapping only tells who an operator is, and is no basis of its own."""
    record = fact.record
    partner, office, kind = fact.partner, record.header.issuing_office, record.WhichOneof("body") or ""
    match kind:
        case "inspection_outcome":
            done = done_at(record)
            for method, device in _methods(record, label):
                yield StoodOn(Source(partner, method, office, device), kind, done)
        case "screening_result":
            yield StoodOn(Source(partner, SCREENING, office), kind, done_at(record))
        case "aeo_status":
            yield StoodOn(Source(partner, AEO, office), kind, done_at(record))


def _methods(record: Record, label: str) -> Iterable[tuple[str, str]]:
    """Give the methods of a control that its basis names, each with its device; every one where it names none."""
    named, devices = frozenset(_CODE.findall(label)), devices_by_method(record)
    return [(method, device) for method, device in devices.items() if method in named] or devices.items()
