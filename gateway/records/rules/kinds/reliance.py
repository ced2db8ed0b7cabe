"""Rules of what comes of relying: notices, feedback from arrival, recalls and their answers."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1 import arrival_feedback_pb2 as feedbacks
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import reliance_notice_pb2 as notices
from mutualrecognition.records.v1.arrival_feedback_pb2 import ArrivalFeedback
from mutualrecognition.records.v1.recall_answer_pb2 import RecallAnswer, RecallFinding
from mutualrecognition.records.v1.reliance_notice_pb2 import RelianceNotice

_NOTHING_DONE = frozenset({outcomes.CONCLUSION_UNSPECIFIED, outcomes.CONCLUSION_NOT_PERFORMED})
_ADVERSE = frozenset({outcomes.CONCLUSION_DISCREPANCY, outcomes.CONCLUSION_SEIZED_DETAINED})
_SEAL_WRONG = frozenset(
    {feedbacks.SEAL_STATE_DAMAGED, feedbacks.SEAL_STATE_MISSING, feedbacks.SEAL_STATE_NUMBER_MISMATCH},
)


def relied_on_named(feedback: ArrivalFeedback) -> bool:
    """Feedback is about something that was relied on."""
    return bool(feedback.decision_id or feedback.control_ids or feedback.record_ids)


def concluded_from_checks(found: ArrivalFeedback | RecallFinding) -> bool:
    """A conclusion comes from checks; without checks there is none, and nothing is clear."""
    return (found.conclusion in _NOTHING_DONE) == (not found.checks_done)


def contradiction_founded(feedback: ArrivalFeedback) -> bool:
    """A contradiction is held against the partner, so it needs a finding or a seal that was wrong."""
    return not feedback.contradiction or feedback.conclusion in _ADVERSE or feedback.seal_state in _SEAL_WRONG


def conditions_given(notice: RelianceNotice) -> bool:
    """Reliance on conditions says on which."""
    return (notice.outcome == notices.RELIANCE_OUTCOME_RELY_SUBJECT_TO) == bool(notice.conditions)


def part_given(notice: RelianceNotice) -> bool:
    """Reliance in part says for which threats."""
    return notice.outcome != notices.RELIANCE_OUTCOME_RELY_IN_PART or bool(notice.threats)


def decisions_once(answer: RecallAnswer) -> bool:
    """No decision has two findings."""
    return len({finding.decision_id for finding in answer.findings}) == len(answer.findings)


SAID: Mapping[str, Holds] = {
    "arrival_feedback.relied_on": relied_on_named,
    "arrival_feedback.conclusion": concluded_from_checks,
    "arrival_feedback.contradiction": contradiction_founded,
    "reliance_notice.conditions": conditions_given,
    "reliance_notice.part": part_given,
    "recall_answer.decision_twice": decisions_once,
    "recall_finding.conclusion": concluded_from_checks,
}
