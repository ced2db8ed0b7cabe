"""A request's or an alert's whole story, for whoever has it in hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from gateway.cli.describing import summary, when
from gateway.cli.enum_words import short
from gateway.cli.hand_table import goods_of
from gateway.cli.hand_words import answered_with, asked_for
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_NO_LOAD_LIFTED

_MATTERS: Final = {
    requests.REQUEST_MATTER_CONTROL: "a control",
    requests.REQUEST_MATTER_SCREENING: "a screening",
    requests.REQUEST_MATTER_INFORMATION: "information",
}


def request_lines(request: requests.Request) -> Iterator[str]:
    """Tell a request's whole story: what is asked, what was answered, every step."""
    who = f"{request.asker} asks {request.asked}" + (", by an officer posted there," if request.posted else "")
    matter = _MATTERS.get(request.matter, "something")
    yield printable(f"{request.request_id}: {who} for {matter}: {short(request, 'state')}")
    yield printable(f"  about {goods_of(request) or 'no goods'}")
    if (body := _body(request.record)) is not None:
        yield printable(f"  asked {asked_for(body)}")
    closes = f", terminal closes {when(request.cutoff.seconds)}" if request.HasField("cutoff") else ""
    yield f"  answer by {when(request.respond_by.seconds)}{closes}{' (overdue)' if request.overdue else ''}"
    answered = _answered(request)
    if answered:
        yield printable(f"  answered {answered}")
    if request.HasField("outcome"):
        yield printable(f"  outcome {request.outcome_record_id}: {summary(request.outcome.record)}")
    elif request.control_id or request.outcome_record_id:
        yield printable(f"  its outcome is not here yet {request.outcome_record_id}".rstrip())
    yield from _steps((short(each, "state"), each.step) for each in request.steps)


def alert_lines(alert: alerts.Alert) -> Iterator[str]:
    """Tell an alert's whole story at one receiver."""
    body = alert.record.record.alert
    what = short(body, "type").replace("_", " ")
    yield printable(f"{alert.alert_id}: {what} of {alert.issuer} for {alert.receiver}: {short(alert, 'standing')}")
    if body.text:
        yield printable(f"  {body.text}")
    if body.tin or body.programme:
        yield printable(f"  about {body.tin or body.programme}")
    if body.lifts:
        yield printable(f"  lifts {body.lifts}")
    yield f"  acknowledge by {when(alert.ack_required_by.seconds)}"
    for each in alert.held:
        held = "let go" if body.type == ALERT_TYPE_NO_LOAD_LIFTED else "held"
        lifted = f"lifted by …{each.lifted_by[-12:]}" if each.lifted_by else held
        yield printable(f"  {each.container_number or each.house_document}: {lifted}")
    yield from _steps((short(each, "standing"), each.step) for each in alert.steps)


def _body(record: Any) -> Any:  # noqa: ANN401  a stored record, and one of six generated classes
    kind = record.record.WhichOneof("body")
    return getattr(record.record, kind) if kind else None


def _answered(request: requests.Request) -> str:
    """Say what the answer gives; a posted officer is told less, and not in a record."""
    parts = [answered_with(body) if (body := _body(request.answer)) is not None else short(request, "decline_reason")]
    if not request.HasField("answer") and request.control_id:
        parts.append(f"control {request.control_id}")
    if request.HasField("scheduled_for"):
        parts.append(f"planned for {when(request.scheduled_for.seconds)}")
    return ", ".join(filter(None, parts))


def _steps(steps: Iterable[tuple[str, requests.Step]]) -> Iterator[str]:
    for state, step in steps:
        ground = {
            requests.STEP_GROUND_CLOCK: "the clock",
            requests.STEP_GROUND_GOODS: f"{step.by} (the goods have gone)",
            requests.STEP_GROUND_RECEIPT: f"{step.by}'s gateway",
        }.get(step.ground, step.by)
        remark = f': "{step.remark}"' if step.remark else ""
        fault = f"  ✗ does not count: {step.fault}" if step.fault else ""
        yield printable(f"    {when(step.at.seconds)}  {state} by {ground}{remark}{fault}")
