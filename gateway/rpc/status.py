"""How an error of this gateway looks on the wire: one table, both ways.

A status carries ``google.rpc.ErrorInfo`` (the stable reason, the correlation id), ``BadRequest`` where fields are at
fault and ``RetryInfo`` where waiting helps. Nothing of a bug's inside leaves the node: it becomes INTERNAL with the
correlation id under which the log has the rest.
"""

from __future__ import annotations

from typing import Final

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from gateway import errors
from gateway.exchange.reasons import NOT_TOLD

DOMAIN: Final = "mutualrecognition"

_CODES: Final[dict[type[errors.GatewayError], grpc.StatusCode]] = {
    errors.GatewayError: grpc.StatusCode.INTERNAL,
    errors.Malformed: grpc.StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.NotPermitted: grpc.StatusCode.FAILED_PRECONDITION,
    errors.UntrustedEvidence: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Conflict: grpc.StatusCode.ALREADY_EXISTS,
    errors.OutOfOrder: grpc.StatusCode.UNAVAILABLE,
    errors.Absent: grpc.StatusCode.NOT_FOUND,
    errors.Pressure: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Passing: grpc.StatusCode.UNAVAILABLE,
    errors.Ours: grpc.StatusCode.INTERNAL,
    errors.NotYetReceipted: grpc.StatusCode.FAILED_PRECONDITION,
    errors.CallerNotPermitted: grpc.StatusCode.PERMISSION_DENIED,
    errors.FourEyesNeeded: grpc.StatusCode.PERMISSION_DENIED,
    errors.SameOfficer: grpc.StatusCode.PERMISSION_DENIED,
    errors.IdentityMismatch: grpc.StatusCode.PERMISSION_DENIED,
    errors.LinkSuspended: grpc.StatusCode.PERMISSION_DENIED,
    errors.LimitExceeded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.RootMismatch: grpc.StatusCode.DATA_LOSS,
    errors.LogFork: grpc.StatusCode.DATA_LOSS,
    errors.LogRollback: grpc.StatusCode.DATA_LOSS,
    errors.LogRenewed: grpc.StatusCode.DATA_LOSS,
    errors.StoreCorrupt: grpc.StatusCode.DATA_LOSS,
}
_RETRY_SECONDS: Final = 1
_DETAILS_KEY: Final = "grpc-status-details-bin"


def code_of(error: errors.GatewayError) -> grpc.StatusCode:
    """Give the code of the nearest class in the table."""
    return next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)


def status_of(error: errors.GatewayError, correlation_id: str) -> grpc.Status:
    """Turn an error into a status with details, for ``ServicerContext.abort_with_status``.

    What must not be told is its code alone: this node's log has the rest.
    """
    if error.reason in NOT_TOLD:
        return rpc_status.to_status(Status(code=Code.Value(code_of(error).name)))
    info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={"correlation_id": correlation_id})
    details = [_packed(info)]
    if error.violations:
        fields = [
            BadRequest.FieldViolation(field=v.path, reason=v.rule.upper().replace(".", "_"), description=v.message)
            for v in error.violations
        ]
        details.append(_packed(BadRequest(field_violations=fields)))
    if isinstance(error, errors.Pressure | errors.Passing):
        details.append(_packed(RetryInfo(retry_delay=Duration(seconds=_RETRY_SECONDS))))
    status = Status(code=Code.Value(code_of(error).name), message=str(error), details=details)
    return rpc_status.to_status(status)


def reason_in(error: grpc.RpcError) -> tuple[str, str]:
    """Read a status that a gateway sent: its reason (empty when it is none of ours) and its sentence."""
    sentence = str(error.details() or "") if isinstance(error, grpc.Call | grpc.aio.AioRpcError) else str(error)
    for packed in _details_of(error):
        info = ErrorInfo()
        if packed.Unpack(info) and info.domain == DOMAIN:
            return info.reason, sentence
    return "", sentence


def correlation_in(error: grpc.RpcError) -> str:
    """Read under which id the other gateway has logged its refusal; empty when it does not say."""
    for packed in _details_of(error):
        info = ErrorInfo()
        if packed.Unpack(info) and info.domain == DOMAIN:
            return str(info.metadata["correlation_id"])
    return ""


def violations_in(error: grpc.RpcError) -> list[errors.Violation]:
    """Read the fields at fault out of a status that a gateway sent."""
    found: list[errors.Violation] = []
    for packed in _details_of(error):
        bad = BadRequest()
        if packed.Unpack(bad):
            found += [errors.Violation(v.field, v.reason, v.description) for v in bad.field_violations]
    return found


def _details_of(error: grpc.RpcError) -> list[Any]:
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        return []
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            return list(Status.FromString(value).details)
    return []


def _packed(message: ErrorInfo | BadRequest | RetryInfo) -> Any:
    detail = Any()
    detail.Pack(message)
    return detail
