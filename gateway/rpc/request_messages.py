"""How requests look in the national API."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.rpc.views import stored_record
from gateway.views import request_moves as moves
from gateway.views.requests import RequestLife, body_of
from gateway.views.steps import Ground, Step
from mutualrecognition.national.v1 import requests_service_pb2 as pb

_GROUNDS: Final = {
    Ground.RECORD: pb.STEP_GROUND_RECORD,
    Ground.RECEIPT: pb.STEP_GROUND_RECEIPT,
    Ground.GOODS: pb.STEP_GROUND_GOODS,
    Ground.CLOCK: pb.STEP_GROUND_CLOCK,
}


def request_message(life: RequestLife, *, to_posted: bool = False) -> pb.Request:
    """Show a request. A posted officer is not told what its administration may not have got by the agreement."""
    shown = pb.Request(
        asker=life.key.asker,
        asked=life.key.asked,
        request_id=life.key.request_id,
        matter=pb.RequestMatter.Value(f"REQUEST_MATTER_{life.matter}"),
        posted=life.posted,
        state=moves.NUMBERS[life.state],
        open=life.is_open,
        record=stored_record(life.request.stored),
        respond_by=Timestamp(seconds=life.respond_by),
        cutoff=_time(life.cutoff),
        expires_after=_time(life.next_deadline),
        overdue=life.overdue,
        steps=(_request_step(_for_posted(each, life) if to_posted else each) for each in life.steps),
    )
    if life.answer is not None:
        answer = body_of(life.answer)
        shown.control_id = getattr(answer, "control_id", "")
        if life.decline_reason():
            shown.decline_reason = answer.decline_reason
        if life.state == moves.SCHEDULED:
            shown.scheduled_for.CopyFrom(answer.scheduled_for)
        if not to_posted:
            shown.answer.CopyFrom(stored_record(life.answer.stored))
        shown.outcome_record_id = life.named() or (life.outcome.record_id if life.outcome else "")
    if life.outcome is not None and not to_posted:
        shown.outcome.CopyFrom(stored_record(life.outcome))
    return shown


def step_message(step: Step) -> pb.Step:
    """Show what steps of requests and alerts have in common."""
    return pb.Step(
        at=Timestamp(seconds=step.at),
        by=step.by,
        ground=_GROUNDS[step.ground],
        record_id=step.record_id,
        known_at=Timestamp(seconds=step.known_at),
        fault=step.fault,
        remark=step.remark,
    )


def _for_posted(step: Step, life: RequestLife) -> Step:
    """Leave out what the host says to its own alone, and what a third administration told the host."""
    told = replace(step, remark="")
    is_known = step.by in ("", life.key.asker, life.key.asked)
    return told if is_known else replace(told, by=life.key.asked, record_id="")


def _request_step(step: Step) -> pb.RequestStep:
    return pb.RequestStep(state=moves.NUMBERS[step.state], step=step_message(step))


def _time(at: int | None) -> Timestamp | None:
    return None if at is None else Timestamp(seconds=at)
