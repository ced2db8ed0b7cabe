"""Who may call what: one table of data. A method that is not in it cannot be served; the start fails then.

Roles of national clients: *submit* issues records, *read* reads them, *officer* decides about them, *operate* runs
the node; *posted* is an officer of another administration, who files requests of its own and follows these alone
(docs/decisions/0008). On the peer port the role is *partner*: an administration whose certificate holds against its
descriptor. While a fork or a rollback holds its link it is a *held partner*, who may fetch its history and no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from gateway.errors import CallerNotPermitted, ConfigurationInvalid, LinkSuspended


class Role(StrEnum):
    """What a caller may be allowed to do."""

    PARTNER = "partner"
    HELD_PARTNER = "held partner"
    SUBMIT = "submit"
    READ = "read"
    OFFICER = "officer"
    OPERATE = "operate"
    POSTED = "posted"


_FEDERATION: Final = "/mutualrecognition.federation.v1.FederationService/"
_RECORDS: Final = "/mutualrecognition.national.v1.RecordsService/"
_REGISTER: Final = "/mutualrecognition.national.v1.OperatorsService/"
_CONSIGNMENTS: Final = "/mutualrecognition.national.v1.ConsignmentsService/"
_REQUESTS: Final = "/mutualrecognition.national.v1.RequestsService/"
_ALERTS: Final = "/mutualrecognition.national.v1.AlertsService/"
_RECOGNITION: Final = "/mutualrecognition.national.v1.RecognitionService/"
_RELIANCES: Final = "/mutualrecognition.national.v1.ReliancesService/"
_RECALLS: Final = "/mutualrecognition.national.v1.RecallsService/"
_STATISTICS: Final = "/mutualrecognition.national.v1.StatisticsService/"
_LINKS: Final = "/mutualrecognition.operations.v1.LinksService/"
_TRUST: Final = "/mutualrecognition.operations.v1.TrustService/"
_AUDIT: Final = "/mutualrecognition.operations.v1.AuditService/"
_KEYS: Final = "/mutualrecognition.operations.v1.KeysService/"
_OFFERS: Final = "/mutualrecognition.operations.v1.OffersService/"
_PARTNERS_OF: Final = "/mutualrecognition.operations.v1.PartnersService/"
_PROPOSALS: Final = "/mutualrecognition.operations.v1.ProposalsService/"
_INCIDENTS: Final = "/mutualrecognition.operations.v1.IncidentsService/"
_HEALTH: Final = "/grpc.health.v1.Health/"
_REFLECTION: Final = "/grpc.reflection.v1alpha.ServerReflection/"

_PARTNERS: Final = frozenset({Role.PARTNER})
_ISSUERS: Final = frozenset({Role.SUBMIT})
_READERS: Final = frozenset({Role.READ, Role.OFFICER})
_HANDLERS: Final = frozenset({Role.SUBMIT, Role.OFFICER})
_OFFICERS: Final = frozenset({Role.OFFICER})
_POSTED: Final = frozenset({Role.POSTED})
_OPERATORS: Final = frozenset({Role.OPERATE})
_ANY_NATIONAL: Final = frozenset({Role.SUBMIT, Role.READ, Role.OFFICER, Role.OPERATE, Role.POSTED})
_ON_TRUST: Final = frozenset({Role.OFFICER, Role.OPERATE})

ACCESS: Final[dict[str, frozenset[Role]]] = {
    f"{_FEDERATION}Link": _PARTNERS,
    f"{_FEDERATION}GetDocuments": _PARTNERS,
    f"{_FEDERATION}OfferDocument": _PARTNERS,
    f"{_FEDERATION}GetEntries": _PARTNERS | {Role.HELD_PARTNER},
    f"{_RECORDS}SubmitRecords": _ISSUERS,
    f"{_RECORDS}StreamRecords": _ISSUERS,
    f"{_RECORDS}GetRecord": _READERS,
    f"{_RECORDS}ListRecords": _READERS,
    f"{_RECORDS}WatchRecords": _READERS,
    f"{_RECORDS}ExportEvidence": _READERS,
    f"{_REGISTER}LookupOperator": _READERS,
    f"{_REGISTER}ListOperators": _READERS,
    f"{_REGISTER}WatchOperators": _READERS,
    f"{_REGISTER}GetRegisterDigest": _READERS,
    f"{_CONSIGNMENTS}GetConsignment": _READERS,
    f"{_CONSIGNMENTS}WatchConsignment": _READERS,
    f"{_REQUESTS}CreateRequest": _HANDLERS | _POSTED,
    f"{_REQUESTS}AnswerRequest": _HANDLERS,
    f"{_REQUESTS}CancelRequest": _HANDLERS | _POSTED,
    f"{_REQUESTS}GetRequest": _READERS | _POSTED,
    f"{_REQUESTS}ListRequests": _READERS | _POSTED,
    f"{_REQUESTS}WatchRequests": _READERS | _POSTED,
    f"{_ALERTS}IssueAlert": _HANDLERS,
    f"{_ALERTS}AnswerAlert": _HANDLERS,
    f"{_ALERTS}CloseAlert": _HANDLERS,
    f"{_ALERTS}GetAlert": _READERS,
    f"{_ALERTS}ListAlerts": _READERS,
    f"{_ALERTS}WatchAlerts": _READERS,
    f"{_RECOGNITION}Decide": _OFFICERS,
    f"{_RECOGNITION}DecideMany": _OFFICERS,
    f"{_RECOGNITION}OverrideDecision": _OFFICERS,
    f"{_RECOGNITION}GetDecision": _READERS,
    f"{_RECOGNITION}ListDecisions": _READERS,
    f"{_RECOGNITION}WatchDecisions": _READERS,
    f"{_RECOGNITION}ReplayDecision": _READERS,
    f"{_RECOGNITION}CountDecisions": _READERS,
    f"{_RELIANCES}GetReliance": _READERS,
    f"{_RELIANCES}ListReliances": _READERS,
    f"{_RELIANCES}NoteGoods": _HANDLERS,
    f"{_RELIANCES}GiveFeedback": _HANDLERS,
    f"{_RELIANCES}SuspendReliance": _OFFICERS,
    f"{_RELIANCES}LiftSuspension": _OFFICERS,
    f"{_RELIANCES}ListSuspensions": _READERS,
    f"{_RECALLS}DeclareRecall": _OFFICERS,
    f"{_RECALLS}GetRecall": _READERS,
    f"{_RECALLS}ListRecalls": _READERS,
    f"{_RECALLS}AnswerRecall": _OFFICERS,
    f"{_RECALLS}WatchRecalls": _READERS,
    f"{_STATISTICS}GetStatistics": _READERS,
    f"{_LINKS}ListLinks": _OPERATORS,
    f"{_LINKS}GetNode": _OPERATORS,
    f"{_LINKS}ResumeLink": _OPERATORS,
    f"{_LINKS}AcceptGeneration": _OPERATORS,
    f"{_TRUST}AddPartner": _ON_TRUST,
    f"{_TRUST}AddAgreement": _ON_TRUST,
    f"{_TRUST}SuspendAgreement": _ON_TRUST,
    f"{_TRUST}ResumeAgreement": _ON_TRUST,
    f"{_TRUST}ListDocuments": _OPERATORS,
    f"{_AUDIT}ListAuditEntries": _OPERATORS,
    f"{_AUDIT}GetAuditCheckpoint": _OPERATORS,
    f"{_OFFERS}ListOffers": _OPERATORS,
    f"{_OFFERS}AcceptOffer": _OPERATORS,
    f"{_OFFERS}RefuseOffer": _OPERATORS,
    f"{_OFFERS}SendOffer": _OPERATORS,
    f"{_PARTNERS_OF}ListPartners": _OPERATORS,
    f"{_PARTNERS_OF}SuspendPartner": _OPERATORS,
    f"{_PARTNERS_OF}RevokePartner": _OPERATORS,
    f"{_KEYS}PublishDescriptor": _OPERATORS,
    f"{_KEYS}ReloadKeys": _OPERATORS,
    f"{_PROPOSALS}ListProposals": _ON_TRUST,
    f"{_PROPOSALS}ApproveProposal": _OFFICERS,
    f"{_PROPOSALS}WithdrawProposal": _ON_TRUST,
    f"{_INCIDENTS}ListIncidents": _OPERATORS,
    f"{_INCIDENTS}ExportIncident": _OPERATORS,
    f"{_HEALTH}Check": _ANY_NATIONAL | {Role.PARTNER},
    f"{_HEALTH}List": _ANY_NATIONAL | {Role.PARTNER},
    f"{_HEALTH}Watch": _ANY_NATIONAL | {Role.PARTNER},
    f"{_REFLECTION}ServerReflectionInfo": _ANY_NATIONAL,
}


def require_access(method: str, roles: Iterable[Role], caller: str) -> None:
    """Let a caller with one of the method's roles pass.

    Raises:
        CallerNotPermitted: it has none of them, or nobody may call this.
        LinkSuspended: it is a partner whose link is held.
    """
    allowed = ACCESS.get(method, frozenset())
    if allowed.isdisjoint(roles):
        if Role.HELD_PARTNER in roles and Role.PARTNER in allowed:
            raise LinkSuspended(f"The link with {caller} is suspended here.")
        needed = " or ".join(sorted(allowed)) or "nobody's"
        raise CallerNotPermitted(f"{caller} may not call {method}: it takes the role {needed}.")


def require_rows(methods: Iterable[str]) -> None:
    """Refuse to serve a method that the table does not name.

    Raises:
        ConfigurationInvalid: with the methods that are missing.
    """
    missing = sorted(set(methods) - ACCESS.keys())
    if missing:
        raise ConfigurationInvalid(f"These methods have no row in the access table: {', '.join(missing)}.")
