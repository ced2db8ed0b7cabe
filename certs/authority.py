"""An administration's certificate authority, for development: make it, issue from it, keep it in a directory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certs import files
from certs.profiles import AUTHORITY_LIFE, BACKDATED, GATEWAY, NATIONAL_CLIENT, NATIONAL_SERVER, Profile
from certs.signing import Issuer, PrivateKey, Statement, alternative_names, certify, domain_of, new_key, subject, usages

ROOT = "ca"
INTERMEDIATE = "intermediate"

_DOMAIN = re.compile(r"(?=.{1,120}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z")
_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A leaf, the intermediates under which it was issued, and its private key."""

    certificate: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    key: PrivateKey

    @property
    def der(self) -> bytes:
        """The leaf as DER: its SHA-256 is what a descriptor's ``deny`` line names."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def certificate_pem(self) -> bytes:
        """The leaf alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        """The leaf, then its intermediates: what a TLS end sends."""
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.certificate, *self.intermediates))

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS#8, not encrypted."""
        return key_pem(self.key)

    def write(self, directory: Path, name: str, *, replace: bool = False) -> None:
        """Write ``name.pem`` (the chain) and ``name.key``, both 0600; FileExistsError unless ``replace``."""
        files.write_pair(directory, name, self.chain_pem, self.key_pem, replace=replace)

    @classmethod
    def read(cls, directory: Path, name: str) -> Self:
        """Read what ``write`` wrote. ValueError when certificate and key do not fit."""
        leaf, *intermediates = x509.load_pem_x509_certificates((directory / f"{name}.pem").read_bytes())
        return cls(leaf, tuple(intermediates), _read_key(directory / f"{name}.key", leaf))


