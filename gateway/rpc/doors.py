"""Opens the three ports of a node, each with its own services, callers and certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from gateway.ports.world import Clock
from gateway.rpc.access import require_rows
from gateway.rpc.addresses import Addresses
from gateway.rpc.clients import Clients
from gateway.rpc.guard import Guard, Identify
from gateway.rpc.health_service import HealthService
from gateway.rpc.identity import PeerIdentity, by_certificate, by_token
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.served import NATIONAL, OPERATIONS, PEER, Served, Services, add_all
from gateway.rpc.servers import (
    NATIONAL_MESSAGE_BYTES,
    PEER_MESSAGE_BYTES,
    Door,
    TlsIdentity,
    open_door,
    server_credentials,
)

STOP_GRACE_SECONDS: Final = 1.0
_HEALTH: Final = health_pb2.DESCRIPTOR.services_by_name["Health"]


@dataclass(frozen=True, slots=True)
class Callers:
    """How each door knows who calls, the certificates that TLS asks of them (DER), and where refusals are kept.

    ``calls`` knows of every call under way; ``shares`` is what each partner may have of the peer port.
    """

    peer: PeerIdentity
    peer_anchors: Callable[[], Sequence[bytes]]
    clients: Clients
    client_anchors: Sequence[bytes]
    refusals: RefusalLog
    calls: OpenCalls
    shares: Shares


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the doors are; ``peer`` is None for a node that only dials."""

    peer: int | None
    national: int
    operations: int


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the doors show: abroad the gateway's certificate, at home the national one. Asked at every handshake."""

    gateway: Callable[[], TlsIdentity]
    national: Callable[[], TlsIdentity]


async def open_doors(
    stack: AsyncExitStack,
    addresses: Addresses,
    *,
    services: Services,
    callers: Callers,
    certificates: Certificates,
    clock: Clock,
) -> Ports:
    """Open all doors, to be closed by ``stack`` in reverse order.

    Raises:
        ConfigurationInvalid: an address cannot be had, or a method has no row in the access table.
    """
    national = Door(
        name="national",
        address=addresses.national,
        identify=by_token(callers.clients) if addresses.tokens else by_certificate(callers.clients, clock),
        add=lambda guard: _add(guard, services, NATIONAL, reflect=addresses.reflection),
        credentials=server_credentials(
            certificates.national, None if addresses.tokens else lambda: callers.client_anchors
        ),
        message_bytes=NATIONAL_MESSAGE_BYTES,
        refusals=callers.refusals,
        calls=callers.calls,
    )
    operations = Door(
        name="operations",
        address=addresses.operations,
        identify=by_certificate(callers.clients, clock),
        add=lambda guard: _add(guard, services, OPERATIONS),
        credentials=server_credentials(certificates.national, lambda: callers.client_anchors),
        message_bytes=NATIONAL_MESSAGE_BYTES,
        refusals=callers.refusals,
        calls=callers.calls,
    )
    return Ports(
        peer=await _open_peer(stack, addresses.peer, services, callers, certificates),
        national=await _open(stack, national),
        operations=await _open(stack, operations),
    )


async def _open_peer(
    stack: AsyncExitStack, address: str | None, services: Services, callers: Callers, certificates: Certificates
) -> int | None:
    if address is None:
        return None
    identify: Identify = callers.peer
    door = Door(
        name="peer",
        address=address,
        identify=identify,
        add=lambda guard: _add(guard, services, PEER),
        credentials=server_credentials(certificates.gateway, callers.peer_anchors),
        message_bytes=PEER_MESSAGE_BYTES,
        refusals=callers.refusals,
        calls=callers.calls,
        shares=callers.shares,
    )
    return await _open(stack, door)


async def _open(stack: AsyncExitStack, door: Door) -> int:
    server, port = await open_door(door)
    stack.push_async_callback(server.stop, STOP_GRACE_SECONDS)
    return port


def _add(guard: Guard, services: Services, served: Sequence[Served], *, reflect: bool = False) -> None:
    """Put services, their health and perhaps reflection behind the guard; each method has a row in the access table."""
    add_all(guard, services, served)
    as_server: Any = guard  # it has what the generated functions ask of one
    names = [each.descriptor.full_name for each in served]
    health_pb2_grpc.add_HealthServicer_to_server(HealthService(names), as_server)
    require_rows(_methods(*(each.descriptor for each in served), _HEALTH))
    if reflect:
        told = [*names, _HEALTH.full_name, reflection.SERVICE_NAME]
        add_reflection: Any = reflection_pb2_grpc.add_ServerReflectionServicer_to_server
        add_reflection(reflection.aio.ReflectionServicer(told), as_server)
        require_rows((f"/{reflection.SERVICE_NAME}/ServerReflectionInfo",))


def _methods(*services: Any) -> list[str]:  # noqa: ANN401  service descriptors, of two generators
    return [f"/{service.full_name}/{name}" for service in services for name in service.methods_by_name]
