"""Who is at the other end, for each of the three ports. TLS has checked possession of the key before we are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from gateway.errors import ClientUnknown, GatewayError, LinkSuspended, UnknownPeer
from gateway.ports.world import Clock
from gateway.rpc.access import Role
from gateway.rpc.clients import Caller, Clients
from gateway.rpc.guard import Context, Identify
from gateway.rpc.server_certificate import ShownCertificate
from gateway.trust.book import TrustBook
from gateway.trust.certificates import PeerCertificate, claimed_domain, verify_gateway_leaf

_HISTORY_IN_DOUBT: Final = frozenset({"LOG_FORK", "LOG_ROLLBACK"})
"""Reasons for which a link is suspended, while the partner may fetch what it needs to set its history right."""
_BEARER: Final = "Bearer "
_TLS_1_3: Final = b"TLSv1.3"

Properties = Mapping[str, Iterable[bytes]]
"""What gRPC states of a connection. Each look makes it anew, so a call looks once."""


class PeerCheck:
    """Checks a gateway's certificate against the present descriptor of the one partner that it names."""

    def __init__(self, *, book: Callable[[], TrustBook], clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._verified = lru_cache(maxsize=512)(self._verify)

    def check_client(self, leaf: bytes, chain: bytes) -> str:
        """Give the partner whose gateway has called.

        Raises:
            UnknownPeer, IdentityMismatch: it is not that of a partner's gateway.
        """
        partner = self._book().partner_of_domain(claimed_domain(leaf))
        if partner is None:
            raise UnknownPeer("No partner has this trust domain.")
        self._check(partner, leaf, (chain,) if chain else (), as_client=True)
        return partner

    def check_server(self, partner: str, shown: ShownCertificate) -> None:
        """Demand that a server is this partner's gateway.

        Raises:
            UnknownPeer, IdentityMismatch: it is not.
        """
        self._check(partner, shown.leaf, shown.chain, as_client=False)

    def _check(self, partner: str, leaf: bytes, chain: tuple[bytes, ...], *, as_client: bool) -> None:
        book, now = self._book(), self._clock.now()
        if partner not in book.partners:
            raise UnknownPeer(f"{partner} is no partner here.")
        descriptor = book.descriptor_of(partner)
        certificate = self._verified(leaf, chain, descriptor.digest, now // 60, partner, as_client)
        if certificate.not_after.timestamp() <= now:
            raise UnknownPeer(f"The certificate of {partner} has expired.")

    def _verify(
        self,
        leaf: bytes,
        chain: tuple[bytes, ...],
        _descriptor: bytes,
        minute: int,
        partner: str,
        as_client: bool,  # noqa: FBT001
    ) -> PeerCertificate:
        descriptor = self._book().descriptor_of(partner)
        return verify_gateway_leaf(
            leaf,
            chain,
            domain=descriptor.domain,
            anchors=descriptor.anchors,
            denied=frozenset(descriptor.denied),
            at=datetime.fromtimestamp(minute * 60 + 59, UTC),
            as_client=as_client,
        )


class PeerIdentity:
    """Turns a peer's certificate into a partner, under the present trust book."""

    def __init__(
        self, *, check: PeerCheck, suspended: Callable[[str], str], told_why: Callable[[str], str] = lambda _: ""
    ) -> None:
        self._peers = check
        self._suspended = suspended
        self._told_why = told_why

    def __call__(self, context: Context) -> Caller:
        """Identify the caller of a method on the peer port.

        Raises:
            UnknownPeer, IdentityMismatch: its certificate is not that of a partner's gateway.
            LinkSuspended: it is, and the link is suspended, for another reason than a history that does not fit.
        """
        partner = self._peers.check_client(*_shown(context, UnknownPeer))
        if self._suspended(partner) in _HISTORY_IN_DOUBT:
            return Caller(partner, frozenset({Role.HELD_PARTNER}))
        self._require_resumed(partner)
        return Caller(partner, frozenset({Role.PARTNER}))

    def watch(self, context: Context) -> Callable[[], GatewayError | None]:
        """Give a function that checks an open stream's peer again, against the trust book of that moment."""
        leaf, chain = _shown(context, UnknownPeer)

        def still_trusted() -> GatewayError | None:
            try:
                self._check(leaf, chain)
            except GatewayError as refusal:
                return refusal
            return None

        return still_trusted

    def _check(self, leaf: bytes, chain: bytes) -> None:
        self._require_resumed(self._peers.check_client(leaf, chain))

    def _require_resumed(self, partner: str) -> None:
        if reason := self._suspended(partner):
            why = self._told_why(partner)
            by_its_operator = f"by its operator: {why}" if why else "by its operator"
            by = by_its_operator if reason == LinkSuspended.reason else f"for {reason}"
            refusal = LinkSuspended(f"The link with {partner} is suspended here {by.rstrip('.')}.")
            refusal.caller = partner
            raise refusal


def by_certificate(clients: Clients, clock: Clock) -> Identify:
    """Identify national clients by their TLS certificate."""

    def identify(context: Context) -> Caller:
        return clients.by_certificate(*_shown(context, ClientUnknown), clock.now())

    return identify


def by_token(clients: Clients) -> Identify:
    """Identify national clients by ``authorization: Bearer …``, for those that cannot hold a certificate."""

    def identify(context: Context) -> Caller:
        _require_tls_1_3(context.auth_context(), ClientUnknown)
        for key, value in context.invocation_metadata() or ():
            if key == "authorization" and isinstance(value, str) and value.startswith(_BEARER):
                return clients.by_token(value.removeprefix(_BEARER))
        raise ClientUnknown("The call bears no token (authorization: Bearer …).")

    return identify


def _shown(context: Context, error: type[GatewayError]) -> tuple[bytes, bytes]:
    """Give the certificate of the caller, and the chain that it sent besides; empty when it sent none."""
    properties = context.auth_context()
    _require_tls_1_3(properties, error)
    leaf = _property(properties, "x509_pem_cert")
    if not leaf:
        raise error("The connection bears no certificate.")
    return leaf, _property(properties, "x509_pem_cert_chain")


def _require_tls_1_3(properties: Properties, error: type[GatewayError]) -> None:
    version = _property(properties, "ssl_tls_version")
    if version not in (b"", _TLS_1_3):
        raise error(f"The connection speaks {version.decode()}, TLS 1.3 is due.")


def _property(properties: Properties, name: str) -> bytes:
    """Give the one value of a property of the connection; empty when gRPC does not state it."""
    values = list(properties.get(name, ()))
    return bytes(values[0]) if len(values) == 1 else b""
