"""How each kind's example is spoilt, so that exactly one rule across its fields is broken.

A change sets the field at a path of the example's JSON, or takes it away (``None``). Faults of single fields (a form,
a length, an unknown value) need no table: make_records.py derives them from the annotations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OTHER_ID = "0193b2c4-5d6e-7f80-9a1b-2c3d4e5fffff"
EARLY, LATE = "2026-11-01T00:00:00Z", "2026-12-24T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: its name, where it is told, and the changes that break it."""

    rule: str
    at: str
    changes: dict[str, Any]


def _body(kind: str, rule: str, at: str = "", **changes: Any) -> Fault:
    """Spoil the body; double underscores in names stand for dots."""
    path = f"{kind}.{at}" if at else kind
    return Fault(rule, path, {f"{kind}.{name.replace('__', '.')}": value for name, value in changes.items()})


DOC = [{"kind": "METHOD_KIND_DOC"}]
ALARM = [{"kind": "METHOD_KIND_RAD_RPM", "radiation": {"alarm": "RADIATION_ALARM_UNRESOLVED"}}]

HEADER = (
    Fault("header.effective_order", "header", {"header.effective_from": LATE, "header.effective_to": EARLY}),
    Fault("header.retention_order", "header", {"header.retain_until": EARLY}),
    Fault("header.supersedes_itself", "header", {"header.supersedes": "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0005"}),
    Fault("record.agreement", "header", {"header.agreement_id": None}),
    Fault("record.subject_kind", "header.subject", {"header.subject": {"origin": "customs.cn.example/links/NL/1"}}),
    Fault("consignment.key_missing", "header.subject.consignment", {"header.subject": {"consignment": {"lrn": "1"}}}),
    Fault("required", "header.subject.about", {"header.subject": {}}),
    Fault("timestamp.plausible", "header.issued_at", {"header.issued_at": "1970-01-01T00:00:00Z"}),
    Fault("text.control_characters", "header.issuing_office", {"header.issuing_office": "51\u202e16"}),
)


def _answers(kind: str) -> tuple[Fault, ...]:
    return (
        _body(kind, f"{kind}.state", state="REQUEST_STATE_SENT", **_EMPTY[kind]),
        _body(kind, f"{kind}.decline_reason", state="REQUEST_STATE_DECLINED", **_EMPTY[kind]),
    )


_EMPTY: dict[str, dict[str, Any]] = {
    "control_answer": {"scheduled_for": None},
    "screening_answer": {"result_record_id": None},
    "information_answer": {"elements": None},
}

