"""Which services stand behind which door: one table, from which a door serves, reflects and checks its access."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway.rpc.alerts_service import AlertsService
from gateway.rpc.audit_service import AuditService
from gateway.rpc.consignments_service import ConsignmentsService
from gateway.rpc.federation_service import FederationService
from gateway.rpc.guard import Guard
from gateway.rpc.incidents_service import IncidentsService
from gateway.rpc.keys_service import KeysService
from gateway.rpc.links_service import LinksService
from gateway.rpc.offers_service import OffersService
from gateway.rpc.operators_service import OperatorsService
from gateway.rpc.partners_service import PartnersService
from gateway.rpc.proposals_service import ProposalsService
from gateway.rpc.recalls_service import RecallsService
from gateway.rpc.recognition_service import RecognitionService
from gateway.rpc.records_service import RecordsService
from gateway.rpc.reliances_service import ReliancesService
from gateway.rpc.requests_service import RequestsService
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
    incidents_service_pb2,
    keys_service_pb2,
    links_service_pb2,
    offers_service_pb2,
    partners_service_pb2,
    proposals_service_pb2,
)
from mutualrecognition.operations.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from mutualrecognition.operations.v1.incidents_service_pb2_grpc import add_IncidentsServiceServicer_to_server
from mutualrecognition.operations.v1.keys_service_pb2_grpc import add_KeysServiceServicer_to_server
from mutualrecognition.operations.v1.links_service_pb2_grpc import (
    add_LinksServiceServicer_to_server,
    add_TrustServiceServicer_to_server,
)
from mutualrecognition.operations.v1.offers_service_pb2_grpc import add_OffersServiceServicer_to_server
from mutualrecognition.operations.v1.partners_service_pb2_grpc import add_PartnersServiceServicer_to_server
from mutualrecognition.operations.v1.proposals_service_pb2_grpc import add_ProposalsServiceServicer_to_server


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
    incidents: IncidentsService


@dataclass(frozen=True, slots=True)
class Served:
    """One service: its field of ``Services``, its generated module, and what adds it to a server."""

    field: str
    module: Any
    add: Callable[[Any, Any], None]

    @property
    def descriptor(self) -> Any:  # noqa: ANN401  the generated class says no more
        """What protobuf knows of it."""
        return self.module.DESCRIPTOR.services_by_name[f"{self.field.capitalize()}Service"]


PEER: Final = (Served("federation", link_pb2, add_FederationServiceServicer_to_server),)
NATIONAL: Final = (
    Served("records", records_service_pb2, add_RecordsServiceServicer_to_server),
    Served("operators", operators_service_pb2, add_OperatorsServiceServicer_to_server),
    Served("consignments", consignments_service_pb2, add_ConsignmentsServiceServicer_to_server),
    Served("requests", requests_service_pb2, add_RequestsServiceServicer_to_server),
    Served("alerts", alerts_service_pb2, add_AlertsServiceServicer_to_server),
    Served("recognition", recognition_service_pb2, add_RecognitionServiceServicer_to_server),
    Served("reliances", reliances_service_pb2, add_ReliancesServiceServicer_to_server),
    Served("recalls", recalls_service_pb2, add_RecallsServiceServicer_to_server),
    Served("statistics", statistics_service_pb2, add_StatisticsServiceServicer_to_server),
)
OPERATIONS: Final = (
    Served("links", links_service_pb2, add_LinksServiceServicer_to_server),
    Served("trust", links_service_pb2, add_TrustServiceServicer_to_server),
    Served("audit", audit_service_pb2, add_AuditServiceServicer_to_server),
    Served("keys", keys_service_pb2, add_KeysServiceServicer_to_server),
    Served("partners", partners_service_pb2, add_PartnersServiceServicer_to_server),
    Served("proposals", proposals_service_pb2, add_ProposalsServiceServicer_to_server),
    Served("offers", offers_service_pb2, add_OffersServiceServicer_to_server),
    Served("incidents", incidents_service_pb2, add_IncidentsServiceServicer_to_server),
)


def add_all(guard: Guard, services: Services, served: Iterable[Served]) -> None:
    """Put services behind a guard."""
    for each in served:
        each.add(getattr(services, each.field), guard)
