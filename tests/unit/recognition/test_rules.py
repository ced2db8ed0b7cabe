"""Each rule by itself: one fact made worse, and the reason that it must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.recognition.reasons import Reason
from gateway.recognition.results import fail
from gateway.recognition.rules import RULES, Rule
from gateway.recognition.telling import tell
from gateway.recognition.texts.english import REASONS
from mutualrecognition.national.v1.reliance_pb2 import SuspensionScope
from mutualrecognition.records.v1.threat_pb2 import THREAT_EXPLOSIVES_IED, THREAT_WEAPONS
from tests.unit.recognition.world import (
    BILL,
    BOX,
    DAY,
    HOUR,
    NOW,
    PORTAL,
    ROWS,
    SEAL,
    TIN,
    XRAY,
    World,
    agreement,
    alert,
    arrival,
    control,
    goods,
    iso,
    movement,
    operator,
    question,
    screening,
    seal,
    seal_event,
    standing,
)

Case = Callable[[], tuple[World, dict[str, Any]]]
AT_GATE = arrival()


def told(*bodies: dict[str, Any], world: World | None = None, **provenance: Any) -> World:
    world = world or World()
    for body in bodies:
        world.told(body, **provenance)
    return world


def asked(required: tuple[str, str] = XRAY, **other: Any) -> dict[str, Any]:
    return question([required], **{**AT_GATE, **other})


def of_operator(
    status: dict[str, Any] | None = None, role: str = "EXPORTER", **other: Any
) -> tuple[World, dict[str, Any]]:
    """The one check that rests on an operator's standing alone."""
    world = told(standing() if status is None else status, purpose="AEO_BENEFIT")
    return world, asked(("WEAPONS", "DOCUMENTS"), declared=operator(role), **other)


def screened(**changes: Any) -> tuple[World, dict[str, Any]]:
    assessed = [{"threat": "THREAT_NARCOTICS", "level": "THREAT_LEVEL_NONE"}]
    body = screening(**{"assessments": assessed, **changes})
    return told(body), asked(("NARCOTICS", "TARGETING"))


def withdrawn() -> tuple[World, dict[str, Any]]:
    world = World()
    record = world.told(control())
    world.told({"withdrawal": {"reason": "WITHDRAWAL_REASON_FACTS_WRONG"}}, supersedes=record)
    return world, asked()


def superseded() -> tuple[World, dict[str, Any]]:
    world = World()
    record = world.told(control())
    world.told(control(conclusion="CONCLUSION_INCONCLUSIVE"), supersedes=record)
    return world, asked()


def taken_back_by_alert() -> tuple[World, dict[str, Any]]:
    world = World()
    record = world.told(control())
    world.told(alert("RECORD_WITHDRAWN", record_ids=[record]))
    return world, asked()


def recalled() -> tuple[World, dict[str, Any]]:
    world = World()
    record = world.told(control())
    world.told({"recall": {"recall_id": "RC-1", "record_ids": [record], "cause": "RECALL_CAUSE_EQUIPMENT_FAULT"}})
    return world, asked()


def swapped() -> tuple[World, dict[str, Any]]:
    world = told(control(consignment=goods(container_numbers=["TCLU7719057"])))
    world.told(movement("CONTAINER_SWAPPED", NOW - DAY, from_container="TCLU7719057", to_container=BOX))
    return world, asked()


def in_union() -> tuple[World, dict[str, Any]]:
    union = '[[unions]]\ncode = "XU"\nmembers = ["CN"]\nissuing = []\n'
    return told(control(), world=World(agreements=(agreement(rows=ROWS + union),))), asked()


def unknown_equipment(**entry: Any) -> tuple[World, dict[str, Any]]:
    method = {"kind": "METHOD_KIND_NII_XRAY", "equipment_id": "X-7"}
    world = told(control(methods=[method]))
    if entry:
        body = {"equipment_id": "X-7", "method": "METHOD_KIND_NII_XRAY", **entry}
        world.told({"equipment": body}, issued_at=NOW - 300 * DAY)
    return world, asked()