FAULTS: dict[str, tuple[Fault, ...]] = {
    "aeo_status": (
        _body("aeo_status", "aeo_status.tombstone_only", consent={"withdrawn_at": EARLY}),
        _body("aeo_status", "aeo_status.standing_incomplete", scope=None),
        _body("aeo_status", "aeo_status.reason_missing", status="AEO_STATE_SUSPENDED"),
        _body("aeo_status", "aeo_status.validity_order", valid_until="2025-06-11"),
        _body("aeo_status", "aeo_status.no_such_day", valid_until="2027-02-30"),
        Fault("record.subject_differs", "header.subject", {"header.subject": {"operator": {"tin": "CN0000000000"}}}),
        Fault(
            "consent.order",
            "aeo_status.consent",
            {"aeo_status": {"tin": "CN1234567890", "consent": {"given_at": LATE, "withdrawn_at": EARLY}}},
        ),
    ),
    "screening_result": (
        _body(
            "screening_result",
            "screening_result.missing_elements",
            data_completeness="DATA_COMPLETENESS_PARTIAL",
        ),
        _body(
            "screening_result",
            "screening_result.threat_twice",
            assessments=[
                {"threat": "THREAT_CASH", "level": level} for level in ("THREAT_LEVEL_LOW", "THREAT_LEVEL_HIGH")
            ],
        ),
    ),
    "inspection_outcome": (
        _body("inspection_outcome", "inspection_outcome.time_order", started_at=LATE),
        _body("inspection_outcome", "inspection_outcome.method_missing", methods=None),
        _body("inspection_outcome", "inspection_outcome.documents_cover_nothing", methods=DOC),
        _body("inspection_outcome", "inspection_outcome.unresolved_alarm", methods=ALARM),
        _body("inspection_outcome", "inspection_outcome.discrepancies", conclusion="CONCLUSION_DISCREPANCY"),
        _body(
            "inspection_outcome",
            "inspection_outcome.not_performed",
            not_performed_reason="NOT_PERFORMED_REASON_SAFETY",
        ),
        _body("inspection_outcome", "inspection_outcome.request", reason="CONTROL_REASON_PARTNER_REQUEST"),
        _body(
            "inspection_outcome",
            "inspection_outcome.code_unmapped",
            "national_code",
            national_code={"scheme": "EU_TRANSIT", "code": "Z9"},
        ),
        _body(
            "inspection_outcome",
            "inspection_outcome.code_overstated",
            "national_code",
            national_code={"scheme": "EU_TRANSIT", "code": "A2"},
        ),
        _body("inspection_outcome", "coverage.detail", "coverage", coverage={"extent": "COVERAGE_EXTENT_PARTIAL"}),
        _body(
            "inspection_outcome",
            "method.detail",
            "methods[0]",
            methods=[{"kind": "METHOD_KIND_K9", "trace_technology": "ETD"}],
        ),
        _body("inspection_outcome", "location.empty", "location", location={}),
    ),
    "judgement": (
        _body("judgement", "judgement.violations", verdict="VERDICT_ACCEPTED"),
        _body("judgement", "leaf_range.order", "ranges[0]", ranges=[{"first": "18", "last": "17"}]),
        Fault("record.agreement", "header", {"header.agreement_id": "cn-nl-2026"}),
    ),
    "seal_event": (
        _body("seal_event", "seal_event.cut_control", event="SEAL_EVENT_TYPE_CUT_FOR_CONTROL", linked_control_id=None),
        _body("seal_event", "seal_event.replacement", event="SEAL_EVENT_TYPE_REPLACED", replaces="CN1"),
        _body("seal_event", "seal_event.found_number", event="SEAL_EVENT_TYPE_NUMBER_MISMATCH"),
        _body("seal_event", "seal_event.replaces", event="SEAL_EVENT_TYPE_VERIFIED_INTACT", replaces="CN1"),
        _body("seal_event", "seal_event.same_number", replaces="cn-004 7821"),
    ),
    "control_request": (
        _body("control_request", "control_request.respond_by", respond_by="2026-11-20T20:00:00Z"),
        _body("control_request", "control_request.departure", etd="2026-11-20T19:59:59Z"),
        _body("control_request", "control_request.methods_wanted", methods_wanted=["METHOD_KIND_DOC"]),
        _body("control_request", "control_request.state", state="REQUEST_STATE_COMPLETED"),
        Fault("record.subject_differs", "header.subject", {"header.subject": {"request_id": "NL-REQ-0"}}),
    ),
    "control_answer": (
        *_answers("control_answer"),
        _body("control_answer", "control_answer.control_id", control_id="CN-YTN-2026-004711"),
        _body(
            "control_answer",
            "control_answer.outcome",
            state="REQUEST_STATE_DECLINED",
            decline_reason="DECLINE_REASON_ALREADY_CONTROLLED",
            control_id="CN-YTN-2026-004711",
            scheduled_for=None,
        ),
        _body("control_answer", "control_answer.scheduled_for", scheduled_for=None),
        _body("control_answer", "control_answer.methods_offered", methods_offered=["METHOD_KIND_K9"]),
    ),
    "screening_request": (_body("screening_request", "screening_request.state", state="REQUEST_STATE_ACCEPTED"),),
    "screening_answer": (
        *_answers("screening_answer"),
        _body("screening_answer", "screening_answer.result", result_record_id=None),
    ),
    "information_request": (
        _body("information_request", "information_request.about", tin="CN1234567890"),
        _body("information_request", "information_request.state", state="REQUEST_STATE_EXPIRED"),
    ),
    "information_answer": (
        *_answers("information_answer"),
        _body("information_answer", "information_answer.elements", elements=None),
    ),
    "consignment_data": (
        _body("consignment_data", "consignment_data.hs_edition", hs_edition=None),
        _body("consignment_data", "consignment_data.invoice", invoice_currency=None),
        _body(
            "consignment_data",
            "consignment_data.item_twice",
            goods=[{"sequence": 1, "description": "Telephones"}, {"sequence": 1, "description": "Chargers"}],
        ),
        _body("consignment_data", "consignment_data.missing_elements", missing_elements=["buyer"]),
        _body(
            "consignment_data",
            "consignment_data.link_level",
            links=[{"number": "MAEU240117846", "level": "DOCUMENT_LEVEL_MASTER"}],
        ),
        _body("consignment_data", "party.empty", "buyer", buyer={"address": {"country": "NL"}}),
        _body(
            "consignment_data",
            "transport_equipment.seal_count",
            "equipment[0]",
            equipment=[{"number": "MSKU3841906", "seal_count": 0, "seals": [{"number": "CN0047821"}]}],
        ),
    ),
    "arrival_feedback": (
        _body(
            "arrival_feedback",
            "arrival_feedback.relied_on",
            decision_id=None,
            control_ids=None,
            record_ids=None,
        ),
        _body("arrival_feedback", "arrival_feedback.conclusion", checks_done=None),
        _body("arrival_feedback", "arrival_feedback.contradiction", contradiction=True),
    ),
    "alert": (
        _body("alert", "alert.scope", container_numbers=None),
        _body("alert", "alert.lifts", type="ALERT_TYPE_NO_LOAD_LIFTED"),
        _body("alert", "alert.operator", type="ALERT_TYPE_OPERATOR_ALERT"),
        _body("alert", "alert.programme", type="ALERT_TYPE_PROGRAMME_INCIDENT"),
        _body("alert", "alert.records", type="ALERT_TYPE_RECORD_WITHDRAWN"),
        _body("alert", "alert.house_level", house_documents=[{"number": "M1", "level": "DOCUMENT_LEVEL_MASTER"}]),
    ),
    "alert_answer": (_body("alert_answer", "alert_answer.reason", state="ALERT_STATE_NOT_POSSIBLE"),),
    "movement_event": (
        _body("movement_event", "movement_event.new_voyage", new_voyage=None),
        _body("movement_event", "movement_event.containers", from_container="MSKU3841906"),
        _body("movement_event", "movement_event.itinerary", itinerary=[{"locode": "LKCMB"}]),
    ),
    "equipment": (
        _body("equipment", "equipment.method", method="METHOD_KIND_DOC", xray=None),
        _body("equipment", "equipment.xray", method="METHOD_KIND_NII_GAMMA"),
        _body("equipment", "equipment.no_such_day", "calibrated_until", calibrated_until="2027-04-31"),
    ),
    "identifier_mapping": (
        _body(
            "identifier_mapping",
            "identifier_mapping.twice",
            local_ids=[{"scheme": "EORI", "value": value} for value in ("NL1", "NL2")],
        ),
    ),
    "reliance_notice": (
        _body("reliance_notice", "reliance_notice.conditions", conditions=None),
        _body(
            "reliance_notice",
            "reliance_notice.part",
            outcome="RELIANCE_OUTCOME_RELY_IN_PART",
            conditions=None,
            threats=None,
        ),
    ),
    "recall": (_body("recall", "repeated.min_items", "record_ids", record_ids=None),),
    "recall_answer": (
        _body(
            "recall_answer",
            "recall_answer.decision_twice",
            findings=[{"decision_id": "NL-DEC-1", "goods_state": "GOODS_STATE_HELD"}] * 2,
        ),
        _body(
            "recall_answer",
            "recall_finding.conclusion",
            "findings[0]",
            findings=[
                {
                    "decision_id": "NL-DEC-1",
                    "goods_state": "GOODS_STATE_HELD",
                    "conclusion": "CONCLUSION_NO_DISCREPANCY",
                },
            ],
        ),
    ),
    "withdrawal": (
        Fault("record.withdraws_nothing", "header.supersedes", {"header.supersedes": None}),
        Fault("record.subject_differs", "header.subject", {"header.subject": {"record_id": OTHER_ID}}),
    ),
}
