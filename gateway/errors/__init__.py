"""Every error that leaves this gateway, as one tree whose families say where the fault lies.

::

    GatewayError
    ├── Malformed          the bytes or the text cannot mean anything       (sender mends)
    ├── Unauthenticated    we do not know who speaks                        (caller presents a credential)
    ├── NotPermitted       we know, and it may not                          (the two operators talk)
    ├── UntrustedEvidence  a signature, root, key or history does not hold  (issuer explains)
    ├── Conflict           contradicts what is stored already               (caller asks for what is there)
    ├── OutOfOrder         good, but not now                                (sender goes back to what is stored)
    ├── Absent             there is no such thing here                      (caller checks what it asks for)
    ├── Pressure           too much, too fast, or the disk is nearly full   (caller waits)
    ├── Passing            away for now                                     (caller tries again)
    └── Ours               a fault of this node                             (this node's operator)

A class is an error: its ``reason`` is stable and part of the protocol (docs/protocol.md, Reasons), its
sentence tells which side must act and how. How a reason becomes a gRPC status stands in one table,
``gateway/rpc/status.py``; how it decides whether a link dials again stands in ``gateway/exchange/reasons.py``.
"""

from gateway.errors.evidence import (
    ConsistencyInvalid,
    DescriptorFork,
    DocumentInvalid,
    EvidenceInvalid,
    InclusionInvalid,
    KeyNotValid,
    KeyRefused,
    NoteMalformed,
    OfferRefused,
    SignatureInvalid,
    WordsMisheard,
    WordsOfAnother,
)
from gateway.errors.families import (
    Absent,
    Conflict,
    GatewayError,
    Malformed,
    NotPermitted,
    Ours,
    OutOfOrder,
    Passing,
    Pressure,
    Unauthenticated,
    UntrustedEvidence,
    Violation,
)
from gateway.errors.links import (
    AgreementMismatch,
    ClockSkew,
    DescriptorStale,
    FrameMalformed,
    IdentityMismatch,
    LimitExceeded,
    LinkSuspended,
    LogFork,
    LogRenewed,
    LogRollback,
    QuarantineFull,
    Renew,
    RootMismatch,
    ShareSpent,
    ShuttingDown,
    Superseded,
    TimedOut,
    UnknownPeer,
    VersionUnsupported,
)
from gateway.errors.node import (
    AuditFailed,
    ConfigurationInvalid,
    KeyFileUnsafe,
    NodeUnanswered,
    StoreCorrupt,
    StoreFailed,
    StoreFull,
    StoreInUse,
    StoreNewer,
)
from gateway.errors.submissions import (
    CallerNotPermitted,
    ClientUnknown,
    EvidenceErased,
    ForeignIssuer,
    FourEyesNeeded,
    IdentifierInvalid,
    KindUnknown,
    NotCovered,
    NotYetReceipted,
    RecordInvalid,
    RecordTooLarge,
    RequestReused,
    SameOfficer,
    StepNotPossible,
    SupersedesUnknown,
)

__all__ = [
    "Absent",
    "AgreementMismatch",
    "AuditFailed",
    "CallerNotPermitted",
    "ClientUnknown",
    "ClockSkew",
    "ConfigurationInvalid",
    "Conflict",
    "ConsistencyInvalid",
    "DescriptorFork",
    "DescriptorStale",
    "DocumentInvalid",
    "EvidenceErased",
    "EvidenceInvalid",
    "ForeignIssuer",
    "FourEyesNeeded",
    "FrameMalformed",
    "GatewayError",
    "IdentifierInvalid",
    "IdentityMismatch",
    "InclusionInvalid",
    "KeyFileUnsafe",
    "KeyNotValid",
    "KeyRefused",
    "KindUnknown",
    "LimitExceeded",
    "LinkSuspended",
    "LogFork",
    "LogRenewed",
    "LogRollback",
    "Malformed",
    "NodeUnanswered",
    "NotCovered",
    "NotPermitted",
    "NotYetReceipted",
    "NoteMalformed",
    "OfferRefused",
    "Ours",
    "OutOfOrder",
    "Passing",
    "Pressure",
    "QuarantineFull",
    "RecordInvalid",
    "RecordTooLarge",
    "Renew",
    "RequestReused",
    "RootMismatch",
    "SameOfficer",
    "ShareSpent",
    "ShuttingDown",
    "SignatureInvalid",
    "StepNotPossible",
    "StoreCorrupt",
    "StoreFailed",
    "StoreFull",
    "StoreInUse",
    "StoreNewer",
    "Superseded",
    "SupersedesUnknown",
    "TimedOut",
    "Unauthenticated",
    "UnknownPeer",
    "UntrustedEvidence",
    "VersionUnsupported",
    "Violation",
    "WordsMisheard",
    "WordsOfAnother",
]
