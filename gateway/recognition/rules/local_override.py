"""Rule 2: no alert, hold, sanction or no-load of this side. No partner's clear outweighs one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.recognition.facts import Facts
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.rules.alerts import alerts_in_force
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_NO_LOAD

_REASONS: Final = {
    pb.LOCAL_FACT_TYPE_OTHER_AGENCY_HOLD: Reason.OGA_HOLD,
    pb.LOCAL_FACT_TYPE_SANCTION: Reason.SANCTION,
    pb.LOCAL_FACT_TYPE_NO_LOAD: Reason.NO_LOAD,
}


def general(facts: Facts) -> Sequence[Objection]:
    """Look at what the caller says, and at this side's own alerts. A type that is not known refuses as an alert."""
    objections = [
        fail(_REASONS.get(each.type, Reason.LOCAL_ALERT), reference=each.reference or "without a name")
        for each in facts.question.asked.local_facts
    ]
    for alert in alerts_in_force(facts):
        if not alert.partner:
            reason = Reason.NO_LOAD if alert.body.type == ALERT_TYPE_NO_LOAD else Reason.LOCAL_ALERT
            objections.append(fail(reason, reference=alert.body.alert_id, record=alert.record_id))
    return objections