def with_data(**changes: Any) -> tuple[World, dict[str, Any]]:
    data = {"level": "DOCUMENT_LEVEL_MASTER", "consignment": goods(), **changes}
    declared = {"gross_weight_kg": "10000", "hs_codes": ["851762"], "hs_edition": "2022"}
    return told(control(), {"consignment_data": data}), asked(declared=declared)


def suspended(reason: str) -> tuple[World, dict[str, Any]]:
    return told(control(), world=World(partners={"CN": (reason, NOW)})), asked()


def not_relied_on(**scope: Any) -> tuple[World, dict[str, Any]]:
    """A control by a unit of an office, on goods from Yantian to Rotterdam; reliance on this scope is suspended."""
    world = World(suspended=(SuspensionScope(**{"partner": "CN", **scope}),))
    xray = {"kind": "METHOD_KIND_NII_XRAY", "equipment_id": "XR-07", "xray": {"energy_mev": 6.0}}
    places = [{"locode": "CNYTN"}, {"locode": "NLRTM"}]
    world.told(control(methods=[xray]), issuing_office="CNYTN01")
    return world, asked(declared={"itinerary": places})


def outcome(**changes: Any) -> tuple[World, dict[str, Any]]:
    return told(control(**changes)), asked()


def adverse(body: dict[str, Any], issuer: str = "US") -> tuple[World, dict[str, Any]]:
    world = told(control())
    world.told(body, issuer=issuer)
    return world, asked()


def sealed_then(*events: dict[str, Any], **gate: Any) -> tuple[World, dict[str, Any]]:
    return told(control(), *events), asked(**arrival(**gate))


def route(*events: dict[str, Any], via: tuple[str, ...] = (), **changes: Any) -> tuple[World, dict[str, Any]]:
    places = [{"locode": each} for each in ("CNYTN", *via, "NLRTM")]
    return told(control(**changes), *events), asked(declared={"itinerary": places})


def local(kind: str) -> tuple[World, dict[str, Any]]:
    return told(control()), asked(local_facts=[{"type": f"LOCAL_FACT_TYPE_{kind}", "reference": "L-1"}])


def held(body: dict[str, Any], *, of: Case | None = None, **provenance: Any) -> tuple[World, dict[str, Any]]:
    """One more record beside what can be relied on; nobody can tell what it says."""
    world, question_ = of() if of else (told(control()), asked())
    world.told(body, held=True, **provenance)
    return world, question_


NO_SEAL_ROWS = ROWS.replace('seal = "H"\n', "")
FOUND = {"discrepancies": [{"discrepancy_class": "DISCREPANCY_CLASS_WEIGHT"}]}
OTHER_HOUSE = goods(transport_documents=[{"number": "H2", "level": "DOCUMENT_LEVEL_HOUSE"}])
OUR_HOUSE = goods(transport_documents=[{"number": "H1", "level": "DOCUMENT_LEVEL_HOUSE"}])

