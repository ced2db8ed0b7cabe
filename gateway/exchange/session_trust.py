"""What a link session believes, fixed from its Hello to its end (docs/protocol.md, The session).

A change of descriptors, agreements or keys never reaches a running session: the session ends with ``RENEW`` and
the next one is opened with a new value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.linklog.keys import DatedKey, KeyType
from gateway.ports.intake import AgreementVersion
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor
from gateway.trust.names import origin

FIRST_GENERATION: Final = 1
"""In which every log begins; the store knows in which it is now (docs/protocol.md, Recovery)."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A descriptor by its version and the SHA-256 of its text."""

    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class AgreementRef:
    """An agreement by its id, version and the SHA-256 of its text."""

    id: str
    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a link, as its newest descriptor describes it; it lists every key that there ever was.

    The names of ``log_keys`` do not matter, those of ``receipt_keys`` are the ones in signature lines.
    """

    administration: str
    domain: str
    descriptor: DocumentRef
    log_keys: tuple[DatedKey, ...]
    receipt_keys: tuple[DatedKey, ...]


@dataclass(frozen=True, slots=True)
class SessionTrust:
    """Both ends, the agreements signed by both and not ended, and what these demand.

    ``post_quantum`` says that at least one of the agreements demands ML-DSA-44 beside Ed25519. ``suspended`` is the
    reason for which this side suspended the link, empty when it did not; ``paused`` are the agreements that it
    suspended. The two administration ids differ.
    """

    own: Party
    peer: Party
    agreements: tuple[AgreementRef, ...]
    post_quantum: bool = False
    suspended: str = ""
    paused: frozenset[AgreementVersion] = frozenset()

    @property
    def speaks_first(self) -> bool:
        """Whether this end says Hello first: the higher id does, whoever dialled."""
        return self.own.administration > self.peer.administration

    @property
    def checkpoint_types(self) -> Collection[KeyType]:
        """The lines without which a new checkpoint is refused."""
        return _required(KeyType.NOTE_ED25519, post_quantum=self.post_quantum)

    @property
    def receipt_types(self) -> Collection[KeyType]:
        """The lines without which a new receipt is refused."""
        return _required(KeyType.COSIGNATURE_ED25519, post_quantum=self.post_quantum)


def origins_of(trust: SessionTrust) -> tuple[str, str]:
    """Name the log that this side issues on the link, and the one that it holds, as they were called first."""
    own, peer = trust.own, trust.peer
    return (
        origin(own.domain, peer.administration, FIRST_GENERATION),
        origin(peer.domain, own.administration, FIRST_GENERATION),
    )


def session_trust(book: TrustBook, partner: str, *, at: int, suspended: str = "") -> SessionTrust:
    """Take from a trust book what one session with ``partner`` believes.

    Raises:
        Absent: there is no descriptor of the partner.
    """
    agreements = book.agreements_with(partner, at)
    return SessionTrust(
        own=_party(book.descriptor_of(book.own)),
        peer=_party(book.descriptor_of(partner)),
        agreements=tuple(AgreementRef(a.terms.id, a.terms.version, a.digest) for a in agreements),
        post_quantum=any(KeyType.COSIGNATURE_ML_DSA_44 in a.log_types for a in agreements),
        suspended=suspended,
        paused=frozenset(
            AgreementVersion(a.terms.id, a.terms.version) for a in book.agreements if book.is_paused(a.terms.id, at)
        ),
    )


def _party(descriptor: Descriptor) -> Party:
    return Party(
        administration=descriptor.administration,
        domain=descriptor.domain,
        descriptor=DocumentRef(descriptor.version, descriptor.digest),
        log_keys=descriptor.log_keys,
        receipt_keys=descriptor.receipt_keys,
    )


def _required(classical: KeyType, *, post_quantum: bool) -> Collection[KeyType]:
    return (classical, KeyType.COSIGNATURE_ML_DSA_44) if post_quantum else (classical,)
