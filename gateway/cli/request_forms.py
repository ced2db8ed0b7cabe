"""From what is said on the command line to the calls that ask and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import click

from gateway.cli.hand_calls import new_call_id
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.control_request_pb2 import Fallback
from mutualrecognition.records.v1.method_pb2 import MethodKind
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK
from mutualrecognition.records.v1.request_pb2 import DeclineReason, RequestState
from mutualrecognition.records.v1.threat_pb2 import Threat

_STATES: Final = {
    "accept": "ACCEPTED",
    "decline": "DECLINED",
    "counter-propose": "COUNTER_PROPOSED",
    "schedule": "SCHEDULED",
    "begin": "IN_PROGRESS",
    "complete": "COMPLETED",
    "abort": "ABORTED",
}


def create_call(partner: str, matter: str, said: Mapping[str, Any]) -> pb.CreateRequestRequest:
    """Make the call that asks."""
    call = pb.CreateRequestRequest(call_id=new_call_id(), partner=partner, purpose=PURPOSE_SECURITY_RISK)
    body = getattr(call, matter)
    body.request_id = said["name"]
    goods = _goods(said)
    if goods.ByteSize():
        body.consignment.CopyFrom(goods)
    _set_time(body.respond_by, said["respond_by"])
    match matter:
        case "control":
            body.methods_wanted.extend(_named(MethodKind, "METHOD_KIND", each) for each in said["methods"])
            if len(said["threats"]) != 1:
                raise click.UsageError("A request for a control names one --threat.")
            body.threat_category = _named(Threat, "THREAT", said["threats"][0])
            body.observe_requested = bool(said["observe"])
            if said["fallback"]:
                body.fallback = _named(Fallback, "FALLBACK", said["fallback"])
            _set_time(body.vessel_cutoff, said["cutoff"])
            _set_time(body.etd, said["etd"])
        case "screening":
            body.threats.extend(_named(Threat, "THREAT", each) for each in said["threats"])
        case _:
            body.tin, body.question = said["tin"], said["question"]
            body.elements.extend(said["elements"])
    return call


def answer_call(request: pb.Request, step: str, asker: str, said: Mapping[str, Any]) -> pb.AnswerRequestRequest:
    """Make the call that answers; ``request`` tells what kind of answer it takes."""
    matter = pb.RequestMatter.Name(request.matter).removeprefix("REQUEST_MATTER_").lower()
    call = pb.AnswerRequestRequest(call_id=new_call_id(), asker=asker)
    body = getattr(call, matter)
    body.request_id, body.remark = request.request_id, said["remark"]
    body.state = RequestState.Value(f"REQUEST_STATE_{_STATES[step]}")
    if said["reason"]:
        body.decline_reason = _named(DeclineReason, "DECLINE_REASON", said["reason"])
    match matter:
        case "control":
            body.control_id, body.outcome_record_id = said["control_id"], said["outcome"]
            body.methods_offered.extend(_named(MethodKind, "METHOD_KIND", each) for each in said["methods"])
            _set_time(body.scheduled_for, said["at"])
        case "screening":
            body.result_record_id = said["outcome"]
        case _:
            for each in said["elements"]:
                name, _, value = each.partition("=")
                body.elements.add(element=name, value=value)
    return call


def _goods(said: Mapping[str, Any]) -> ConsignmentRef:
    goods = ConsignmentRef(container_numbers=said["containers"], ucr=said["ucr"], mrn=said["mrn"])
    for number in said["documents"]:
        goods.transport_documents.add(number=number)
    return goods


def _named(enum: Any, prefix: str, name: str) -> int:  # noqa: ANN401  each enum has a class of its own
    try:
        return int(enum.Value(f"{prefix}_{name.upper()}"))
    except ValueError:
        names = ", ".join(each.removeprefix(f"{prefix}_") for each in enum.keys() if not each.endswith("UNSPECIFIED"))  # noqa: SIM118
        raise click.UsageError(f"{name} is none of {names}.") from None


def _set_time(field: Any, at: datetime | None) -> None:  # noqa: ANN401  a Timestamp
    if at is not None:
        field.seconds = int(at.replace(tzinfo=UTC).timestamp())