CASES: dict[str, tuple[Reason, Case]] = {
    "the agreement has ended": (Reason.NO_AGREEMENT, lambda: (told(control(), world=World(agreements=(agreement(until="2027-01-01"),))), asked())),
    "no agreement then": (Reason.NO_AGREEMENT, lambda: (told(control(at=1_700_000_000)), asked())),
    "another purpose": (Reason.PURPOSE_NOT_COVERED, lambda: (told(control(), purpose="FISCAL"), asked())),
    "nothing of the kind is released": (Reason.PURPOSE_NOT_COVERED, lambda: (told(control(), world=World(agreements=(agreement(senders=("US",)),))), asked())),
    "the link is suspended": (Reason.PARTNER_SUSPENDED, lambda: suspended("LOG_FORK")),
    "the agreement is suspended": (Reason.AGREEMENT_SUSPENDED, lambda: suspended("AGREEMENT_SUSPENDED")),
    "reliance is suspended": (Reason.RELIANCE_SUSPENDED, lambda: not_relied_on(office="CNYTN01")),
    "our alert": (Reason.LOCAL_ALERT, lambda: local("ALERT")),
    "unknown local fact": (Reason.LOCAL_ALERT, lambda: local("UNSPECIFIED")),
    "another agency": (Reason.OGA_HOLD, lambda: local("OTHER_AGENCY_HOLD")),
    "a sanction": (Reason.SANCTION, lambda: local("SANCTION")),
    "our no-load": (Reason.NO_LOAD, lambda: adverse(alert("NO_LOAD", container_numbers=[BOX]), issuer="NL")),
    "our hold": (Reason.LOCAL_ALERT, lambda: adverse(alert("HOLD_ON_ARRIVAL", container_numbers=[BOX]), issuer="NL")),
    "somebody found something": (Reason.ADVERSE_RESULT, lambda: adverse(control(conclusion="CONCLUSION_DISCREPANCY", control_id="US-1", **FOUND))),
    "no-load recommended": (Reason.ADVERSE_RESULT, lambda: adverse(screening(recommendation="RECOMMENDATION_NO_LOAD"))),
    "contradicted": (Reason.CONTRADICTED, lambda: adverse({"arrival_feedback": {"consignment": goods(), "contradiction": True}})),
    "a partner's alert": (Reason.PARTNER_ALERT, lambda: adverse(alert("NO_LOAD", container_numbers=[BOX]))),
    "recalled": (Reason.RECALLED, recalled),
    "not receipted": (Reason.NOT_PROVEN, lambda: (told(control(), receipted_at=0), asked())),
    "no key is known": (Reason.NOT_PROVEN, lambda: (told(control(), key_until=0), asked())),
    "the key ended before": (Reason.KEY_COMPROMISED, lambda: (told(control(), key_until=NOW - 10 * DAY), asked())),
    "no issuing member": (Reason.ISSUER_NOT_COVERED, in_union),
    "refused later": (Reason.QUARANTINED, lambda: (told(control(), judgement="REFUSED"), asked())),
    "in quarantine": (Reason.QUARANTINED, lambda: held(screening())),
    "its operator's standing in quarantine": (Reason.QUARANTINED, lambda: held(standing("SUSPENDED"), of=of_operator)),
    "corrected": (Reason.SUPERSEDED, superseded),
    "withdrawn": (Reason.WITHDRAWN, withdrawn),
    "withdrawn by alert": (Reason.WITHDRAWN, taken_back_by_alert),
    "a stale list": (Reason.PARTNER_FEED_STALE, lambda: ((pair := of_operator())[0].partners.update(CN=("", NOW - 25 * HOUR)), pair)[1]),
    "too old": (Reason.BASIS_TOO_OLD, lambda: (told(control(at=NOW - 31 * DAY)), asked())),
    "over": (Reason.BASIS_TOO_OLD, lambda: (told(control(), effective_to=iso(NOW - HOUR)), asked())),
    "ahead of time": (Reason.BASIS_IN_FUTURE, lambda: (told(control(at=NOW + DAY)), asked())),
    "the box alone": (Reason.IDENTITY_WEAK, lambda: outcome(consignment={"container_numbers": [BOX]})),
    "another house": (Reason.NOT_COVERED, lambda: (told(control(consignment=OTHER_HOUSE)), asked(consignment=OUR_HOUSE))),
    "some items": (Reason.NOT_COVERED, lambda: outcome(coverage={"extent": "COVERAGE_EXTENT_NAMED_ITEMS", "items": ["H2"]})),
    "nobody knows how much": (Reason.NOT_COVERED, lambda: outcome(coverage=None)),
    "a share": (Reason.NOT_COVERED, lambda: outcome(coverage={"extent": "COVERAGE_EXTENT_PARTIAL", "percent": 20})),
    "other weight": (Reason.WEIGHT_DIFF, lambda: with_data(total_gross_weight_kg="10600")),
    "other weight at the gate": (Reason.WEIGHT_DIFF, lambda: (told(control()), asked(declared={"gross_weight_kg": "10000"}, **arrival(gross_weight_kg="9000")))),
    "not weighed": (Reason.WEIGHT_UNKNOWN, lambda: (told(control(), world=World(agreements=(agreement(settings="weigh_at_gate = true"),))), asked())),
    "to be weighed": (Reason.WEIGHT_TO_VERIFY, lambda: (told(control(), world=World(agreements=(agreement(settings="weigh_at_gate = true"),))), question([XRAY]))),
    "other chapter": (Reason.HS_DIFF, lambda: with_data(goods=[{"sequence": 1, "description": "d", "hs_code": "610910"}])),
    "documents alone": (Reason.NO_CONTROL_DONE, lambda: outcome(methods=[{"kind": "METHOD_KIND_DOC"}])),
    "not performed": (Reason.NO_CONTROL_DONE, lambda: outcome(conclusion="CONCLUSION_NOT_PERFORMED", methods=[])),
    "no conclusion": (Reason.INCONCLUSIVE, lambda: outcome(conclusion="CONCLUSION_INCONCLUSIVE")),
    "unknown conclusion": (Reason.INCONCLUSIVE, lambda: outcome(conclusion=99)),
    "not clear": (Reason.NOT_CLEAR, lambda: outcome(conclusion="CONCLUSION_SEIZED_DETAINED")),
    "put right": (Reason.CORRECTED_NOT_ACCEPTED, lambda: outcome(conclusion="CONCLUSION_MINOR_CORRECTED", **FOUND)),
    "not assessed": (Reason.NOT_ASSESSED, lambda: screened(assessments=[{"threat": "THREAT_CASH", "level": "THREAT_LEVEL_NONE"}])),
    "data incomplete": (Reason.DATA_INCOMPLETE, lambda: screened(data_completeness="DATA_COMPLETENESS_PARTIAL")),
    "level too high": (Reason.LEVEL_TOO_HIGH, lambda: screened(assessments=[{"threat": "THREAT_NARCOTICS", "level": "THREAT_LEVEL_LOW"}])),
    "unknown level": (Reason.LEVEL_TOO_HIGH, lambda: screened(assessments=[{"threat": "THREAT_NARCOTICS", "level": 9}])),
    "another method": (Reason.METHOD_NOT_EQUIVALENT, lambda: outcome(methods=[{"kind": "METHOD_KIND_K9"}])),
    "unknown method": (Reason.METHOD_NOT_EQUIVALENT, lambda: outcome(methods=[{"kind": 99}])),
    "half a combination": (Reason.PART_MISSING, lambda: (told(screening()), asked())),
    "too weak": (Reason.EQUIPMENT_BELOW_MINIMUM, lambda: outcome(methods=[{"kind": "METHOD_KIND_NII_XRAY", "xray": {"energy_mev": 4.5}}])),
    "weak by the register": (Reason.EQUIPMENT_BELOW_MINIMUM, lambda: unknown_equipment(xray={"energy_mev": 3.0})),
    "calibration over": (Reason.EQUIPMENT_BELOW_MINIMUM, lambda: unknown_equipment(xray={"energy_mev": 6.0}, calibrated_until="2028-01-01")),
    "not in the register": (Reason.EQUIPMENT_UNKNOWN, unknown_equipment),
    "retired": (Reason.EQUIPMENT_UNKNOWN, lambda: unknown_equipment(xray={"energy_mev": 6.0}, retired=True)),
    "not sealed": (Reason.NO_SEAL_AFTER_CONTROL, lambda: outcome(seals_after=[])),
    "a weak seal": (Reason.SEAL_CLASS_LOW, lambda: outcome(seals_after=[seal(strength="INDICATIVE")])),
    "another seal": (Reason.SEAL_MISMATCH, lambda: sealed_then(number="XX1")),
    "another seal on the way": (Reason.SEAL_MISMATCH, lambda: sealed_then(seal_event("VERIFIED_INTACT", NOW - DAY, "XX1"))),
    "not looked at": (Reason.SEAL_NOT_CHECKED, lambda: sealed_then(state="NOT_CHECKED")),
    "to be seen": (Reason.SEAL_TO_VERIFY, lambda: (told(control()), question([XRAY]))),
    "missing": (Reason.CUSTODY_GAP, lambda: sealed_then(state="MISSING")),
    "opened by nobody known": (Reason.CUSTODY_GAP, lambda: sealed_then(seal_event("CUT_FOR_CONTROL", NOW - DAY, linked_control_id="?"))),
    "replaced by the carrier": (Reason.CUSTODY_GAP, lambda: sealed_then(seal_event("REPLACED", NOW - DAY, "C2", replaces=SEAL, reason="lost", sealer="SEALER_CARRIER"), number="C2")),
    "swapped": (Reason.CUSTODY_GAP, swapped),
    "elsewhere": (Reason.ROUTE_DEVIATION, lambda: route(movement("ARRIVED", NOW - DAY, place={"locode": "LKCMB"}))),
    "another way": (Reason.ROUTE_DEVIATION, lambda: route(movement("ITINERARY_CHANGED", NOW - DAY, itinerary=[{"locode": "CNYTN"}, {"locode": "GBFXT"}]))),
    "transhipped": (Reason.TRANSHIPMENT_UNVERIFIED, lambda: route(via=("LKCMB",), seals_after=[])),
    "suspended operator": (Reason.AEO_SUSPENDED, lambda: of_operator(standing("SUSPENDED"))),
    "revoked operator": (Reason.AEO_NOT_CERTIFIED, lambda: of_operator(standing("REVOKED"))),
    "certificate over": (Reason.AEO_NOT_CERTIFIED, lambda: of_operator(standing(valid_until="2028-01-01"))),
    "compliance only": (Reason.AEO_SCOPE, lambda: of_operator(standing(scope="AEO_SCOPE_COMPLIANCE"))),
    "another role": (Reason.AEO_ROLE, lambda: of_operator(role="CARRIER")),
    "an operator that nobody knows": (Reason.AEO_UNMATCHED, lambda: (World(), asked(("WEAPONS", "DOCUMENTS"), declared=operator()))),
    "consent withdrawn": (Reason.CONSENT_WITHDRAWN, lambda: of_operator({"aeo_status": {"tin": TIN, "consent": {"withdrawn_at": iso(NOW - DAY)}}})),
    "a new rule": (Reason.NEW_THREAT, lambda: (told(control()), asked(local_rules=[{"threat": "THREAT_EXPLOSIVES_IED", "effective_from": iso(NOW - HOUR)}]))),
    "nothing said": (Reason.NO_BASIS, lambda: (World(), asked())),
    "nothing agreed": (Reason.NO_EQUIVALENCE, lambda: (World(), asked(("WASTE", "PHYSICAL")))),
}  # fmt: skip


