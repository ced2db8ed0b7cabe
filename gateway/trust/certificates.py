"""Who is at the other end of a TLS connection: a pure check of a certificate against one administration's anchors.

TLS proves no more than that *some* authority in the bundle signed; with the authorities of two administrations in one
bundle, each could speak as the other. So every accepted certificate is checked again here, with the anchors of the
one domain that it names (docs/protocol.md, Certificate check; RFC 5280; SPIFFE X509-SVID section 2).

What an acceptor in Python gRPC has of its peer, in ``ServicerContext.auth_context()``: ``x509_pem_cert``, a list of
one PEM, the leaf; ``x509_pem_cert_chain``, a list of one PEM with all that the peer sent besides, absent when that
is nothing; ``ssl_tls_version``. They go in here as they are. ``peer_spiffe_id`` is there too, and says only what the
certificate claims. A dialer sees nothing of the server's certificate: it gives its channel the partner's anchors
alone and overrides the expected name with ``gateway.<domain>``.

Not checked here, and the caller's to do: TLS 1.3 and possession of the key (the TLS library), suspension of the link,
the same check again at every batch and heartbeat (``PeerCertificate.not_after``, and ``fingerprint`` in the newest
deny list).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateway.errors import DocumentInvalid, GatewayError, IdentityMismatch, Unauthenticated, UnknownPeer
from gateway.trust.names import is_domain

INTERMEDIATES_AT_MOST: Final = 1

_SPIFFE = re.compile(r"spiffe://(?P<domain>[^/]+)/(?P<kind>gateway|client)/(?P<name>(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64})")
_USAGE_NAMES: Final = {ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth", ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth"}
_BROKEN = (ValueError, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)

Extension = TypeVar("Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """A partner's gateway, proven: the domain, which of its gateways, and until when this is so.

    ``fingerprint`` is the SHA-256 of the leaf's DER, what a descriptor's ``deny`` line names.
    """

    domain: str
    instance: str
    not_after: datetime
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """One of the administration's own systems, proven; ``name`` is what the table of roles is asked for."""

    domain: str
    name: str
    not_after: datetime
    fingerprint: bytes


def claimed_domain(leaf: bytes) -> str:
    """Read which trust domain a leaf (DER or PEM) claims, to choose the descriptor to check it against.

    A claim, nothing more: anybody can write any name into a certificate. Raises UnknownPeer when it makes no claim.
    """
    uris = _uris(_parsed(leaf, UnknownPeer))
    claim = _SPIFFE.fullmatch(uris[0]) if len(uris) == 1 else None
    if claim is None or claim["kind"] != "gateway" or not is_domain(claim["domain"]):
        raise UnknownPeer("The certificate does not name exactly one gateway of one trust domain.")
    return claim["domain"]


def verify_gateway_leaf(
    leaf: bytes,
    intermediates: Sequence[bytes],
    *,
    domain: str,
    anchors: Sequence[bytes],
    denied: AbstractSet[bytes],
    at: datetime,
    as_client: bool,
) -> PeerCertificate:
    """Prove that ``leaf`` is a gateway of ``domain``, or refuse it with the reason in words.

    ``leaf`` and ``intermediates`` are DER or PEM as the peer sent them (one PEM may hold several, the leaf again
    among them); ``anchors`` are DER from ``domain``'s newest descriptor and from nothing else; ``denied`` its denied
    digests; ``at`` the time now, with a zone. ``as_client`` says which end of TLS the peer took.

    In this order:

    1. it is a certificate, and not one that was withdrawn;
    2. it is a leaf, valid now;
    3. it may be used at both ends of TLS;
    4. a path of at most one intermediate leads to an anchor of ``domain``;
    5. it bears exactly one URI, ``spiffe://<domain>/gateway/<instance>``;
    6. it bears exactly one DNS name, ``gateway.<domain>``; the subject's common name is never read;
    7. a server's holds under the rules for servers too.

    Raises UnknownPeer for 1 to 4 and 7, IdentityMismatch for 5 and 6: then the domain's own authority has issued a
    certificate that this protocol has no use for.
    """
    certificate = _parsed(leaf, UnknownPeer)
    _refuse_denied(certificate, denied, UnknownPeer)
    _demand_leaf_valid_at(certificate, at, UnknownPeer)
    _demand_usages(certificate, (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH), UnknownPeer)
    path = _Path(certificate, intermediates, domain=domain, anchors=anchors, at=at, error=UnknownPeer)
    path.verify_as_client()
    instance = _the_one_name(certificate, domain, "gateway", IdentityMismatch)
    _demand_one_host(certificate, f"gateway.{domain}")
    if not as_client:
        path.verify_as_server(f"gateway.{domain}")
    return PeerCertificate(domain, instance, certificate.not_valid_after_utc, certificate.fingerprint(SHA256()))


def verify_client_leaf(
    leaf: bytes,
    intermediates: Sequence[bytes],
    *,
    domain: str,
    anchors: Sequence[bytes],
    denied: AbstractSet[bytes] = frozenset(),
    at: datetime,
) -> ClientCertificate:
    """Prove that ``leaf`` is a national system ``spiffe://<domain>/client/<name>`` of this administration.

    The same steps as for a gateway, with the administration's own national anchors (DER), clientAuth alone demanded,
    and no DNS name. Whether ``name`` may do anything is the caller's question. Raises Unauthenticated.
    """
    certificate = _parsed(leaf, Unauthenticated)
    _refuse_denied(certificate, denied, Unauthenticated)
    _demand_leaf_valid_at(certificate, at, Unauthenticated)
    _demand_usages(certificate, (ExtendedKeyUsageOID.CLIENT_AUTH,), Unauthenticated)
    path = _Path(certificate, intermediates, domain=domain, anchors=anchors, at=at, error=Unauthenticated)
    path.verify_as_client()
    name = _the_one_name(certificate, domain, "client", Unauthenticated)
    return ClientCertificate(domain, name, certificate.not_valid_after_utc, certificate.fingerprint(SHA256()))


