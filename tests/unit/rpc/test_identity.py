"""The second look at the version of TLS: an RSA certificate of the administration's own could let an older one in."""

from __future__ import annotations

import pytest

from gateway.clocks.system import SystemClock
from gateway.errors import ClientUnknown, GatewayError, UnknownPeer
from gateway.rpc.clients import Clients
from gateway.rpc.guard import Identify
from gateway.rpc.identity import PeerCheck, PeerIdentity, by_certificate, by_token
from gateway.trust.book import TrustBook


class Connection:
    """As much of a call's context as tells who is there: no certificate, and a token that is nobody's."""

    def __init__(self, version: bytes) -> None:
        self._version = version

    def auth_context(self) -> dict[str, list[bytes]]:
        return {"ssl_tls_version": [self._version]}

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("authorization", "Bearer x")]


def clients() -> Clients:
    return Clients([], domain="customs.nl.example", anchors=[])


def peers() -> PeerIdentity:
    return PeerIdentity(check=PeerCheck(book=lambda: TrustBook("NL"), clock=SystemClock()), suspended=lambda _: "")


@pytest.mark.parametrize(
    ("identify", "error"),
    [
        (peers(), UnknownPeer),
        (by_certificate(clients(), SystemClock()), ClientUnknown),
        (by_token(clients()), ClientUnknown),
    ],
    ids=["peer", "certificate", "token"],
)
def test_nobody_is_identified_below_tls_1_3(identify: Identify, error: type[GatewayError]) -> None:
    with pytest.raises(error, match=r"speaks TLSv1\.2"):
        identify(Connection(b"TLSv1.2"))
    with pytest.raises(error, match=r"no certificate|not that of"):
        identify(Connection(b"TLSv1.3"))