WITHOUT_A_RULE = {Reason.NO_BASIS, Reason.NO_EQUIVALENCE, Reason.PART_MISSING}
"""Nothing is there to be judged."""


@pytest.mark.parametrize("name", CASES)
def test_a_worse_fact_gives_its_reason_and_no_reliance(name: str) -> None:
    reason, make = CASES[name]
    world, question_ = make()
    assert reason in world.reasons(question_)
    gate = reason in (Reason.SEAL_TO_VERIFY, Reason.WEIGHT_TO_VERIFY)
    assert world.outcome(question_) == ("RELY_SUBJECT_TO" if gate else "DO_NOT_RELY")


def test_every_reason_is_reached_and_has_a_sentence() -> None:
    elsewhere = {Reason.DEADLINE_PASSED, Reason.TOO_MUCH_KNOWN}  # test_outcomes
    assert {reason for reason, _ in CASES.values()} | elsewhere == set(Reason)
    assert set(REASONS) == {str(each) for each in Reason}


@pytest.mark.parametrize("name", [name for name, (reason, _) in CASES.items() if reason not in WITHOUT_A_RULE])
def test_without_its_rule_a_reason_is_never_given(name: str) -> None:
    reason, make = CASES[name]
    world, question_ = make()
    (giving,) = [rule for rule in RULES if reason in _reasons(world, rule.number, question_)]
    mutants = tuple(rule.always_holding() if rule is giving else rule for rule in RULES)
    assert reason not in replace(world, rules=mutants).reasons(question_)


