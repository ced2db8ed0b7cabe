"""An authority of its own and certificates for links, good ones and spoilt ones: section 11 of docs/protocol.md."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_BOTH: Final = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
_BACKDATED: Final = timedelta(hours=1)
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf is to say. The rogue spoils one thing at a time."""

    uris: tuple[str, ...]
    hosts: tuple[str, ...]
    usages: tuple[x509.ObjectIdentifier, ...] = _BOTH
    authority: bool = False
    begins: timedelta = -_BACKDATED
    lasts: timedelta = timedelta(days=30)

    @classmethod
    def of(cls, domain: str) -> Self:
        """Say what a good one says (R-TLS-02)."""
        return cls((f"spiffe://{domain}/gateway/1",), (f"gateway.{domain}",))


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A certificate with its private key, both PEM."""

    chain: bytes
    key: bytes

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let a TLS client of the standard library show it."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.chain + self.key)
            file.flush()
            context.load_cert_chain(file.name)


@dataclass(frozen=True, slots=True, repr=False)
class Authority:
    """A certificate authority: its root is an ``anchor`` of the descriptor."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, domain: str) -> Self:
        """Make one."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Root of {domain}")
        now = datetime.now(UTC)
        builder = _builder(name, name, key.public_key(), now - _BACKDATED, now + timedelta(days=365))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        return cls(builder.sign(key, SHA256()), key)

    @classmethod
    def parse(cls, pem: bytes, key_pem: bytes) -> Self:
        """Read what ``pem`` and ``key_pem`` gave."""
        key = load_pem_private_key(key_pem, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return cls(x509.load_pem_x509_certificate(pem), key)

    @property
    def der(self) -> bytes:
        """The root, for the ``anchor`` line."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The root, for TLS."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """Its private key."""
        return _pem(self.key)

    def issue(self, said: Leaf, *, self_signed: bool = False) -> Credential:
        """Sign a leaf for a new key; ``self_signed`` with that key itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("gateway")
        issuer, signer = (name, key) if self_signed else (self.certificate.subject, self.key)
        begins = datetime.now(UTC) + said.begins
        builder = _builder(name, issuer, key.public_key(), begins, begins + said.lasts)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=said.authority, path_length=None), critical=said.authority
        )
        builder = builder.add_extension(x509.ExtendedKeyUsage(said.usages), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        names = _names(said.uris, said.hosts)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Credential(builder.sign(signer, SHA256()).public_bytes(Encoding.PEM), _pem(key))

    def good(self, domain: str) -> Credential:
        """Issue what R-TLS-02 asks for."""
        return self.issue(Leaf.of(domain))


def expired(domain: str) -> Leaf:
    """Say of a good leaf that it ended an hour ago."""
    return replace(Leaf.of(domain), begins=-timedelta(days=30, hours=1))


def _names(uris: Sequence[str], hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [*map(x509.UniformResourceIdentifier, uris), *map(x509.DNSName, hosts)]


def _builder(
    name: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _key_usage(*which: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in which for name in _USAGES})


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
