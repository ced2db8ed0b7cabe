"""National clients: who is registered, with which credential, in which roles (``HOME/clients.toml``)."""

from __future__ import annotations

import hmac
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gateway.errors import ClientUnknown, ConfigurationInvalid, Unauthenticated
from gateway.rpc.access import Role
from gateway.trust.certificates import ClientCertificate, verify_client_leaf

REMEMBERED_SECONDS: Final = 60
REMEMBERED_AT_MOST: Final = 1024

ClientName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
TokenDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Client(BaseModel):
    """One registered system or person. ``token_sha256`` is for ports that take tokens; a token is never stored.

    ``administration`` is whose officer a client with the role ``posted`` is; that role goes with no other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClientName
    roles: Annotated[tuple[Literal["submit", "read", "officer", "operate", "posted"], ...], Field(min_length=1)]
    token_sha256: TokenDigest | None = None
    revoked: bool = False
    denied_certificates: tuple[TokenDigest, ...] = ()
    administration: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        posted = "posted" in self.roles
        if posted and self.roles != ("posted",):
            raise ValueError(f"{self.name}: the role posted goes with no other")
        if posted != (self.administration is not None):
            raise ValueError(f"{self.name}: a client with the role posted, and no other, names its administration")
        return self


class ClientList(BaseModel):
    """The whole file: ``[[client]]`` tables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client: tuple[Client, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a name for the audit log, and roles. ``administration`` is that of a posted officer, else empty."""

    name: str
    roles: frozenset[Role]
    administration: str = ""


class Clients:
    """Turns a credential into a caller.

    Certificates are verified once and remembered for as long as they are valid; the registration is looked up at
    every call, so that a client that is struck out is out at once.
    """

    def __init__(self, registered: Sequence[Client], *, domain: str, anchors: Sequence[bytes]) -> None:
        self.use(registered)
        self._domain = domain
        self._anchors = tuple(anchors)
        self._verified: dict[tuple[bytes, bytes], tuple[ClientCertificate, int]] = {}

    def use(self, registered: Sequence[Client]) -> None:
        """Take another list from now on; who is not in it is out at the next look at its open calls."""
        self._by_name = {client.name: client for client in registered}
        self._callers = {
            client.name: Caller(client.name, frozenset(map(Role, client.roles)), client.administration or "")
            for client in registered
        }

    def by_certificate(self, leaf_pem: bytes, chain_pem: bytes, now: int) -> Caller:
        """Give the caller whose certificate this is; ``chain_pem`` is what it sent besides, empty when nothing.

        Raises:
            ClientUnknown: it does not hold, has expired, or its name is not registered.
        """
        try:
            certificate = self._verify(leaf_pem, chain_pem, now)
        except ClientUnknown:
            raise
        except Unauthenticated as error:
            raise ClientUnknown(error.sentence) from error
        if certificate.not_after.timestamp() <= now:
            raise ClientUnknown(f"The certificate of the client {certificate.name} has expired.")
        return self._caller(certificate.name, certificate.fingerprint)

    def by_token(self, token: str) -> Caller:
        """Give the caller whose token this is.

        Raises:
            ClientUnknown: nobody's.
        """
        digest = sha256(token.encode()).hexdigest()
        for client in self._by_name.values():
            if client.token_sha256 and hmac.compare_digest(client.token_sha256, digest):
                return self._caller(client.name)
        raise ClientUnknown("The token is not that of a registered client.")

    def _caller(self, name: str, fingerprint: bytes = b"") -> Caller:
        client = self._by_name.get(name)
        if client is None:
            raise ClientUnknown(f"No client is registered as {name}.")
        if client.revoked:
            raise ClientUnknown(f"The client {name} is revoked.")
        if fingerprint.hex() in client.denied_certificates:
            raise ClientUnknown(f"This certificate of the client {name} is withdrawn.")
        return self._callers[name]

    def _verify(self, leaf_pem: bytes, chain_pem: bytes, now: int) -> ClientCertificate:
        """Verify a certificate, or remember that this was done within the last minute."""
        certificate, until = self._verified.get((leaf_pem, chain_pem), (None, 0))
        if certificate is None or not until - REMEMBERED_SECONDS <= now < until:
            sent = (chain_pem,) if chain_pem else ()
            at = datetime.fromtimestamp(now, UTC)
            certificate = verify_client_leaf(leaf_pem, sent, domain=self._domain, anchors=self._anchors, at=at)
            if len(self._verified) >= REMEMBERED_AT_MOST:
                self._verified.clear()
            self._verified[leaf_pem, chain_pem] = certificate, now + REMEMBERED_SECONDS
        return certificate


def load_clients(file: Path) -> tuple[Client, ...]:
    """Read the list of clients.

    Raises:
        ConfigurationInvalid: it is missing or wrong.
    """
    try:
        listed = ClientList.model_validate(tomllib.loads(file.read_text("utf-8"))).client
    except FileNotFoundError:
        raise ConfigurationInvalid(f"There is no list of clients at {file}: 'gateway init' makes one.") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationInvalid(f"The list of clients, {file}, cannot be read: {error}.") from None
    if len({client.name for client in listed}) != len(listed):
        raise ConfigurationInvalid(f"The list of clients, {file}, names a client twice.")
    return listed
