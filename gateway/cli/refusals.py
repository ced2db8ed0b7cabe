"""What a node answered to a call that failed, in words for whoever called."""

from __future__ import annotations

from typing import Final

import grpc
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status

from gateway.errors import Violation
from gateway.rpc.status import reason_in

_SENTENCES: Final = {
    grpc.StatusCode.UNAVAILABLE: (
        "The node does not answer. Is it running ('gateway serve'), and is the client registered there?"
    ),
    grpc.StatusCode.DEADLINE_EXCEEDED: (
        "The node has not answered in time: it or its machine is busy. What was to change may be done or not: look, or"
        " call again with the same request id."
    ),
}
"""What gRPC says by itself, in words that help."""


def refusal_in(error: Exception) -> tuple[str, str, tuple[Violation, ...]] | None:
    """Give reason, sentence and field violations of a failed call; None when the error is none."""
    if not (isinstance(error, grpc.RpcError) and isinstance(error, grpc.Call)):
        return None
    reason, sentence = reason_in(error)
    if reason:
        return reason, sentence, _violations(error)
    code = error.code()
    return code.name, _SENTENCES.get(code, sentence or "The node gave no reason."), ()


def _violations(error: grpc.Call) -> tuple[Violation, ...]:
    status = rpc_status.from_call(error)
    found: list[Violation] = []
    for packed in status.details if status else ():
        request = BadRequest()
        if packed.Unpack(request):
            found += [Violation(each.field, each.reason, each.description) for each in request.field_violations]
    return tuple(found)