class _Path:
    """From one leaf to the anchors of one domain."""

    def __init__(
        self,
        leaf: x509.Certificate,
        sent: Sequence[bytes],
        *,
        domain: str,
        anchors: Sequence[bytes],
        at: datetime,
        error: type[GatewayError],
    ) -> None:
        self._leaf = leaf
        self._domain = domain
        self._error = error
        roots = _anchors(anchors, domain, error)
        self._intermediates = _intermediates(leaf, sent, roots, error)
        self._policy = PolicyBuilder().store(Store(roots)).time(at).max_chain_depth(INTERMEDIATES_AT_MOST)

    def verify_as_client(self) -> None:
        try:
            self._policy.build_client_verifier().verify(self._leaf, self._intermediates)
        except VerificationError as error:
            raise self._error(f"No anchor of {self._domain} vouches for the certificate.") from error

    def verify_as_server(self, host: str) -> None:
        try:
            self._policy.build_server_verifier(x509.DNSName(host)).verify(self._leaf, self._intermediates)
        except VerificationError as error:
            raise self._error(f"The certificate does not hold as that of the server {host}.") from error


def _parsed(pem_or_der: bytes, error: type[GatewayError]) -> x509.Certificate:
    certificates = _parsed_all(pem_or_der, error)
    if len(certificates) != 1:
        raise error("One certificate was expected where the peer's own should be.")
    return certificates[0]


def _parsed_all(pem_or_der: bytes, error: type[GatewayError]) -> list[x509.Certificate]:
    try:
        if pem_or_der.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificates(pem_or_der)
        return [x509.load_der_x509_certificate(pem_or_der)]
    except _BROKEN as broken:
        raise error("What the peer presents cannot be read as a certificate.") from broken


def _anchors(anchors: Sequence[bytes], domain: str, error: type[GatewayError]) -> list[x509.Certificate]:
    if not anchors:
        raise error(f"There is no anchor of {domain} to check the certificate against.")
    try:
        return [x509.load_der_x509_certificate(anchor) for anchor in anchors]
    except _BROKEN as broken:
        raise DocumentInvalid(f"An anchor of {domain} cannot be read as a certificate.") from broken


def _intermediates(
    leaf: x509.Certificate, sent: Sequence[bytes], anchors: list[x509.Certificate], error: type[GatewayError]
) -> list[x509.Certificate]:
    """Leave out the leaf and the anchors, which many TLS ends send along, and count before any path is tried."""
    certificates = [certificate for each in sent for certificate in _parsed_all(each, error)]
    between = [each for each in certificates if each != leaf and each not in anchors]
    if len(between) > INTERMEDIATES_AT_MOST:
        raise error(f"The peer sent {len(between)} intermediate certificates; one at most is taken.")
    return between


def _refuse_denied(certificate: x509.Certificate, denied: AbstractSet[bytes], error: type[GatewayError]) -> None:
    if certificate.fingerprint(SHA256()) in denied:
        raise error("The certificate was withdrawn by its administration.")


def _demand_leaf_valid_at(certificate: x509.Certificate, at: datetime, error: type[GatewayError]) -> None:
    constraints = _extension(certificate, x509.BasicConstraints, error)
    if constraints is not None and constraints.ca:
        raise error("The certificate is an authority's, not a leaf.")
    if at < certificate.not_valid_before_utc:
        raise error(f"The certificate is not valid before {certificate.not_valid_before_utc.isoformat()}.")
    if at > certificate.not_valid_after_utc:
        raise error(f"The certificate expired at {certificate.not_valid_after_utc.isoformat()}.")


def _demand_usages(
    certificate: x509.Certificate, demanded: Sequence[x509.ObjectIdentifier], error: type[GatewayError]
) -> None:
    allowed = _extension(certificate, x509.ExtendedKeyUsage, error) or ()
    for usage in demanded:
        if usage not in allowed:
            raise error(f"The certificate lacks the extended key usage {_USAGE_NAMES[usage]}.")


def _the_one_name(certificate: x509.Certificate, domain: str, kind: str, error: type[GatewayError]) -> str:
    uris = _uris(certificate)
    if len(uris) != 1:
        raise error(f"The certificate bears {len(uris)} URI names; exactly one is taken.")
    match = _SPIFFE.fullmatch(uris[0])
    if match is None or match["kind"] != kind:
        raise error(f"The certificate's URI name is not of the form spiffe://{domain}/{kind}/<name>.")
    if match["domain"] != domain:
        raise error(f"The certificate names the trust domain {match['domain']}, not {domain}.")
    return match["name"]


def _demand_one_host(certificate: x509.Certificate, host: str) -> None:
    names = _extension(certificate, x509.SubjectAlternativeName, IdentityMismatch)
    hosts = names.get_values_for_type(x509.DNSName) if names else []
    if len(hosts) != 1:
        raise IdentityMismatch(f"The certificate bears {len(hosts)} DNS names; exactly one is taken.")
    if hosts[0] != host:
        raise IdentityMismatch(f"The certificate's DNS name is not {host}.")


def _uris(certificate: x509.Certificate) -> list[str]:
    names = _extension(certificate, x509.SubjectAlternativeName, UnknownPeer)
    return names.get_values_for_type(x509.UniformResourceIdentifier) if names else []


def _extension(certificate: x509.Certificate, kind: type[Extension], error: type[GatewayError]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except _BROKEN as broken:
        raise error("The certificate's extensions cannot be read.") from broken
