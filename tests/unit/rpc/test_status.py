"""Every error of the tree has a status, and a status that was sent is read back as what it was."""

from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from gateway import errors
from gateway.exchange.reasons import NOT_TOLD, REASONS
from gateway.rpc.status import code_of, reason_in, status_of, violations_in

CODE = grpc.StatusCode
BY_REASON = {
    "UNKNOWN_PEER": CODE.UNAUTHENTICATED,
    "IDENTITY_MISMATCH": CODE.PERMISSION_DENIED,
    "LINK_SUSPENDED": CODE.PERMISSION_DENIED,
    "MALFORMED": CODE.INVALID_ARGUMENT,
    "LIMIT_EXCEEDED": CODE.RESOURCE_EXHAUSTED,
    "OVERLOADED": CODE.RESOURCE_EXHAUSTED,
    "LOG_FORK": CODE.DATA_LOSS,
    "LOG_ROLLBACK": CODE.DATA_LOSS,
    "LOG_RENEWED": CODE.DATA_LOSS,
    "ROOT_MISMATCH": CODE.DATA_LOSS,
    "INTERNAL": CODE.INTERNAL,
    "RENEW": CODE.UNAVAILABLE,
    "SUPERSEDED": CODE.UNAVAILABLE,
    "SHUTDOWN": CODE.UNAVAILABLE,
    "TIMEOUT": CODE.UNAVAILABLE,
    "UNAVAILABLE": CODE.UNAVAILABLE,
    "OUT_OF_ORDER": CODE.UNAVAILABLE,
    "VERSION_UNSUPPORTED": CODE.FAILED_PRECONDITION,
    "CLOCK_SKEW": CODE.FAILED_PRECONDITION,
    "AGREEMENT_MISMATCH": CODE.FAILED_PRECONDITION,
    "KEY_NOT_VALID": CODE.FAILED_PRECONDITION,
    "SIGNATURE_INVALID": CODE.FAILED_PRECONDITION,
    "DESCRIPTOR_STALE": CODE.FAILED_PRECONDITION,
    "DESCRIPTOR_FORK": CODE.FAILED_PRECONDITION,
}
"""docs/protocol.md, Reasons: the status codes."""
SECRET = "what the sentence says"


def every(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in every(child))]


EVERY = sorted(set(every(errors.GatewayError)), key=lambda kind: kind.__name__)


def received(status: grpc.Status) -> grpc.aio.AioRpcError:
    """The error that a client has when this status was sent."""
    trailing = grpc.aio.Metadata(*(status.trailing_metadata or ()))
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), trailing, status.details)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_is_told_with_its_reason(kind: type[errors.GatewayError]) -> None:
    error = received(status_of(kind(SECRET), "4711"))
    assert error.code() is code_of(kind(SECRET))
    assert error.code() not in (CODE.OK, CODE.UNKNOWN)
    if kind.reason in NOT_TOLD:
        assert reason_in(error) == ("", "")
        return
    assert reason_in(error) == (kind.reason, str(kind(SECRET)))
    waits = issubclass(kind, errors.Pressure | errors.Passing)
    assert has_retry(error) == waits


def has_retry(error: grpc.aio.AioRpcError) -> bool:
    return any(packed.Is(RetryInfo.DESCRIPTOR) for packed in details(error))


def details(error: grpc.aio.AioRpcError) -> list:
    return [packed for _, value in error.trailing_metadata() or () for packed in Status.FromString(value).details]


def test_the_codes_are_the_protocols() -> None:
    assert set(BY_REASON) == REASONS
    for kind in EVERY:
        if kind.reason in BY_REASON:
            assert code_of(kind("")) is BY_REASON[kind.reason], kind


def test_every_reason_of_the_protocol_is_some_errors() -> None:
    assert {kind.reason for kind in EVERY} >= REASONS


def test_a_stranger_gets_no_detail_at_all() -> None:
    status = status_of(errors.UnknownPeer(SECRET), "4711")
    assert (status.code, status.details) == (CODE.UNAUTHENTICATED, "")
    assert details(received(status)) == []


def test_fields_at_fault_are_named() -> None:
    violations = (
        errors.Violation("header.purpose", "record.purpose", "say for what"),
        errors.Violation("a[0]", "b.c", "d"),
    )
    error = received(status_of(errors.RecordInvalid("Two fields.", violations=violations), "4711"))
    assert violations_in(error) == [
        errors.Violation("header.purpose", "RECORD_PURPOSE", "say for what"),
        errors.Violation("a[0]", "B_C", "d"),
    ]


def test_the_correlation_id_is_told() -> None:
    status = status_of(errors.Ours("Broken."), "4711")
    assert b"4711" in dict(status.trailing_metadata)["grpc-status-details-bin"]


def test_statuses_of_others_have_no_reason() -> None:
    plain = grpc.aio.AioRpcError(CODE.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), "connection refused")
    assert reason_in(plain) == ("", "connection refused")
    assert violations_in(plain) == []
