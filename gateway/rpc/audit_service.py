"""``operations.v1.AuditService``: the node's audit log."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.evidence.audit import AuditEntry
from gateway.exchange.audit_signing import AuditSigning
from gateway.ports.audit import AuditLog
from gateway.rpc.guard import Context
from mutualrecognition.operations.v1 import audit_service_pb2 as pb
from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceServicer

ENTRIES_AT_MOST: Final = 1000


class AuditService(AuditServiceServicer):
    """Shows the audit log and signs its head; nothing here writes an entry."""

    def __init__(self, *, log: AuditLog, signing: AuditSigning) -> None:
        self._log = log
        self._signing = signing

    async def ListAuditEntries(  # noqa: N802
        self,
        request: pb.ListAuditEntriesRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.ListAuditEntriesResponse:
        """List entries."""
        limit = min(request.limit or ENTRIES_AT_MOST, ENTRIES_AT_MOST)
        found = await self._log.entries(first=request.first, limit=limit)
        size = (await self._log.head()).size
        return pb.ListAuditEntriesResponse(entries=map(_entry, found), size=size)

    async def GetAuditCheckpoint(  # noqa: N802
        self,
        request: pb.GetAuditCheckpointRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> pb.GetAuditCheckpointResponse:
        """Sign the head."""
        return pb.GetAuditCheckpointResponse(checkpoint=await self._signing.checkpoint(), key=self._signing.key.vkey)


def _entry(entry: AuditEntry) -> pb.AuditEntry:
    return pb.AuditEntry(
        index=entry.index,
        at=Timestamp(seconds=entry.at),
        actor=entry.actor,
        action=entry.action,
        detail=entry.detail,
    )
