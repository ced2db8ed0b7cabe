"""Why a stream broke, in the protocol's reasons and in words."""

from __future__ import annotations

from typing import Final

import grpc

from gateway.errors import UnknownPeer
from gateway.exchange.reasons import REASONS, Afterwards, afterwards
from gateway.rpc.status import reason_in

_BROKEN: Final = "UNAVAILABLE"
_PROBABLY: Final = (
    "If it lasts, TLS has probably refused this node's certificate: {0}'s operator must see whether it still has this "
    "node's descriptor; 'gateway doctor {0}' says more."
)
_WAITED_OUT: Final = frozenset({Afterwards.BACK_OFF, Afterwards.BACK_OFF_UNTIL_MENDED})
"""What may follow a mere status; whatever suspends a link comes in a Goodbye."""


def end_of(partner: str, error: Exception, *, way: str = "from", heard: bool = True) -> tuple[str, str]:
    """Give reason and sentence of a stream that ended with this error, in the peer's words where it gave any.

    ``heard``: something had come on it before.
    """
    broke = f"The stream {way} {partner} broke"
    if not isinstance(error, grpc.RpcError):
        return _BROKEN, f"{broke}: {type(error).__name__}"
    reason, sentence = reason_in(error)
    if not reason and isinstance(error, grpc.aio.AioRpcError) and error.code() is grpc.StatusCode.UNAUTHENTICATED:
        unknown = UnknownPeer(f"{partner} does not take this node's certificate; its log says why, under the same id.")
        return unknown.reason, str(unknown)
    if reason in REASONS and afterwards(reason) in _WAITED_OUT:
        return reason, sentence
    if not reason and not heard:
        return (
            _BROKEN,
            f"{broke} before anything was said: {sentence or 'the line is gone'}. {_PROBABLY.format(partner)}",
        )
    return _BROKEN, f"{broke}: {reason}: {sentence}" if reason else f"{broke}: {sentence or 'the line is gone'}"