def _reasons(world: World, number: int, question_: dict[str, Any]) -> set[str]:
    answer = world.decide(question_).answer
    found = {each.reason for each in answer.general.get(number, ())}
    return found | {
        each.reason for one in answer.checks for basis in one.bases for each in basis.results.get(number, ())
    }


def test_what_a_rule_says_of_a_claim_is_worked_out_once_for_all_checks() -> None:
    judged: list[str] = []

    def counts(_: Any, claim: Any) -> Any:
        judged.append(claim.issuer)
        return (fail(Reason.WITHDRAWN),)

    counting = Rule(4, "authentic", of_claim=counts)
    answer = replace(told(control()), rules=(counting,)).decide(question([XRAY, PORTAL])).answer
    said = [[each.reason for each in basis.results[4]] for one in answer.checks for basis in one.bases]
    assert (judged, said) == (["CN"], [[Reason.WITHDRAWN], [Reason.WITHDRAWN]])


def test_good_facts_pass_every_rule() -> None:
    world, question_ = of_operator()
    assert world.reasons(question_) == set()
    assert world.outcome(question_) == "RELY"
    world, question_ = screened()
    assert world.outcome(question_) == "RELY"
    world, question_ = with_data(total_gross_weight_kg="10400", goods=[{"sequence": 1, "hs_code": "851713"}])
    assert world.reasons(question_) == set()


