"""What a decision enters into the ledger."""

from __future__ import annotations

from gateway.ports.ledger import Source, StoodOn
from gateway.recognition.entering import entry_of
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, METHOD_KIND_RAD_RPM, Method
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import said


def control(number: int) -> Record:
    record = said(number)
    record.header.issuing_office = "CNYTN01"
    body = record.inspection_outcome
    body.ended_at.seconds = NOW - 60
    body.methods.extend([Method(kind=METHOD_KIND_NII_XRAY, equipment_id="XR-07"), Method(kind=METHOD_KIND_RAD_RPM)])
    return record


def screening(number: int) -> Record:
    record = said(number)
    record.screening_result.performed_at.seconds = NOW - 90
    return record


def decision(
    outcome: pb.Outcome.ValueType, *bases: tuple[str, int], standing: int = pb.CHECK_STANDING_MET
) -> pb.Decision:
    found = pb.Decision(outcome=outcome)
    found.decided_at.seconds = NOW
    for label, number in bases:
        check = found.checks.add(standing=standing)  # type: ignore[arg-type]
        check.bases.add(label=label, record_ids=[record_id(number)])
        found.records.add(record_id=record_id(number), partner="CN", relied_on=True, sequence=number)
    return found


def facts(*records: Record) -> DecisionFacts:
    kept = DecisionFacts(own="NL")
    kept.question.consignment.ucr = "U1"
    for number, record in enumerate(records, 1):
        kept.records.add(partner="CN", record=record, sequence=number)
    return kept


def test_the_method_that_counted_is_entered_with_office_and_device() -> None:
    entry = entry_of(record_id(9), decision(pb.OUTCOME_RELY, ("NII_XRAY at CNYTN", 1)), facts(control(1)))
    xray = Source("CN", "NII_XRAY", "CNYTN01", "XR-07")
    assert entry.stood_on == (StoodOn(xray, "inspection_outcome", NOW - 60),)
    assert (entry.outcome, entry.partners, entry.records) == ("RELY", ("CN",), (record_id(1),))
    assert entry.consignment


def test_each_part_of_a_combination_is_entered() -> None:
    both = decision(pb.OUTCOME_RELY, ("screening + RAD_RPM at CNYTN", 1))
    both.checks[0].bases[0].record_ids.append(record_id(2))
    both.records.add(record_id=record_id(2), partner="CN", relied_on=True, sequence=2)
    entry = entry_of(record_id(9), both, facts(control(1), screening(2)))
    assert [each.source.method for each in entry.stood_on] == ["RAD_RPM", "SCREENING"]


def test_where_no_method_is_named_each_stands() -> None:
    entry = entry_of(record_id(9), decision(pb.OUTCOME_RELY, ("", 1)), facts(control(1)))
    assert [each.source.method for each in entry.stood_on] == ["NII_XRAY", "RAD_RPM"]


def test_what_remains_was_not_avoided() -> None:
    left = decision(pb.OUTCOME_RELY_IN_PART, ("NII_XRAY", 1), standing=pb.CHECK_STANDING_REMAINS)
    assert entry_of(record_id(9), left, facts(control(1))).stood_on == ()


def test_one_that_did_not_rely_counts_for_its_partner_and_stands_on_nothing() -> None:
    entry = entry_of(record_id(9), decision(pb.OUTCOME_DO_NOT_RELY, ("NII_XRAY", 1)), facts(control(1)))
    assert (entry.partners, entry.stood_on, entry.records) == (("CN",), (), ())


def test_another_partner_s_record_of_the_same_id_stands_for_nothing() -> None:
    kept = facts(control(1), control(1))
    kept.records[1].partner = "XA"
    entry = entry_of(record_id(9), decision(pb.OUTCOME_RELY, ("NII_XRAY at CNYTN", 1)), kept)
    assert [each.source.partner for each in entry.stood_on] == ["CN"]


def test_of_two_records_of_one_id_each_carries_what_stands_on_it() -> None:
    """Whoever uses the id of another's record, and is relied on too, takes no check of the other's over."""
    kept = facts(control(1), screening(1))
    kept.records[1].partner = "XA"
    for records in (kept.records[:], kept.records[::-1]):
        found = decision(pb.OUTCOME_RELY, ("NII_XRAY at CNYTN", 1), ("screening", 1))
        for place, issuer in enumerate(("CN", "XA")):
            found.checks[place].bases[0].issuer = found.records[place].partner = issuer
            found.records[place].sequence = place + 1
        entry = entry_of(record_id(9), found, DecisionFacts(own="NL", question=kept.question, records=records))
        assert [(each.source.partner, each.source.method) for each in entry.stood_on] == [
            ("CN", "NII_XRAY"),
            ("XA", "SCREENING"),
        ]
