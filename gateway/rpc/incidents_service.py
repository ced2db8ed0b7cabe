"""``operations.v1.IncidentsService``: why links were suspended, and the proof of it."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.exchange.incident_export import IncidentExport
from gateway.ports.incidents import Incident
from gateway.rpc.guard import Context
from mutualrecognition.operations.v1 import incidents_service_pb2 as pb
from mutualrecognition.operations.v1.incidents_service_pb2_grpc import IncidentsServiceServicer


class IncidentsService(IncidentsServiceServicer):
    """Lists incidents and makes their bundles."""

    def __init__(self, export: IncidentExport) -> None:
        self._export = export

    async def ListIncidents(self, request: pb.ListIncidentsRequest, context: Context) -> pb.ListIncidentsResponse:  # noqa: ARG002, N802
        """List them."""
        return pb.ListIncidentsResponse(incidents=map(_incident, await self._export.all(request.partner)))

    async def ExportIncident(self, request: pb.ExportIncidentRequest, context: Context) -> pb.ExportIncidentResponse:  # noqa: ARG002, N802
        """Make the bundle of one."""
        bundle, name = await self._export.export(request.partner, request.number)
        return pb.ExportIncidentResponse(bundle=bundle, file_name=name)


def _incident(incident: Incident) -> pb.Incident:
    return pb.Incident(
        number=incident.number,
        partner=incident.partner,
        at=Timestamp(seconds=incident.at),
        reason=incident.reason,
        detail=incident.detail,
        session=incident.session,
        by_partner=incident.by_partner,
        notes=len(incident.notes),
    )
