"""Which of its certificates the gateway shows to whom.

A new leaf lies beside the old one (``gateway.pem``, ``gateway-2.pem`` and so on). Shown is the newest that a partner
can check: one under a new authority only to partners that hold the descriptor with the new anchor (docs/protocol.md,
R-DSC-05). A dialer knows whom it dials; an acceptor shows one certificate to all, so it waits for all, until the old
one is of no use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gateway.errors import ConfigurationInvalid, GatewayError
from gateway.ports.world import Clock
from gateway.rpc.servers import TlsIdentity
from gateway.trust.book import TrustBook
from gateway.trust.certificates import verify_gateway_leaf
from gateway.trust.descriptors import Descriptor

KEPT: Final = 32
"""What was found out of a certificate in one second is kept for the next handshakes: anybody may begin hundreds."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Leaf:
    """A certificate of this gateway's own, with its key; the two belong together."""

    identity: TlsIdentity
    certificate: x509.Certificate

    @classmethod
    @lru_cache(maxsize=KEPT)
    def of(cls, identity: TlsIdentity) -> Leaf:
        """Read one.

        Raises:
            ConfigurationInvalid: it cannot be read, or key and certificate do not belong together.
        """
        try:
            certificate = x509.load_pem_x509_certificates(identity.chain)[0]
            key = load_pem_private_key(identity.key, password=None)
        except (ValueError, TypeError) as error:
            raise ConfigurationInvalid("A TLS certificate or its key cannot be read.") from error
        if key.public_key() != certificate.public_key():
            raise ConfigurationInvalid("A TLS key is not that of the certificate beside it.")
        return cls(identity, certificate)

    def holds_under(self, descriptor: Descriptor, denied: frozenset[bytes], at: datetime) -> bool:
        """Say whether a partner that holds this version of our descriptor takes it, as a client and as a server."""
        return not self.refusal_under(descriptor, denied, at)

    @lru_cache(maxsize=KEPT)  # noqa: B019  of few leaves, for as long as the process lives
    def refusal_under(self, descriptor: Descriptor, denied: frozenset[bytes], at: datetime) -> str:
        """Say why such a partner refuses it; empty when it does not."""
        try:
            verify_gateway_leaf(
                self.certificate.public_bytes(Encoding.DER),
                (self.identity.chain,),
                domain=descriptor.domain,
                anchors=descriptor.anchors,
                denied=denied,
                at=at,
                as_client=False,
            )
        except GatewayError as refusal:
            return refusal.sentence
        return ""


class OwnIdentity:
    """Chooses among the certificates that ``read`` gives; files that cannot be read leave the former choice in force.

    ``held`` says which version of our descriptor a partner has shown; 0 when it has shown none.
    """

    def __init__(
        self,
        *,
        read: Callable[[], Sequence[TlsIdentity]],
        book: Callable[[], TrustBook],
        held: Callable[[str], int],
        clock: Clock,
    ) -> None:
        self._read = read
        self._book = book
        self._held = held
        self._clock = clock
        self._leaves = self._present()
        self._fault = ""

    def towards(self, partner: str) -> TlsIdentity:
        """Give what a partner is shown that this side dials."""
        return self._choose([partner])

    def at_the_door(self) -> TlsIdentity:
        """Give what every partner is shown that dials."""
        return self._choose(self._book().partners)

    def refusal(self) -> str:
        """Say why a partner with our present descriptor refuses each of them; empty when it takes one."""
        book = self._book()
        own = book.descriptor_of(book.own)
        at = datetime.fromtimestamp(self._clock.now(), UTC)
        refusals = [leaf.refusal_under(own, frozenset(own.denied), at) for leaf in self._leaves]
        return refusals[-1] if all(refusals) else ""

    def reload(self) -> None:
        """Read the files again.

        Raises:
            ConfigurationInvalid, KeyFileUnsafe: one is broken or there is none; the former ones stay in force.
        """
        self._leaves = self._present()

    def _choose(self, partners: Iterable[str]) -> TlsIdentity:
        """The newest that all of them take; else the newest that the present descriptor vouches for."""
        try:
            self.reload()  # an operator may have put new files there without a word
            self._fault = ""
        except (OSError, GatewayError) as error:
            if str(error) != self._fault:  # once, and not at every handshake
                _log.error("a tls certificate cannot be loaded, the former ones stay in force", detail=str(error))
            self._fault = str(error)
        book = self._book()
        versions = book.versions[book.own]
        at, denied = datetime.fromtimestamp(self._clock.now(), UTC), frozenset(versions[-1].denied)
        newest_first = sorted(self._leaves, key=lambda leaf: leaf.certificate.not_valid_before_utc, reverse=True)
        shown = {self._held(partner) for partner in partners}
        descriptors = [each for each in versions if each.version in shown] or [versions[-1]]
        for demanded in (descriptors, [versions[-1]]):
            for leaf in newest_first:
                if all(leaf.holds_under(each, denied, at) for each in demanded):
                    return leaf.identity
        return newest_first[0].identity

    def _present(self) -> list[Leaf]:
        found = [Leaf.of(identity) for identity in self._read()]
        if not found:
            raise ConfigurationInvalid("There is no TLS certificate of the gateway: 'gateway init' makes one.")
        return found
