"""A certificate that is read anew at each use, checked before it is used, and kept while its file is broken."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gateway.errors import ConfigurationInvalid, GatewayError
from gateway.rpc.servers import TlsIdentity

_log = structlog.get_logger(__name__)


class WatchedIdentity:
    """Gives the identity in the files; the former one, and an alarm, while they cannot be used.

    gRPC takes whatever it is given and goes on with the former one in silence, so it is given nothing unchecked.
    ``fault`` says what is wrong, empty when nothing is.
    """

    def __init__(self, name: str, read: Callable[[], TlsIdentity]) -> None:
        self.name = name
        self.fault = ""
        self._read = read
        self._last: TlsIdentity | None = None

    def __call__(self) -> TlsIdentity:
        """Give the identity to use now.

        Raises:
            ConfigurationInvalid: the files cannot be used, and there was no former one.
        """
        try:
            identity = self._read()
            require_usable(identity, self.name)
        except (GatewayError, OSError) as error:
            return self._former(error)
        if self.fault:
            _log.info("certificate can be used again", certificate=self.name)
        self._last, self.fault = identity, ""
        return identity

    @property
    def last(self) -> TlsIdentity:
        """The identity that was given last; the files are read when there was none."""
        return self._last or self()

    def _former(self, error: GatewayError | OSError) -> TlsIdentity:
        told = error.sentence if isinstance(error, GatewayError) else f"{self.name}: {error}."
        if self._last is None:
            raise ConfigurationInvalid(told) from error
        if told != self.fault:
            _log.error("certificate cannot be used, the former one stays in force", certificate=self.name, why=told)
        self.fault = told
        return self._last


def require_usable(identity: TlsIdentity, name: str) -> None:
    """Refuse what TLS could not use: no certificate, no key, or a key of another certificate.

    Raises:
        ConfigurationInvalid: with which of these it is.
    """
    try:
        chain = x509.load_pem_x509_certificates(identity.chain)
    except ValueError:
        raise ConfigurationInvalid(f"The file of the {name} has no certificate that can be read.") from None
    try:
        key = load_pem_private_key(identity.key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationInvalid(f"The file of the {name}'s key has no private key that can be read.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != chain[0].public_key().public_bytes(*form):
        raise ConfigurationInvalid(f"The key of the {name} is not that of its certificate: one of the two is older.")
