"""Rules of what one administration asks of another, and of the answers."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, in_order
from gateway.records.rules.kinds.inspection_outcome import NO_CONTROL_OF_GOODS
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.control_answer_pb2 import ControlAnswer
from mutualrecognition.records.v1.control_request_pb2 import ControlRequest
from mutualrecognition.records.v1.information_answer_pb2 import InformationAnswer
from mutualrecognition.records.v1.information_request_pb2 import InformationRequest
from mutualrecognition.records.v1.screening_answer_pb2 import ScreeningAnswer
from mutualrecognition.records.v1.screening_request_pb2 import ScreeningRequest

Request = ControlRequest | ScreeningRequest | InformationRequest
Answer = ControlAnswer | ScreeningAnswer | InformationAnswer

_SAID_BY_WHO_ASKS = frozenset({requests.REQUEST_STATE_SENT, requests.REQUEST_STATE_CANCELLED})
_COMPLETED = requests.REQUEST_STATE_COMPLETED


def asks(request: Request) -> bool:
    """Who asks sends or cancels; everything else is for who is asked to say."""
    return request.state == requests.REQUEST_STATE_UNSPECIFIED or request.state in _SAID_BY_WHO_ASKS


def answers(answer: Answer) -> bool:
    """Who is asked neither sends nor cancels the request."""
    return answer.state not in _SAID_BY_WHO_ASKS


def decline_explained(answer: Answer) -> bool:
    """Whoever declines says why, and nobody else does."""
    return (answer.state == requests.REQUEST_STATE_DECLINED) == bool(answer.decline_reason)


def answer_before_cutoff(request: ControlRequest) -> bool:
    """An answer after the terminal has closed comes too late to do anything."""
    if not (request.HasField("respond_by") and request.HasField("vessel_cutoff")):
        return True
    return not in_order(request.vessel_cutoff, request.respond_by)


def cutoff_before_departure(request: ControlRequest) -> bool:
    """A ship leaves after the terminal has closed for it."""
    if not (request.HasField("etd") and request.HasField("vessel_cutoff")):
        return True
    return in_order(request.vessel_cutoff, request.etd)


def controls_wanted(request: ControlRequest) -> bool:
    """Documents are no control of goods, so nobody can ask for one by asking for documents."""
    return all(not method or method not in NO_CONTROL_OF_GOODS for method in request.methods_wanted)


def control_named(answer: ControlAnswer) -> bool:
    """Where a control was done, now or before, it is named."""
    done = answer.state == _COMPLETED or answer.decline_reason == requests.DECLINE_REASON_ALREADY_CONTROLLED
    return done == bool(answer.control_id)


def outcome_returned(answer: ControlAnswer) -> bool:
    """Whoever declines because of an earlier control returns its outcome."""
    if answer.decline_reason != requests.DECLINE_REASON_ALREADY_CONTROLLED:
        return True
    return bool(answer.outcome_record_id)


def time_planned(answer: ControlAnswer) -> bool:
    """A planned control has its time."""
    return (answer.state == requests.REQUEST_STATE_SCHEDULED) == answer.HasField("scheduled_for")


def methods_offered(answer: ControlAnswer) -> bool:
    """A counter-proposal proposes something."""
    return (answer.state == requests.REQUEST_STATE_COUNTER_PROPOSED) == bool(answer.methods_offered)


def result_named(answer: ScreeningAnswer) -> bool:
    """A completed screening has a result."""
    return (answer.state == _COMPLETED) == bool(answer.result_record_id)


def one_thing_asked_about(request: InformationRequest) -> bool:
    """A question is about goods or about an operator."""
    return request.HasField("consignment") != bool(request.tin)


def elements_given(answer: InformationAnswer) -> bool:
    """A completed answer answers."""
    return (answer.state == _COMPLETED) == bool(answer.elements)


SAID: Mapping[str, Holds] = {
    "control_request.respond_by": answer_before_cutoff,
    "control_request.departure": cutoff_before_departure,
    "control_request.methods_wanted": controls_wanted,
    "control_request.state": asks,
    "screening_request.state": asks,
    "information_request.state": asks,
    "information_request.about": one_thing_asked_about,
    "control_answer.state": answers,
    "control_answer.decline_reason": decline_explained,
    "control_answer.control_id": control_named,
    "control_answer.outcome": outcome_returned,
    "control_answer.scheduled_for": time_planned,
    "control_answer.methods_offered": methods_offered,
    "screening_answer.state": answers,
    "screening_answer.decline_reason": decline_explained,
    "screening_answer.result": result_named,
    "information_answer.state": answers,
    "information_answer.decline_reason": decline_explained,
    "information_answer.elements": elements_given,
}
