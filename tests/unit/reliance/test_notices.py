"""The notice of a decision: what each partner is told, by the rules of its kind."""

from __future__ import annotations

from gateway import records
from gateway.ports.decisions import StoredDecision
from gateway.recognition.telling import tell
from gateway.reliance.notices import notices_of
from mutualrecognition.national.v1.decision_pb2 import OUTCOME_DO_NOT_RELY
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY, METHOD_KIND_RAD_RPM
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_notice_pb2 import RELIANCE_OUTCOME_RELY_SUBJECT_TO
from tests.unit.recognition.world import BOX, NOW, World, control, question


def decided(world: World) -> StoredDecision:
    decision = world.decide(question())
    answer, facts = tell(decision).SerializeToString(), decision.facts.kept.SerializeToString()
    return StoredDecision(1, "D-1", "desk", "R-1", b"", 1, answer, b"", None, 0, facts)


def test_a_partner_is_told_what_its_record_stood_for() -> None:
    world = World()
    name = world.told(control())
    ((partner, record),) = notices_of(decided(world)).items()
    body = record.reliance_notice
    assert (partner, body.decision_id, body.decided_at.seconds) == ("CN", "D-1", NOW)
    assert (body.outcome, list(body.record_ids)) == (RELIANCE_OUTCOME_RELY_SUBJECT_TO, [name])
    assert [(each.record_id, each.method) for each in body.stood_on] == [
        (name, METHOD_KIND_NII_XRAY),
        (name, METHOD_KIND_RAD_RPM),
    ]
    assert set(body.checks_avoided) == {METHOD_KIND_NII_XRAY, METHOD_KIND_RAD_RPM}
    assert any(BOX in each for each in body.conditions)
    assert not records.check(issued(record))


def test_who_was_not_relied_on_is_told_nothing() -> None:
    world = World()
    world.told(control(conclusion="CONCLUSION_SEIZED_DETAINED"))
    stored = decided(world)
    assert world.decide(question()).answer.outcome == OUTCOME_DO_NOT_RELY
    assert notices_of(stored) == {}


def issued(record: Record) -> Record:
    header = record.header
    header.record_id, header.issuer, header.purpose = "01900000-0000-7000-8000-00000000000a", "NL", 1
    header.agreement_id, header.agreement_version, header.issued_at.seconds = "cn-nl", 1, NOW
    return record
