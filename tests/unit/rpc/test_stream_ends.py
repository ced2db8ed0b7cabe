"""A stream that is refused at the door ends with the reason that the other side gave, and with who must act."""

from __future__ import annotations

import grpc
import pytest

from gateway.errors import GatewayError, LinkSuspended, SignatureInvalid
from gateway.rpc.status import status_of
from gateway.rpc.stream_ends import end_of


def refusal(error: GatewayError) -> grpc.aio.AioRpcError:
    status = status_of(error, "")
    metadata = grpc.aio.Metadata(*(status.trailing_metadata or ()))
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), metadata, status.details)


def bare(code: grpc.StatusCode, details: str = "") -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)


def test_a_bare_refusal_is_of_the_certificate() -> None:
    reason, detail = end_of("NL", bare(grpc.StatusCode.UNAUTHENTICATED))
    assert reason == "UNKNOWN_PEER"
    assert "does not take this node's certificate" in detail
    assert "Both operators must" in detail


def test_what_passes_or_is_mended_keeps_its_reason() -> None:
    suspended = LinkSuspended("The link with CN is suspended here.")
    assert end_of("NL", refusal(suspended)) == ("LINK_SUSPENDED", str(suspended))


def test_a_line_that_goes_before_a_word_was_said_is_probably_a_certificate_that_tls_refused() -> None:
    reason, detail = end_of("NL", bare(grpc.StatusCode.UNAVAILABLE, "Socket closed"), heard=False)
    assert reason == "UNAVAILABLE"
    assert "NL's operator must see whether it still has this node's descriptor" in detail
    assert "Socket closed" in detail


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal(SignatureInvalid("No.")), "SIGNATURE_INVALID: No."),
        (bare(grpc.StatusCode.UNAVAILABLE, "Socket closed"), "The stream to NL broke: Socket closed"),
        (bare(grpc.StatusCode.UNAVAILABLE), "the line is gone"),
        (RuntimeError("inside"), "The stream to NL broke: RuntimeError"),
    ],
)
def test_nothing_that_suspends_is_taken_from_a_mere_status(error: Exception, said: str) -> None:
    reason, detail = end_of("NL", error, way="to")
    assert reason == "UNAVAILABLE"
    assert said in detail
