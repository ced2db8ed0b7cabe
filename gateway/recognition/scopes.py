"""The scope of a suspension of reliance, as the API and kept facts write it."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.ports.suspensions import Scope
from mutualrecognition.national.v1.reliance_pb2 import SuspensionScope
from mutualrecognition.records.v1.threat_pb2 import Threat


def scope_of(given: SuspensionScope) -> Scope:
    """Read a scope."""
    return Scope(
        partner=given.partner,
        office=given.office,
        device=given.equipment_id,
        kind=given.kind,
        threat=Threat.Name(given.threat).removeprefix("THREAT_") if given.threat else "",
        loaded_at=given.loaded_at,
        discharged_at=given.discharged_at,
        done_from=given.done_from.seconds if given.HasField("done_from") else None,
        done_until=given.done_until.seconds if given.HasField("done_until") else None,
    )


def scope_message(scope: Scope) -> SuspensionScope:
    """Write a scope."""
    return SuspensionScope(
        partner=scope.partner,
        office=scope.office,
        equipment_id=scope.device,
        kind=scope.kind,
        threat=Threat.Value(f"THREAT_{scope.threat or 'UNSPECIFIED'}"),
        loaded_at=scope.loaded_at,
        discharged_at=scope.discharged_at,
        done_from=_moment(scope.done_from),
        done_until=_moment(scope.done_until),
    )


def _moment(seconds: int | None) -> Timestamp | None:
    return None if seconds is None else Timestamp(seconds=seconds)
