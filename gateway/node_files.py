"""The files of a node: keys, certificates, descriptor, clients; where they are is in the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.config import Config, Environment
from gateway.errors import ConfigurationInvalid
from gateway.linklog.keys import Signer
from gateway.rpc.clients import Client, Clients, load_clients
from gateway.rpc.link_maker import LinkSigners
from gateway.rpc.servers import TlsIdentity
from gateway.rpc.watched_identity import WatchedIdentity
from gateway.signers.files import read_private
from gateway.signers.roles import AUDIT, LOG, RECEIPT, load_signers
from gateway.trust.names import audit_key_name, log_key_name, receipt_key_name
from gateway.whole_files import write_whole

GATEWAY: Final = "gateway"
NATIONAL: Final = "national"
DEMO_MARK: Final = "DEMO"
"""A file beside keys that were made outside production."""
_GATEWAY: Final = re.compile(rf"{GATEWAY}(-[1-9][0-9]{{0,5}})?")
CLIENT_ANCHORS: Final = "national-ca.pem"


class NodeFiles:
    """Reads what ``gateway init`` laid out under ``home``."""

    def __init__(self, config: Config, home: Path) -> None:
        self._config = config
        self._keys = home / config.files.keys
        self._tls = home / config.files.tls
        self._descriptor = home / config.files.descriptor
        self._clients = home / config.files.clients

    def refuse_demo_keys(self) -> None:
        """Refuse, in production, keys that were made for development or a demo.

        Raises:
            ConfigurationInvalid: they were.
        """
        refuse_demo_keys(self._config, self._keys)

    def descriptor(self) -> bytes:
        """Give this administration's own descriptor, a signed note."""
        return _read(self._descriptor)

    def keep_descriptor(self, note: bytes) -> None:
        """Let the descriptor's file be what the store holds: it is the copy that partners are given."""
        if not self._descriptor.exists() or self._descriptor.read_bytes() != note:
            write_whole(self._descriptor, note)

    def link_signers(self) -> LinkSigners:
        """Give the keys that sign checkpoints and receipts."""
        domain = self._config.domain
        return LinkSigners(
            log=load_signers(self._keys, LOG, log_key_name(domain)),
            receipt=load_signers(self._keys, RECEIPT, receipt_key_name(domain)),
        )

    def audit_signer(self) -> Signer:
        """Give the key that signs the head of the audit log, and nothing else."""
        return load_signers(self._keys, AUDIT, audit_key_name(self._config.domain))[0]

    def gateway_identities(self) -> list[TlsIdentity]:
        """Give every certificate of the gateway that lies there: ``gateway.pem``, ``gateway-2.pem`` and so on."""
        return [self._identity(path.stem) for path in sorted(self._tls.glob("*.pem")) if _GATEWAY.fullmatch(path.stem)]

    def newest_gateway_identity(self) -> TlsIdentity:
        """Give the newest certificate of the gateway; every one that lies there must be readable.

        Raises:
            ConfigurationInvalid: there is none.
        """
        return self._identity(self.newest_gateway_name())

    def newest_gateway_name(self) -> str:
        """Name the files of the newest one, without ``.pem`` and ``.key``.

        Raises:
            ConfigurationInvalid: there is none, or one cannot be read.
        """
        names = [path.stem for path in sorted(self._tls.glob("*.pem")) if _GATEWAY.fullmatch(path.stem)]
        if not names:
            raise ConfigurationInvalid(f"There is no certificate of the gateway in {self._tls}.")
        return max(names, key=self._begins)

    def _begins(self, name: str) -> datetime:
        try:
            return x509.load_pem_x509_certificates(_read(self._tls / f"{name}.pem"))[0].not_valid_before_utc
        except ValueError:
            raise ConfigurationInvalid(f"{name}.pem in {self._tls} has no certificate that can be read.") from None

    def national_identity(self) -> TlsIdentity:
        """Give the certificate that national clients see."""
        return self._identity(NATIONAL)

    def _identity(self, name: str) -> TlsIdentity:
        return TlsIdentity(read_private(self._tls / f"{name}.key"), _read(self._tls / f"{name}.pem"))

    def client_anchors(self) -> list[bytes]:
        """Give the authorities (DER) that vouch for national clients."""
        certificates = x509.load_pem_x509_certificates(_read(self._tls / CLIENT_ANCHORS))
        return [certificate.public_bytes(Encoding.DER) for certificate in certificates]

    def clients(self) -> tuple[Client, ...]:
        """Give the registered national clients."""
        return load_clients(self._clients)

    def clients_changed(self) -> tuple[int, int]:
        """Give what differs once the list of clients was written anew."""
        try:
            status = self._clients.stat()
        except FileNotFoundError:
            return (0, 0)
        return status.st_mtime_ns, status.st_ino


class ClientsFile:
    """Lets the registered clients be what their file says, whenever it changes."""

    def __init__(self, files: NodeFiles, clients: Clients) -> None:
        self._files = files
        self._clients = clients
        self._seen = files.clients_changed()

    def read(self) -> None:
        """Read the file again.

        Raises:
            ConfigurationInvalid: it cannot be read; the former list stays in use.
        """
        self._clients.use(self._files.clients())

    async def tick(self, _now: int) -> None:
        """Read the file again when it has changed."""
        changed = self._files.clients_changed()
        if changed != self._seen:
            self._seen = changed
            self.read()


@dataclass(frozen=True, slots=True)
class Identities:
    """The node's certificates, read anew at each use; a broken file leaves the former one in use, and an alarm."""

    gateway: WatchedIdentity
    national: WatchedIdentity

    @classmethod
    def of(cls, files: NodeFiles) -> Identities:
        """Read both.

        Raises:
            ConfigurationInvalid: one cannot be used.
        """
        made = cls(
            WatchedIdentity("gateway certificate", files.newest_gateway_identity),
            WatchedIdentity("national certificate", files.national_identity),
        )
        made.gateway()
        made.national()
        return made


class PresentSigners:
    """The keys with which the node signs, as they were when the files were read last.

    Files that cannot be read leave the former keys in use.
    """

    def __init__(self, files: NodeFiles) -> None:
        self._files = files
        self._signers = files.link_signers()

    def __call__(self) -> LinkSigners:
        """Give them."""
        return self._signers

    def read(self) -> LinkSigners:
        """Read the files again.

        Raises:
            KeyFileUnsafe: one is not to be trusted; the former keys stay in use.
        """
        self._signers = self._files.link_signers()
        return self._signers


def refuse_demo_keys(settings: Config, keys: Path) -> None:
    """Refuse, in production, keys in this directory that were made for development or a demo.

    Raises:
        ConfigurationInvalid: they were.
    """
    if settings.environment is Environment.PRODUCTION and (keys / DEMO_MARK).exists():
        raise ConfigurationInvalid(
            f"The keys in {keys} were made for development or a demo: found a home for production with "
            "'gateway init --environment production'."
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationInvalid(f"There is no {path}: 'gateway init' makes one.") from None
