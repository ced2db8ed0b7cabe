"""What a decision enters into the ledger: on whom it stood, by which method, office and device, on which records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from gateway.ports.ledger import LedgerEntry, Source, StoodOn
from gateway.recognition.doing import AEO, SCREENING, devices_by_method, done_at
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, RecordFacts

_MET: Final = frozenset({pb.CHECK_STANDING_MET, pb.CHECK_STANDING_MET_ON_CONDITION})
_STOOD: Final = frozenset({pb.OUTCOME_RELY, pb.OUTCOME_RELY_SUBJECT_TO, pb.OUTCOME_RELY_IN_PART, pb.OUTCOME_VERIFY})
_OUTCOMES: Final = {number: name.removeprefix("OUTCOME_") for name, number in pb.Outcome.items()}
_NONE: Final[Sequence[RecordFacts]] = ()
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
    relied = {each.sequence for each in decision.records if each.relied_on}
    kept: dict[str, list[RecordFacts]] = {}
    for each in facts.records:
        if each.sequence in relied:
            kept.setdefault(each.record.header.record_id, []).append(each)
    contributed: dict[int, Mapping[str, StoodOn]] = {}
    for check in decision.checks:
        bases, met_by = check.bases, check.met_by
        if check.standing in _MET and met_by < len(bases):
            basis = bases[met_by]
            for name in basis.record_ids:
                for fact in _of_issuer(kept.get(name, _NONE), basis.issuer):
                    if fact.sequence not in contributed:
                        contributed[fact.sequence] = _by_method(fact)
                    for stood in _meant(contributed[fact.sequence], basis.label):
                        yield name, stood


def _of_issuer(several: Sequence[RecordFacts], issuer: str) -> Sequence[RecordFacts]:
    """Give the record that a basis names: two partners may have used its id, and the decision rely on both."""
    return several if len(several) < 2 else [each for each in several if each.partner == issuer] or several


def _by_method(fact: RecordFacts) -> Mapping[str, StoodOn]:
    """Give what one record contributes; a mapping only tells who an operator is, and is no basis of its own."""
    record = fact.record
    partner, office, kind = fact.partner, record.header.issuing_office, record.WhichOneof("body") or ""
    match kind:
        case "inspection_outcome":
            devices = devices_by_method(record)
        case "screening_result":
            devices = {SCREENING: ""}
        case "aeo_status":
            devices = {AEO: ""}
        case _:
            return {}
    done = done_at(record)
    return {name: StoodOn(Source(partner, name, office, device), kind, done) for name, device in devices.items()}


def _meant(by_method: Mapping[str, StoodOn], label: str) -> Iterable[StoodOn]:
    """Give the methods of a record that its basis names; every one where it names none."""
    if len(by_method) < 2:
        return by_method.values()
    named = _named(label)
    return [stood for name, stood in by_method.items() if name in named] or by_method.values()


@lru_cache(maxsize=1024)
def _named(label: str) -> frozenset[str]:
    """Give the words of a label that may be a method's name; labels are few, as methods and places are."""
    return frozenset(_CODE.findall(label))
