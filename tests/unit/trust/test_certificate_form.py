"""R-TLS-07: what a peer may refuse in certificates that many TLS libraries take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import UnknownPeer
from gateway.trust.certificates import verify_gateway_leaf

DOMAIN = "customs.nl.example"
NOW = datetime(2026, 11, 3, 3, tzinfo=UTC)

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def p256() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Form:
    """A CA and a leaf under it; everything as it should be, unless a case says otherwise."""

    subject: str = "gateway"
    names_are_critical: bool = False
    usages_are_critical: bool = False
    authority_key_identifier: bool = True
    ca_constraints_are_critical: bool = True
    ca_key_usage: bool = True
    ca_key: Key = field(default_factory=p256)
    leaf_key: Key = field(default_factory=p256)

    def ca(self) -> x509.Certificate:
        made = _begun("ca", self.ca_key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), self.ca_constraints_are_critical
        )
        if self.ca_key_usage:
            may = dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                False,
            )
            usage = x509.KeyUsage(**may, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
            made = made.add_extension(usage, critical=True)
        return self._signed(made)

    def leaf(self) -> x509.Certificate:
        names = [
            x509.UniformResourceIdentifier(f"spiffe://{DOMAIN}/gateway/1"),
            x509.DNSName(f"gateway.{DOMAIN}"),
        ]
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        made = (
            _begun(self.subject, self.leaf_key)
            .add_extension(x509.SubjectAlternativeName(names), self.names_are_critical)
            .add_extension(x509.ExtendedKeyUsage(both), self.usages_are_critical)
        )
        if self.authority_key_identifier:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca_key.public_key())
            made = made.add_extension(identifier, critical=False)
        return self._signed(made)

    def _signed(self, made: x509.CertificateBuilder) -> x509.Certificate:
        algorithm = None if isinstance(self.ca_key, ed25519.Ed25519PrivateKey) else SHA256()
        return made.issuer_name(_name("ca")).sign(self.ca_key, algorithm)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])


def _begun(common: str, key: Key) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=_name(common),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=30),
    )


def verify(form: Form) -> None:
    leaf, ca = (each.public_bytes(Encoding.DER) for each in (form.leaf(), form.ca()))
    for as_client in (True, False):
        verify_gateway_leaf(leaf, (), domain=DOMAIN, anchors=[ca], denied=frozenset(), at=NOW, as_client=as_client)


GOOD = {
    "as this project makes them": Form(),
    "no subject": Form(subject="", names_are_critical=True),
    "CA on P-384": Form(ca_key=ec.generate_private_key(ec.SECP384R1())),
    "CA of RSA": Form(ca_key=rsa.generate_private_key(65537, 2048)),
    "leaf of Ed25519": Form(leaf_key=ed25519.Ed25519PrivateKey.generate()),
}
BAD = {
    "critical names beside a subject": Form(names_are_critical=True),
    "names not critical without a subject": Form(subject=""),
    "no authorityKeyIdentifier": Form(authority_key_identifier=False),
    "critical extendedKeyUsage": Form(usages_are_critical=True),
    "CA whose basicConstraints are not critical": Form(ca_constraints_are_critical=False),
    "CA without keyUsage": Form(ca_key_usage=False),
    "CA of Ed25519": Form(ca_key=ed25519.Ed25519PrivateKey.generate()),
}


@pytest.mark.parametrize("form", GOOD.values(), ids=GOOD)
def test_these_are_taken(form: Form) -> None:
    verify(form)


@pytest.mark.parametrize("form", BAD.values(), ids=BAD)
def test_these_are_refused(form: Form) -> None:
    with pytest.raises(UnknownPeer):
        verify(form)
