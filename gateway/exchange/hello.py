"""Hello: how a session introduces itself, and the first six of the checks of the other side's (docs/protocol.md).

In the protocol's order:

1. ``from`` is the certificate's administration, ``to`` is this one;
2. a version in common;
3. the link is not suspended;
4. the clocks agree;
5. both descriptors are the same on both sides;
6. an agreement that both hold.

The seventh, signatures and logs, is ``log_comparison``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.errors import (
    AgreementMismatch,
    ClockSkew,
    DescriptorFork,
    DescriptorStale,
    FrameMalformed,
    IdentityMismatch,
    LimitExceeded,
    LinkSuspended,
    VersionUnsupported,
)
from gateway.exchange.agreement_comparison import common, differing
from gateway.exchange.limits import MAX_AGREEMENTS, LinkLimits
from gateway.exchange.session_trust import AgreementRef, DocumentRef, SessionTrust
from gateway.linklog.hashing import HASH_BYTES
from gateway.ports.links import LinkPositions, LogState
from mutualrecognition.federation.v1 import link_pb2 as pb

VERSION: Final = 1
SESSION_ID_BYTES: Final = 16


def make_hello(
    trust: SessionTrust, positions: LinkPositions, limits: LinkLimits, *, session_id: bytes, time: int
) -> pb.LinkFrame:
    """Say who this side is, what it holds and what it takes."""
    hello = pb.Hello(
        versions=[VERSION],
        to=trust.peer.administration,
        session=session_id,
        time=time,
        descriptor=_document(trust.own.descriptor),
        descriptor_held=_document(trust.peer.descriptor),
        agreements=[pb.AgreementVersion(id=a.id, version=a.version, digest=a.digest) for a in trust.agreements],
        issued=_position(positions.issued),
        held=_position(positions.held),
        limits=pb.Limits(
            batch_records=limits.batch_records,
            batch_bytes=limits.batch_bytes,
            window_batches=limits.window_batches,
            window_bytes=limits.window_bytes,
        ),
    )
    setattr(hello, "from", trust.own.administration)  # the field's name is a word of Python's
    return pb.LinkFrame(hello=hello)


def check_hello(unverified: pb.Hello, trust: SessionTrust, *, time: int, skew: int) -> tuple[AgreementRef, ...]:
    """Do checks 1 to 6 and give the agreements that both sides hold.

    Raises:
        FrameMalformed, IdentityMismatch, VersionUnsupported, LinkSuspended, ClockSkew, DescriptorFork,
        DescriptorStale, LimitExceeded, AgreementMismatch: the session ends with it.
    """
    _check_form(unverified)
    _check_identity(unverified, trust)  # 1
    if VERSION not in unverified.versions:  # 2
        raise VersionUnsupported(f"The peer speaks the versions {list(unverified.versions)}, this side {VERSION}.")
    if trust.suspended:  # 3
        raise LinkSuspended("This side has suspended the link.")
    require_near(unverified.time, time, skew)  # 4
    _check_descriptor(_ref(unverified.descriptor), trust.peer.descriptor, trust.peer.administration)  # 5
    _check_descriptor(_ref(unverified.descriptor_held), trust.own.descriptor, trust.own.administration)
    return _common_agreements(unverified.agreements, trust)  # 6


def require_near(stated: int, now: int, skew: int) -> None:
    """Refuse a time that is further than ``skew`` seconds from this side's clock.

    Raises:
        ClockSkew: with the difference.
    """
    if abs(stated - now) > skew:
        raise ClockSkew(f"The peer's clock says {stated}, this side's {now}: {abs(stated - now)} s apart.")


def limits_in(hello: pb.Hello) -> LinkLimits:
    """Give what the peer takes."""
    limits = hello.limits
    return LinkLimits(limits.batch_records, limits.batch_bytes, limits.window_batches, limits.window_bytes)


def correlation_id(own: bytes, peer: bytes, *, own_first: bool) -> str:
    """Give the session's name: both ends' bytes, the higher administration id's first, in hex."""
    return (own + peer if own_first else peer + own).hex()


def _check_form(hello: pb.Hello) -> None:
    if len(hello.session) != SESSION_ID_BYTES:
        raise FrameMalformed(f"The session id in Hello has {len(hello.session)} bytes, not {SESSION_ID_BYTES}.")
    digests = [hello.descriptor.digest, hello.descriptor_held.digest, *(a.digest for a in hello.agreements)]
    if any(len(digest) != HASH_BYTES for digest in digests):
        raise FrameMalformed(f"A digest in Hello does not have {HASH_BYTES} bytes.")


def _check_identity(hello: pb.Hello, trust: SessionTrust) -> None:
    sender = getattr(hello, "from")
    if sender != trust.peer.administration:
        raise IdentityMismatch(f"Hello is from {sender!r}, the certificate is {trust.peer.administration}'s.")
    if hello.to != trust.own.administration:
        raise IdentityMismatch(f"Hello is to {hello.to!r}, this is {trust.own.administration}.")


def _check_descriptor(shown: DocumentRef, known: DocumentRef, owner: str) -> None:
    if shown.version != known.version:
        behind = "The peer" if shown.version < known.version else "This side"
        raise DescriptorStale(
            f"The peer has version {shown.version} of {owner}'s descriptor, this side {known.version}. "
            f"{behind} is behind."
        )
    if shown.digest != known.digest:
        raise DescriptorFork(f"{owner}'s descriptor of version {known.version} has two digests.")


def _common_agreements(shown: Sequence[pb.AgreementVersion], trust: SessionTrust) -> tuple[AgreementRef, ...]:
    theirs = agreements_in(shown)
    found = common(theirs, trust)
    if not found:
        raise AgreementMismatch(differing(theirs, trust))
    return found


def agreements_in(shown: Sequence[pb.AgreementVersion]) -> list[AgreementRef]:
    """Give the agreements that a peer names.

    Raises:
        LimitExceeded: more than any two administrations have.
    """
    if len(shown) > MAX_AGREEMENTS:
        raise LimitExceeded(f"The peer names {len(shown)} agreements; {MAX_AGREEMENTS} are the most.")
    return [AgreementRef(each.id, each.version, each.digest) for each in shown]


def _document(ref: DocumentRef) -> pb.DocumentVersion:
    return pb.DocumentVersion(version=ref.version, digest=ref.digest)


def _ref(document: pb.DocumentVersion) -> DocumentRef:
    return DocumentRef(document.version, document.digest)


def _position(log: LogState) -> pb.LogPosition:
    return pb.LogPosition(origin=log.origin, checkpoint=log.note)