@dataclass(frozen=True, slots=True, repr=False)
class Authority:
    """A root with its key and, when it has one, the intermediate that issues in its place.

    An administration has one for its gateways, whose root is an ``anchor`` of its descriptor, and best another one
    for its national systems, so that nothing issued at home can speak abroad.
    """

    domain: str
    root: Issuer
    intermediate: Issuer | None = None

    @classmethod
    def create(
        cls,
        domain: str,
        *,
        intermediate: bool = False,
        life: timedelta = AUTHORITY_LIFE,
        at: datetime | None = None,
    ) -> Self:
        """Make new keys and certificates for a trust domain (a DNS name in lower case, at most 120 bytes).

        ``at`` is when it begins, now if left out. ValueError when the domain is not one.
        """
        if not _DOMAIN.match(domain):
            raise ValueError(f"{domain!r} is not a trust domain: a DNS name in lower case of at most 120 bytes.")
        begins = (at or datetime.now(UTC)) - BACKDATED
        span = (begins, begins + BACKDATED + life)
        root = _certification(domain, "root", span, path_length=1 if intermediate else 0)
        if not intermediate:
            return cls(domain, root)
        return cls(domain, root, _certification(domain, "intermediate", span, path_length=0, issuer=root))

    @property
    def anchor_der(self) -> bytes:
        """The root as DER: the ``anchor`` line of a descriptor is its base64."""
        return self.root.certificate.public_bytes(Encoding.DER)

    @property
    def anchor_pem(self) -> bytes:
        """The root as PEM: what a TLS end is given to trust."""
        return self.root.certificate.public_bytes(Encoding.PEM)

    @property
    def issuer(self) -> Issuer:
        """Who signs leaves: the intermediate when there is one."""
        return self.intermediate or self.root

    def issue_gateway(
        self, instance: str = "1", *, life: timedelta | None = None, at: datetime | None = None
    ) -> Credential:
        """Issue to one gateway process of this administration, for links with partners."""
        return self._issue(GATEWAY, instance, life=life, at=at)

    def issue_server(
        self,
        *,
        hosts: Sequence[str] = (),
        addresses: Sequence[str] = (),
        life: timedelta | None = None,
        at: datetime | None = None,
    ) -> Credential:
        """Issue to the national port; it bears localhost and 127.0.0.1 besides what is given."""
        return self._issue(NATIONAL_SERVER, "national", hosts=hosts, addresses=addresses, life=life, at=at)

    def issue_client(self, name: str, *, life: timedelta | None = None, at: datetime | None = None) -> Credential:
        """Issue to a national system that calls the gateway; its role is given in the gateway's configuration."""
        return self._issue(NATIONAL_CLIENT, name, life=life, at=at)

    def renew(self, certificate: x509.Certificate, *, at: datetime | None = None) -> Credential:
        """Issue the same statement again for as long as before, with a new key.

        ValueError when the certificate is not this authority's.
        """
        try:
            certificate.verify_directly_issued_by(self.issuer.certificate)
        except Exception as error:
            raise ValueError(f"This certificate was not issued by the authority of {self.domain}.") from error
        begins = (at or datetime.now(UTC)) - BACKDATED
        extensions = certificate.extensions
        return self.credential(
            Statement(
                subject=certificate.subject,
                begins=begins,
                ends=begins + (certificate.not_valid_after_utc - certificate.not_valid_before_utc),
                names=tuple(extensions.get_extension_for_class(x509.SubjectAlternativeName).value),
                usages=tuple(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value),
            )
        )

    def credential(self, statement: Statement) -> Credential:
        """Sign any statement about a new key; no profile is applied, and the hostile certificates use it so."""
        key = new_key()
        intermediates = (self.intermediate.certificate,) if self.intermediate else ()
        return Credential(certify(statement, key, self.issuer), intermediates, key)

    def write(self, directory: Path, *, replace: bool = False) -> None:
        """Write ``ca.pem``, ``ca.key`` and the intermediate's likewise, all 0600; FileExistsError unless ``replace``.

        Replacing an authority makes all that it issued worthless.
        """
        parts = {ROOT: self.root} | ({INTERMEDIATE: self.intermediate} if self.intermediate else {})
        for name, part in parts.items():
            pem = part.certificate.public_bytes(Encoding.PEM)
            files.write_pair(directory, name, pem, key_pem(part.key), replace=replace)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read what ``write`` wrote. FileNotFoundError or ValueError when it is not there or does not fit."""
        root = _read_issuer(directory, ROOT)
        has_intermediate = (directory / f"{INTERMEDIATE}.pem").exists()
        return cls(
            domain_of(root.certificate), root, _read_issuer(directory, INTERMEDIATE) if has_intermediate else None
        )

    def _issue(
        self,
        profile: Profile,
        name: str,
        *,
        hosts: Sequence[str] = (),
        addresses: Sequence[str] = (),
        life: timedelta | None,
        at: datetime | None,
    ) -> Credential:
        if not _NAME.match(name):
            raise ValueError(f"{name!r} cannot stand in a certificate: 1 to 64 letters, digits, '.', '_' or '-'.")
        begins = (at or datetime.now(UTC)) - BACKDATED
        ends = begins + BACKDATED + (life or profile.life)
        fill = {"domain": self.domain, "name": name}
        return self.credential(
            Statement(
                subject=subject(self.domain, f"{profile.kind}-{name}"[:64]),
                begins=begins,
                ends=min(ends, self.issuer.certificate.not_valid_after_utc),
                names=alternative_names(
                    uris=[uri.format_map(fill) for uri in profile.uris],
                    hosts=[*(host.format_map(fill) for host in profile.hosts), *hosts],
                    addresses=[*profile.addresses, *addresses],
                ),
                usages=usages(server=profile.server, client=profile.client),
            )
        )


def key_pem(key: PrivateKey) -> bytes:
    """Write a private key as PKCS#8 PEM, not encrypted: the file's mode is what protects it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certification(
    domain: str, role: str, span: tuple[datetime, datetime], *, path_length: int, issuer: Issuer | None = None
) -> Issuer:
    key = new_key()
    said = Statement(subject(domain, f"development {role}"), *span, path_length=path_length)
    return Issuer(certify(said, key, issuer), key)


def _read_issuer(directory: Path, name: str) -> Issuer:
    certificate = x509.load_pem_x509_certificate((directory / f"{name}.pem").read_bytes())
    return Issuer(certificate, _read_key(directory / f"{name}.key", certificate))


def _read_key(path: Path, certificate: x509.Certificate) -> PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, PrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError(f"{path} is not the key of the certificate beside it.")
    return key
