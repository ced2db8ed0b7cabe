"""Make one X.509 certificate, good or bad: what it says is the caller's, how it is encoded is settled here.

The form is what RFC 5280 asks and what strict path validation (``cryptography.x509.verification``) accepts: subject
and authority key identifiers, critical basic constraints, critical key usage, and alternative names that are not
critical because the subject is never empty (section 4.2.1.6).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Statement:
    """What a certificate says about the holder of a key. ``path_length`` is None for a leaf, else a CA's limit."""

    subject: x509.Name
    begins: datetime
    ends: datetime
    names: tuple[x509.GeneralName, ...] = ()
    usages: tuple[x509.ObjectIdentifier, ...] = ()
    path_length: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Issuer:
    """A CA certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


def new_key() -> PrivateKey:
    """Make a P-256 key, the curve that every TLS library has."""
    return ec.generate_private_key(ec.SECP256R1())


def certify(statement: Statement, key: PrivateKey, issuer: Issuer | None) -> x509.Certificate:
    """Sign ``statement`` about ``key``'s public half; with no issuer the key signs itself.

    Nothing is checked against the issuer: the hostile profiles depend on that.
    """
    signing_key = issuer.key if issuer else key
    is_authority = statement.path_length is not None
    builder = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(statement.subject)
        .issuer_name(issuer.certificate.subject if issuer else statement.subject)
        .public_key(key.public_key())
        .not_valid_before(statement.begins)
        .not_valid_after(statement.ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=statement.path_length), critical=True)
        .add_extension(_key_usage(is_authority=is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if statement.names:
        builder = builder.add_extension(x509.SubjectAlternativeName(statement.names), critical=False)
    if statement.usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(statement.usages), critical=False)
    return builder.sign(signing_key, SHA256())


def subject(domain: str, common_name: str) -> x509.Name:
    """Spell a domain as RFC 2247 components, which have room for any DNS name, and a common name nobody reads."""
    components = [x509.NameAttribute(NameOID.DOMAIN_COMPONENT, label) for label in reversed(domain.split("."))]
    return x509.Name([*components, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def domain_of(certificate: x509.Certificate) -> str:
    """Read the domain back from what ``subject`` wrote."""
    components = certificate.subject.get_attributes_for_oid(NameOID.DOMAIN_COMPONENT)
    return ".".join(str(component.value) for component in reversed(components))


def usages(*, server: bool, client: bool) -> tuple[x509.ObjectIdentifier, ...]:
    """Name the sides of TLS that a leaf may take."""
    wanted = ((server, ExtendedKeyUsageOID.SERVER_AUTH), (client, ExtendedKeyUsageOID.CLIENT_AUTH))
    return tuple(usage for taken, usage in wanted if taken)


def alternative_names(
    *, uris: Sequence[str] = (), hosts: Sequence[str] = (), addresses: Sequence[str] = ()
) -> tuple[x509.GeneralName, ...]:
    """Turn texts into the three kinds of alternative name that are used here."""
    return (
        *(x509.UniformResourceIdentifier(uri) for uri in uris),
        *(x509.DNSName(host) for host in hosts),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
