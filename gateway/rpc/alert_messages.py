"""How alerts look in the national API."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.rpc.request_messages import step_message
from gateway.rpc.views import stored_record
from gateway.views.alerts import AlertLife, Held
from gateway.views.steps import Step
from mutualrecognition.national.v1 import alerts_service_pb2 as pb


def alert_message(life: AlertLife) -> pb.Alert:
    """Show an alert at one receiver."""
    return pb.Alert(
        issuer=life.key.issuer,
        receiver=life.key.receiver,
        alert_id=life.key.alert_id,
        standing=pb.AlertStanding.Value(f"ALERT_STANDING_{life.state}"),
        open=life.is_open,
        record=stored_record(life.alert.stored),
        ack_required_by=Timestamp(seconds=life.ack_required_by),
        acknowledged=life.acknowledged,
        escalated=life.escalated,
        held=map(_held, life.held),
        steps=map(_step, life.steps),
    )


def _held(held: Held) -> pb.Held:
    if held.container:
        return pb.Held(container_number=held.container, lifted_by=held.lifted_by)
    return pb.Held(house_document=held.house_document, lifted_by=held.lifted_by)


def _step(step: Step) -> pb.AlertStep:
    return pb.AlertStep(standing=pb.AlertStanding.Value(f"ALERT_STANDING_{step.state}"), step=step_message(step))
