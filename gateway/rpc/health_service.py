"""``grpc.health.v1.Health``: whether a port serves, asked by supervisors and load balancers.

A port opens when its node is ready and closes when the node goes down, so a service that is here serves. The servicer
that comes with gRPC knows no ``List``, and its ``Watch`` writes past the guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any, Final

from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthServicer

from gateway.errors import Absent
from gateway.rpc.guard import Context

_SERVING: Final = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)
_UNKNOWN: Final = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)


class HealthService(HealthServicer):
    """Speaks for the services of one port; the empty name stands for the port as a whole."""

    def __init__(self, services: Collection[str]) -> None:
        self._services = frozenset({"", *services})

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> health_pb2.HealthCheckResponse:  # noqa: ARG002, N802
        """Say how one service is."""
        if request.service not in self._services:
            raise Absent(f"There is no service {request.service!r} on this port.")
        return _SERVING

    async def List(self, request: Any, context: Context) -> Any:  # noqa: ANN401, ARG002, N802  the stubs are older
        """Say how all are."""
        return health_pb2.HealthListResponse(statuses=dict.fromkeys(self._services, _SERVING))  # type: ignore[attr-defined]

    async def Watch(  # noqa: N802
        self,
        request: health_pb2.HealthCheckRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Say how one service is, and nothing more until the port closes, which ends the call."""
        yield _SERVING if request.service in self._services else _UNKNOWN
        await asyncio.Event().wait()
