"""What gRPC says by itself is told in words that help; what is no answer of a node is none."""

from __future__ import annotations

import grpc
import pytest
from grpc import StatusCode

from gateway.cli.refusals import refusal_in


class Failed(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """What gRPC raises of a call that came to nothing."""

    def __init__(self, code: StatusCode, said: str) -> None:
        self._code, self._said = code, said

    def code(self) -> StatusCode:
        return self._code

    def details(self) -> str:
        return self._said

    def trailing_metadata(self) -> tuple[()]:
        return ()


Failed.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "said", "helps"),
    [
        (StatusCode.UNAVAILABLE, "failed to connect to all addresses", "Is it running"),
        (StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", "call again with the same request id"),
        (StatusCode.UNIMPLEMENTED, "There is no such method here.", "There is no such method here."),
        (StatusCode.UNKNOWN, "", "gave no reason"),
    ],
)
def test_what_is_told_helps(code: StatusCode, said: str, helps: str) -> None:
    told = refusal_in(Failed(code, said))
    assert told is not None
    assert (told[0], helps in told[1], told[2]) == (code.name, True, ())


def test_what_is_no_answer_of_a_node_is_none() -> None:
    assert refusal_in(ValueError("no call")) is None