def test_what_is_held_says_nothing_itself() -> None:
    world, question_ = held(control(conclusion="CONCLUSION_SEIZED_DETAINED"))
    assert world.reasons(question_) == {"QUARANTINED"}
    assert [each.record_ids for each in world.decide(question_).answer.checks[0].bases] == [
        (world.records[0].record.header.record_id,)
    ]


def test_what_is_held_refuses_nothing_once_it_is_settled_or_about_other_goods() -> None:
    other = goods(container_numbers=["TCLU7719057"], ucr="OTHER", transport_documents=[])
    old = control(at=NOW - 90 * DAY, consignment={"container_numbers": [BOX]})
    for body, provenance in ((control(consignment=other), {}), (old, {}), (control(), {"judgement": "ACCEPTED"})):
        world, question_ = held(body, **provenance)
        assert world.outcome(question_) == "RELY", body
    world, question_ = held(screening())
    world.told(control(control_id="CN-2"), supersedes=world.records[-1].record.header.record_id)
    assert world.outcome(question_) == "RELY"


def test_a_held_standing_of_another_operator_or_beside_a_control_refuses_nothing() -> None:
    world, question_ = held(standing("SUSPENDED"))
    assert world.outcome(question_) == "RELY"
    stranger = {"aeo_status": {**standing("SUSPENDED")["aeo_status"], "tin": "CN999"}}
    world, question_ = held(stranger, of=of_operator)
    assert world.outcome(question_) == "RELY"


def test_a_held_withdrawal_refuses_what_it_may_take_back() -> None:
    world, question_ = held({"withdrawal": {"reason": "WITHDRAWAL_REASON_ISSUED_IN_ERROR"}})
    assert world.reasons(question_) == {"QUARANTINED"}


def test_a_seal_that_customs_replaced_is_explained() -> None:
    event = seal_event("REPLACED", NOW - DAY, "NL-2", replaces=SEAL, reason="damaged")
    world, question_ = sealed_then(event, number="nl 2")
    assert world.outcome(question_) == "RELY"


def test_a_control_on_the_way_that_seals_again_keeps_custody() -> None:
    later = control(NOW - DAY, control_id="LK-1", seals_before=[seal()], seals_after=[seal("LK-7")])
    world, question_ = sealed_then(number="LK-7")
    world.told(later, issuer="US")
    assert world.outcome(question_) == "RELY"


def test_a_swap_that_customs_sealed_keeps_custody() -> None:
    world, _ = swapped()
    world.told(seal_event("AFFIXED", NOW - DAY, "NEW-1"))
    assert world.outcome(asked(**arrival(number="NEW-1"))) == "RELY"


def test_air_cargo_is_the_same_by_its_document() -> None:
    by_air = {"transport_documents": [{"number": BILL, "level": "DOCUMENT_LEVEL_HOUSE"}]}
    world = told(control(consignment=by_air, seals_after=[]))
    assert world.outcome(asked(mode="TRANSPORT_MODE_AIR", consignment=by_air, arrival={"at": iso(NOW)})) == "RELY"


