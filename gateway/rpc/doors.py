"""Opens the three ports of a node, each with its own services, callers and certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.ports.world import Clock
from gateway.rpc.access import require_rows
from gateway.rpc.alerts_service import AlertsService
from gateway.rpc.audit_service import AuditService
from gateway.rpc.clients import Clients
from gateway.rpc.consignments_service import ConsignmentsService
from gateway.rpc.federation_service import FederationService
from gateway.rpc.guard import Identify
from gateway.rpc.health_service import HealthService
from gateway.rpc.identity import PeerIdentity, by_certificate, by_token
from gateway.rpc.keys_service import KeysService
from gateway.rpc.links_service import LinksService
from gateway.rpc.offers_service import OffersService
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.operators_service import OperatorsService
from gateway.rpc.partners_service import PartnersService
from gateway.rpc.proposals_service import ProposalsService
from gateway.rpc.recalls_service import RecallsService
from gateway.rpc.recognition_service import RecognitionService
from gateway.rpc.records_service import RecordsService
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.reliances_service import ReliancesService
from gateway.rpc.requests_service import RequestsService
from gateway.rpc.servers import (
    NATIONAL_MESSAGE_BYTES,
    PEER_MESSAGE_BYTES,
    Door,
    TlsIdentity,
    open_door,
    server_credentials,
)
from gateway.rpc.statistics_service import StatisticsService
from gateway.rpc.trust_service import TrustService
from mutualrecognition.federation.v1 import link_pb2
from mutualrecognition.federation.v1.link_pb2_grpc import add_FederationServiceServicer_to_server
from mutualrecognition.national.v1 import (
    alerts_service_pb2,
    consignments_service_pb2,
    operators_service_pb2,
    recalls_service_pb2,
    recognition_service_pb2,
    records_service_pb2,
    reliances_service_pb2,
    requests_service_pb2,
    statistics_service_pb2,
)
from mutualrecognition.national.v1.alerts_service_pb2_grpc import add_AlertsServiceServicer_to_server
from mutualrecognition.national.v1.consignments_service_pb2_grpc import add_ConsignmentsServiceServicer_to_server
from mutualrecognition.national.v1.operators_service_pb2_grpc import add_OperatorsServiceServicer_to_server
from mutualrecognition.national.v1.recalls_service_pb2_grpc import add_RecallsServiceServicer_to_server
from mutualrecognition.national.v1.recognition_service_pb2_grpc import add_RecognitionServiceServicer_to_server
from mutualrecognition.national.v1.records_service_pb2_grpc import add_RecordsServiceServicer_to_server
from mutualrecognition.national.v1.reliances_service_pb2_grpc import add_ReliancesServiceServicer_to_server
from mutualrecognition.national.v1.requests_service_pb2_grpc import add_RequestsServiceServicer_to_server
from mutualrecognition.national.v1.statistics_service_pb2_grpc import add_StatisticsServiceServicer_to_server
from mutualrecognition.operations.v1 import (
    audit_service_pb2,
    keys_service_pb2,
    links_service_pb2,
    offers_service_pb2,
    partners_service_pb2,
    proposals_service_pb2,
)
from mutualrecognition.operations.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from mutualrecognition.operations.v1.keys_service_pb2_grpc import add_KeysServiceServicer_to_server
from mutualrecognition.operations.v1.links_service_pb2_grpc import (
    add_LinksServiceServicer_to_server,
    add_TrustServiceServicer_to_server,
)
from mutualrecognition.operations.v1.offers_service_pb2_grpc import add_OffersServiceServicer_to_server
from mutualrecognition.operations.v1.partners_service_pb2_grpc import add_PartnersServiceServicer_to_server
from mutualrecognition.operations.v1.proposals_service_pb2_grpc import add_ProposalsServiceServicer_to_server

STOP_GRACE_SECONDS: Final = 1.0
_FEDERATION: Final = link_pb2.DESCRIPTOR.services_by_name["FederationService"]
_RECORDS: Final = records_service_pb2.DESCRIPTOR.services_by_name["RecordsService"]
_OPERATORS: Final = operators_service_pb2.DESCRIPTOR.services_by_name["OperatorsService"]
_CONSIGNMENTS: Final = consignments_service_pb2.DESCRIPTOR.services_by_name["ConsignmentsService"]
_REQUESTS: Final = requests_service_pb2.DESCRIPTOR.services_by_name["RequestsService"]
_ALERTS: Final = alerts_service_pb2.DESCRIPTOR.services_by_name["AlertsService"]
_RECOGNITION: Final = recognition_service_pb2.DESCRIPTOR.services_by_name["RecognitionService"]
_RELIANCES: Final = reliances_service_pb2.DESCRIPTOR.services_by_name["ReliancesService"]
_RECALLS: Final = recalls_service_pb2.DESCRIPTOR.services_by_name["RecallsService"]
_STATISTICS: Final = statistics_service_pb2.DESCRIPTOR.services_by_name["StatisticsService"]
_LINKS: Final = links_service_pb2.DESCRIPTOR.services_by_name["LinksService"]
_TRUST: Final = links_service_pb2.DESCRIPTOR.services_by_name["TrustService"]
_AUDIT: Final = audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"]
_KEYS: Final = keys_service_pb2.DESCRIPTOR.services_by_name["KeysService"]
_OFFERS: Final = offers_service_pb2.DESCRIPTOR.services_by_name["OffersService"]
_PARTNERS: Final = partners_service_pb2.DESCRIPTOR.services_by_name["PartnersService"]
_PROPOSALS: Final = proposals_service_pb2.DESCRIPTOR.services_by_name["ProposalsService"]
_HEALTH: Final = health_pb2.DESCRIPTOR.services_by_name["Health"]


@dataclass(frozen=True, slots=True)
class Services:
    """What stands behind the doors."""

    federation: FederationService
    records: RecordsService
    operators: OperatorsService
    consignments: ConsignmentsService
    requests: RequestsService
    alerts: AlertsService
    recognition: RecognitionService
    reliances: ReliancesService
    recalls: RecallsService
    statistics: StatisticsService
    links: LinksService
    trust: TrustService
    audit: AuditService
    keys: KeysService
    partners: PartnersService
    proposals: ProposalsService
    offers: OffersService


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
class Addresses:
    """Where the doors are to be, HOST:PORT, and how the national one is kept.

    ``peer`` None: the node only dials. ``tokens``: national clients show a token instead of a certificate.
    """

    peer: str | None
    national: str
    operations: str
    tokens: bool
    reflection: bool


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
        add=lambda server: _add_national(server, services, reflect=addresses.reflection),
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
        add=lambda server: _add_operations(server, services),
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
        add=lambda server: _add_peer(server, services.federation),
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


def _add_peer(server: grpc.aio.Server, federation: FederationService) -> None:
    add_FederationServiceServicer_to_server(federation, server)
    _add_health(server, _FEDERATION.full_name)
    require_rows(_methods(_FEDERATION, _HEALTH))


def _add_national(server: grpc.aio.Server, services: Services, *, reflect: bool) -> None:
    add_RecordsServiceServicer_to_server(services.records, server)
    add_OperatorsServiceServicer_to_server(services.operators, server)
    add_ConsignmentsServiceServicer_to_server(services.consignments, server)
    add_RequestsServiceServicer_to_server(services.requests, server)
    add_AlertsServiceServicer_to_server(services.alerts, server)
    add_RecognitionServiceServicer_to_server(services.recognition, server)
    national = [_RECORDS, _OPERATORS, _CONSIGNMENTS, _REQUESTS, _ALERTS, _RECOGNITION]
    add_ReliancesServiceServicer_to_server(services.reliances, server)
    add_RecallsServiceServicer_to_server(services.recalls, server)
    add_StatisticsServiceServicer_to_server(services.statistics, server)
    national = [_RECORDS, _OPERATORS, _CONSIGNMENTS, _REQUESTS, _ALERTS, _RELIANCES, _RECALLS, _STATISTICS]
    names = [each.full_name for each in national]
    _add_health(server, *names)
    require_rows(_methods(*national, _HEALTH))
    if reflect:
        reflection.enable_server_reflection([*names, _HEALTH.full_name, reflection.SERVICE_NAME], server)
        require_rows((f"/{reflection.SERVICE_NAME}/ServerReflectionInfo",))


def _add_operations(server: grpc.aio.Server, services: Services) -> None:
    add_LinksServiceServicer_to_server(services.links, server)
    add_TrustServiceServicer_to_server(services.trust, server)
    add_AuditServiceServicer_to_server(services.audit, server)
    add_KeysServiceServicer_to_server(services.keys, server)
    add_PartnersServiceServicer_to_server(services.partners, server)
    add_ProposalsServiceServicer_to_server(services.proposals, server)
    add_OffersServiceServicer_to_server(services.offers, server)
    own = [_LINKS, _TRUST, _AUDIT, _KEYS, _PARTNERS, _PROPOSALS, _OFFERS]
    _add_health(server, *(each.full_name for each in own))
    require_rows(_methods(*own, _HEALTH))


def _add_health(server: grpc.aio.Server, *services: str) -> None:
    health_pb2_grpc.add_HealthServicer_to_server(HealthService(services), server)


def _methods(*services: Any) -> list[str]:  # noqa: ANN401  service descriptors, of two generators
    return [f"/{service.full_name}/{name}" for service in services for name in service.methods_by_name]
