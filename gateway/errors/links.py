"""What ends a link session (docs/protocol.md, Reasons)."""

from __future__ import annotations

from gateway.errors.families import Malformed, NotPermitted, Passing, Pressure, Unauthenticated, UntrustedEvidence


class FrameMalformed(Malformed):
    """A frame that breaks the protocol's form or order."""

    reason = "MALFORMED"
    act = "The peer's software must be mended; this is a bug there."


class LimitExceeded(Malformed):
    """A frame over a limit that this side announced."""

    reason = "LIMIT_EXCEEDED"
    act = "The peer must keep to the limits in this side's Hello."


class ShareSpent(Pressure):
    """A partner takes more of the peer port than its share."""

    act = "The peer's software must make fewer calls, and wait before it tries again; others are not affected."


class QuarantineFull(Pressure):
    """So many records of a partner are quarantined that there is no room for more now."""

    act = "The issuer must correct what it sends, as this side's judgements say; its link goes on when there is room."


class UnknownPeer(Unauthenticated):
    """A certificate of nobody whom this node has as a partner."""

    reason = "UNKNOWN_PEER"
    act = "Both operators must exchange descriptors first, or check which certificate the peer presents."


class IdentityMismatch(NotPermitted):
    """The name in the frame is not the name in the certificate."""

    reason = "IDENTITY_MISMATCH"
    act = "The peer's operator must correct its administration id, trust domain or certificate."


class VersionUnsupported(NotPermitted):
    """No protocol version in common."""

    reason = "VERSION_UNSUPPORTED"
    act = "The side with the older software must upgrade."


class LinkSuspended(NotPermitted):
    """This side has suspended the link."""

    reason = "LINK_SUSPENDED"
    act = "The two operators must settle the cause; then this side's operator resumes the link."


class ClockSkew(NotPermitted):
    """The two clocks are further apart than the limit."""

    reason = "CLOCK_SKEW"
    act = "Both operators must check their clocks."


class DescriptorStale(NotPermitted):
    """One side holds an older descriptor of the other."""

    reason = "DESCRIPTOR_STALE"
    act = "The side that is behind must fetch the newer descriptor."


class AgreementMismatch(NotPermitted):
    """No agreement that both sides hold with the same digest."""

    reason = "AGREEMENT_MISMATCH"
    act = "The operators must compare the digests of their agreements and add the missing one."


class RootMismatch(UntrustedEvidence):
    """Entries that do not hash to the root that was signed."""

    reason = "ROOT_MISMATCH"
    act = "The issuer's operator must run a check of its store; the link stays suspended until both resume."


class LogFork(UntrustedEvidence):
    """Two signed histories of one log that contradict each other."""

    reason = "LOG_FORK"
    act = "Both operators must compare the two signed checkpoints; the link stays suspended until both resume."


class LogRollback(UntrustedEvidence):
    """A log that is shorter than what its owner signed before."""

    reason = "LOG_ROLLBACK"
    act = "The issuer must recover its log from its partner; the link stays suspended until both resume."


class LogRenewed(UntrustedEvidence):
    """A log of a later generation that this side's operator has not accepted."""

    reason = "LOG_RENEWED"
    act = "This side's operator must accept the new generation after talking to the partner."


class Superseded(Passing):
    """A newer session of the same link took over."""

    reason = "SUPERSEDED"
    act = "Nobody has to act."


class Renew(Passing):
    """Trust data changed: the session must be opened anew."""

    reason = "RENEW"
    act = "Nobody has to act; the peer dials again at once."


class TimedOut(Passing):
    """Nothing heard in time."""

    reason = "TIMEOUT"
    act = "The link dials again by itself; if it lasts, both operators look at the line."


class ShuttingDown(Passing):
    """This node is going down as planned."""

    reason = "SHUTDOWN"
    act = "The caller may try again when this node is back."