def test_what_another_partner_says_under_the_same_record_id_counts_for_nothing() -> None:
    """A record that went to several partners has one id for all of them: one of them may use it for its own words."""
    world, about = of_operator(standing(scope="AEO_SCOPE_COMPLIANCE"))
    said = world.records[0].record.header.record_id
    world.told(standing(at=NOW - DAY), issuer="US", purpose="AEO_BENEFIT", record_id=said)
    assert "AEO_SCOPE" in world.reasons(about)
    assert world.outcome(about) == "DO_NOT_RELY"
    world, about = of_operator()
    said = world.records[0].record.header.record_id
    world.told(standing("REVOKED", NOW - DAY), issuer="US", purpose="AEO_BENEFIT", record_id=said)
    told_of = tell(world.decide(about))
    assert [(each.partner, each.relied_on) for each in told_of.records] == [("CN", True), ("US", False)]


def test_a_recall_takes_back_its_issuer_s_own_words_alone() -> None:
    """Another may know the ids, and use them too: only a recall of its own words about these goods refuses anything."""
    recall = {"recall_id": "RC-1", "cause": "RECALL_CAUSE_EQUIPMENT_FAULT"}
    world = World()
    record = world.told(control())
    world.told({"recall": {**recall, "record_ids": [record]}}, issuer="US")
    assert world.outcome(asked()) == "RELY"
    world.told(control(control_id="US-1"), issuer="US", record_id=record)  # of these goods: it refuses them all
    assert "RECALLED" in world.reasons(asked())
    assert world.outcome(asked()) == "DO_NOT_RELY"


def test_a_mapping_matches_a_national_number() -> None:
    world, _ = of_operator()
    local_id = {"scheme": "EORI", "value": "NL123"}
    by_number = asked(
        ("WEAPONS", "DOCUMENTS"), declared={"operators": [{"role": "AEO_ROLE_EXPORTER", "local_id": local_id}]}
    )
    assert world.reasons(by_number) == {"AEO_UNMATCHED"}
    world.told({"identifier_mapping": {"tin": TIN, "local_ids": [local_id]}})
    assert world.outcome(by_number) == "RELY"


def test_a_lifted_alert_is_over() -> None:
    world, question_ = adverse(alert("NO_LOAD", container_numbers=[BOX]))
    assert world.outcome(question_) == "DO_NOT_RELY"
    world.told(alert("NO_LOAD_LIFTED", alert_id="A-2", lifts="A-1", container_numbers=[BOX]) | {}, issuer="US")
    assert world.outcome(question_) == "RELY"


def test_what_was_found_in_the_box_on_its_last_journey_is_no_matter() -> None:
    other = goods(ucr="OTHER", transport_documents=[{"number": "LAST", "level": "DOCUMENT_LEVEL_MASTER"}])
    world, question_ = adverse(control(NOW - 20 * DAY, conclusion="CONCLUSION_DISCREPANCY", consignment=other, **FOUND))
    assert world.outcome(question_) == "RELY"
    assert PORTAL


DONE = NOW - 5 * DAY


@pytest.mark.parametrize(
    ("scope", "falls_under"),
    [
        ({}, True),
        ({"partner": "US"}, False),
        ({"office": "CNSHA02"}, False),
        ({"equipment_id": "XR-07"}, True),
        ({"equipment_id": "XR-01"}, False),
        ({"equipment_id": "XR-07", "office": "CNSHA02"}, False),
        ({"kind": "inspection_outcome"}, True),
        ({"kind": "screening_result"}, False),
        ({"threat": THREAT_EXPLOSIVES_IED}, True),
        ({"threat": THREAT_WEAPONS}, False),
        ({"loaded_at": "CN", "discharged_at": "NLRTM"}, True),
        ({"loaded_at": "CNSHA"}, False),
        ({"discharged_at": "BE"}, False),
        ({"done_from": Timestamp(seconds=DONE), "done_until": Timestamp(seconds=DONE + 1)}, True),
        ({"done_from": Timestamp(seconds=DONE + 1)}, False),
        ({"done_until": Timestamp(seconds=DONE)}, False),
    ],
    ids=str,
)
def test_every_field_of_a_suspension_narrows_it(scope: dict[str, Any], falls_under: bool) -> None:
    world, question_ = not_relied_on(**scope)
    assert (Reason.RELIANCE_SUSPENDED in world.reasons(question_)) is falls_under


def test_a_way_that_nobody_declared_may_have_been_any() -> None:
    world, _ = not_relied_on(loaded_at="CNSHA")
    assert Reason.RELIANCE_SUSPENDED in world.reasons(asked())
