"""How the ledger, recalls and suspensions look in the national API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.ports.ledger import Finding, LedgerLine
from gateway.ports.suspensions import Suspension
from gateway.recognition.scopes import scope_message
from gateway.reliance.answering import GOODS_STATES
from gateway.reliance.recall_desk import RecallView
from gateway.reliance.recalls import RecallLife
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import reliance_pb2 as pb
from mutualrecognition.national.v1 import reliances_service_pb2 as service
from mutualrecognition.national.v1.decision_pb2 import Outcome
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef

_FINDINGS: Final[Mapping[Finding, pb.Finding.ValueType]] = {
    Finding.OPEN: pb.FINDING_UNSPECIFIED,
    Finding.CONFIRMED: pb.FINDING_CONFIRMED,
    Finding.CONTRADICTED: pb.FINDING_CONTRADICTED,
    Finding.NOT_CHECKED: pb.FINDING_NOT_CHECKED,
    Finding.UNDECIDED: pb.FINDING_UNDECIDED,
}
RECORDS_SHOWN: Final = 10_000
"""Records of a recall in one message: a third of a MiB."""
GOODS: Final = {number: goods for goods, number in GOODS_STATES.items()}


def reliance_message(line: LedgerLine) -> pb.Reliance:
    """Show an entry."""
    return pb.Reliance(
        decision_id=line.decision_id,
        consignment=ConsignmentRef.FromString(line.consignment),
        decided_at=Timestamp(seconds=line.decided_at),
        outcome=Outcome.Value(f"OUTCOME_{line.outcome}"),
        partners=line.partners,
        record_ids=line.records,
        goods_state=GOODS_STATES[line.goods],
        goods_since=_moment(line.goods_since),
        finding=_FINDINGS[line.finding],
        report=pb.ArrivalReport.FromString(line.report) if line.finding is not Finding.OPEN else None,
    )


def recall_message(view: RecallView) -> recalls.Recall:
    """Show a recall, with as many of its records as go into a message beside others."""
    return recalls.Recall(
        recall_id=view.recall_id,
        origin=recalls.RecallOrigin.Value(f"RECALL_ORIGIN_{view.origin}"),
        state=recalls.RecallState.Value(f"RECALL_STATE_{view.state}"),
        cause=view.cause,
        text=view.text,
        at=Timestamp(seconds=view.at),
        ack_required_by=_moment(view.ack_required_by),
        record_ids=view.record_ids[:RECORDS_SHOWN],
        records=len(view.record_ids),
        parties=map(_party, view.lives),
        decisions=view.decisions,
        not_released=view.not_released,
        record_id=view.record_id,
        issuer=view.issuer,
    )


def suspension_message(suspension: Suspension) -> service.Suspension:
    """Show a suspension."""
    return service.Suspension(
        suspension_id=suspension.suspension_id,
        scope=scope_message(suspension.scope),
        reason=suspension.reason,
        until=_moment(suspension.until),
        by=suspension.by,
        lifted_at=_moment(suspension.lifted_at),
        lifted_reason=suspension.lifted_reason,
        **{"from": Timestamp(seconds=suspension.since)},
    )


def _party(life: RecallLife) -> recalls.RecallParty:
    partner = life.key.receiver if not life.parts[0].received else life.key.issuer
    return recalls.RecallParty(
        partner=partner,
        answered_at=_moment(life.answered_at),
        complete=life.complete,
        findings=life.findings,
    )


def _moment(seconds: int | None) -> Timestamp | None:
    return None if seconds is None else Timestamp(seconds=seconds)
