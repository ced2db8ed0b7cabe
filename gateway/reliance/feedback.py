"""What arrival showed of a reliance, read from a report; and the record in which a partner is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway import records
from gateway.errors import RecordInvalid
from gateway.ports.ledger import Finding, LedgerLine
from gateway.reliance.figures import SAMPLED
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1 import arrival_feedback_pb2 as feedbacks
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONCLUSION_MINOR_CORRECTED, CONCLUSION_NO_DISCREPANCY
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_basis_pb2 import RelianceBasis

_CLEAR: Final = frozenset({CONCLUSION_NO_DISCREPANCY, CONCLUSION_MINOR_CORRECTED})
_SEAL_UNTOLD: Final = frozenset(
    {feedbacks.SEAL_STATE_UNSPECIFIED, feedbacks.SEAL_STATE_NOT_CHECKED, feedbacks.SEAL_STATE_INTACT}
)
_BODY: Final = "arrival_feedback"


def finding_of(report: ArrivalReport) -> Finding:
    """Say what a report shows of the partner's control.

    What its sender says of a contradiction counts. Where nothing is said, a clear conclusion confirms; goods that
    nobody looked at, with seals as they should be, were not checked; all else is undecided.
    """
    if report.HasField("contradiction"):
        if report.contradiction:
            return Finding.CONTRADICTED
        return Finding.CONFIRMED if report.checks_done else Finding.NOT_CHECKED
    if not report.checks_done:
        return Finding.NOT_CHECKED if report.seal_state in _SEAL_UNTOLD else Finding.UNDECIDED
    return Finding.CONFIRMED if report.conclusion in _CLEAR and report.seal_state in _SEAL_UNTOLD else Finding.UNDECIDED


def feedback_record(
    line: LedgerLine, report: ArrivalReport, record_ids: Sequence[str], drawn_on: Sequence[RelianceBasis] = ()
) -> Record:
    """Make the record by which a partner is told; ``record_ids`` are those of its records that were relied on.

    ``drawn_on``: what a decision that drew the goods to be verified could have relied on.
    """
    record = Record()
    consignment = ConsignmentRef.FromString(line.consignment)
    record.header.subject.consignment.CopyFrom(consignment)
    body = record.arrival_feedback
    body.consignment.CopyFrom(consignment)
    body.decision_id = line.decision_id
    body.record_ids.extend(record_ids)
    body.checks_done.extend(report.checks_done)
    body.conclusion, body.seal_state = report.conclusion, report.seal_state
    if report.HasField("arrived_at"):
        body.arrived_at.CopyFrom(report.arrived_at)
    if report.HasField("contradiction"):
        body.contradiction = report.contradiction
    if report.HasField("delay_minutes"):
        body.delay_minutes = report.delay_minutes
    if line.outcome == SAMPLED:
        body.drawn_at.seconds = line.decided_at
        body.stood_on.extend(drawn_on)
    return record


def require_sound(record: Record) -> None:
    """Refuse a report that no partner would take, before anything is kept of it.

    Raises:
        RecordInvalid: with the fields, as the caller named them.
    """
    found = [each for each in records.check(record) if each.path.startswith(_BODY)]
    if found:
        raise RecordInvalid("The report breaks the rules of arrival feedback.", violations=tuple(found))
