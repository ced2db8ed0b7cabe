"""How questions and decisions go through the national API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import GatewayError
from gateway.ports.decisions import DecisionEvent, DecisionQuery
from gateway.recognition.desk import shown
from gateway.rpc.fitting import portions
from mutualrecognition.national.v1 import recognition_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2 import FieldViolation, Refusal


def query_of(asked: pb.DecisionFilter) -> DecisionQuery:
    """Read a filter."""
    named = (
        ("container", asked.container_number),
        ("document", asked.transport_document),
        ("ucr", asked.ucr),
        ("mrn", asked.mrn),
    )
    since = getattr(asked, "from")
    return DecisionQuery(
        keys=frozenset(f"{name}:{value}" for name, value in named if value),
        relied_on=asked.relied_on,
        partner=asked.partner,
        outcomes=frozenset(asked.outcomes),
        overridden=asked.overridden,
        since=since.seconds if asked.HasField("from") else None,
        until=asked.until.seconds if asked.HasField("until") else None,
    )


def event_message(event: DecisionEvent) -> pb.DecisionEvent:
    """Show a change."""
    return pb.DecisionEvent(
        change=event.change.value,  # type: ignore[arg-type]
        at=Timestamp(seconds=event.at),
        decision=shown(event.decision),
    )


def refusal_of(error: GatewayError) -> Refusal:
    """Show why one question of many was refused."""
    return Refusal(
        reason=error.reason,
        message=str(error),
        violations=[FieldViolation(path=each.path, rule=each.rule, message=each.message) for each in error.violations],
    )


def in_messages(several: Iterable[pb.DecideResult]) -> Iterator[pb.DecideManyResponse]:
    """Deal results out to messages."""
    return (pb.DecideManyResponse(results=some) for some in portions(several))
