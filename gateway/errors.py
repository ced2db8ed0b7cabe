"""Every error that leaves this gateway, as one tree whose families say where the fault lies.

::

    GatewayError
    ├── Malformed          the bytes or the text cannot mean anything       (sender mends)
    ├── Unauthenticated    we do not know who speaks                        (caller presents a credential)
    ├── NotPermitted       we know, and it may not                          (the two operators talk)
    ├── UntrustedEvidence  a signature, root, key or history does not hold  (issuer explains)
    ├── Conflict           contradicts what is stored already               (caller asks for what is there)
    ├── OutOfOrder         good, but not now                                (sender goes back to what is stored)
    ├── Absent             there is no such thing here                      (caller checks what it asks for)
    ├── Pressure           too much, too fast, or the disk is nearly full   (caller waits)
    ├── Passing            away for now                                     (caller tries again)
    └── Ours               a fault of this node                             (this node's operator)

A class is an error: its ``reason`` is stable and part of the protocol (docs/protocol.md, Reasons), its
sentence tells which side must act and how. How a reason becomes a gRPC status stands in one table,
``gateway/rpc/status.py``; how it decides whether a link dials again stands in ``gateway/exchange/reasons.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that breaks one rule: ``path`` as in ``inspection_outcome.methods[0].kind``."""

    path: str
    rule: str
    message: str


class GatewayError(Exception):
    """The root: every error that crosses a border of this program is one of its leaves.

    ``reason`` is the stable name, ``act`` the standing advice on who must do what, ``sentence`` this case in
    plain words. ``violations`` name fields, where fields are at fault. No secret and no record content may
    stand in a sentence: it is logged on both sides.
    """

    reason: ClassVar[str] = "INTERNAL"
    act: ClassVar[str] = ""

    def __init__(self, sentence: str, *, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.violations = violations

    def __str__(self) -> str:
        """Give the case, then who must act."""
        return f"{self.sentence} {self.act}".strip()


# --- families -----------------------------------------------------------------------------------------------


class Malformed(GatewayError):
    """The bytes or the text cannot mean anything here."""

    reason = "MALFORMED"
    act = "The sender must correct what it sends."


class Unauthenticated(GatewayError):
    """Nobody whom this node knows."""

    reason = "UNAUTHENTICATED"
    act = "The caller must present a credential that this node's operator has registered."


class NotPermitted(GatewayError):
    """Known, but not allowed to do this."""

    reason = "NOT_PERMITTED"
    act = "This node's operator decides who may do this."


class UntrustedEvidence(GatewayError):
    """A signature, a key, a root or a history that does not hold."""

    reason = "UNTRUSTED_EVIDENCE"
    act = "The side that signed must explain it; nothing was stored as usable."


class Conflict(GatewayError):
    """Contradicts what is stored already."""

    reason = "ALREADY_EXISTS"
    act = "The caller must ask for what is there, or use a new id."


class OutOfOrder(GatewayError):
    """Well-formed, but not what comes next."""

    reason = "OUT_OF_ORDER"
    act = "The sender must go on from what this side holds."


class Absent(GatewayError):
    """There is no such thing here, or not for this caller."""

    reason = "NOT_FOUND"
    act = "The caller must check what it asks for."


class Pressure(GatewayError):
    """More than this node takes now."""

    reason = "OVERLOADED"
    act = "The caller must wait and try again."


class Passing(GatewayError):
    """Away for now; the same call may succeed later."""

    reason = "UNAVAILABLE"
    act = "The caller may try again."


class Ours(GatewayError):
    """A fault of this node."""

    reason = "INTERNAL"
    act = "This node's operator must look at its log under the correlation id."


# --- what a record or a submission can be refused for -----------------------------------------------------------


class RecordInvalid(Malformed):
    """A record breaks the rules of its kind; ``violations`` name the fields."""

    reason = "RECORD_INVALID"
    act = "The issuer must correct these fields and submit again."


class RecordTooLarge(Malformed):
    """A record of more than 256 KiB."""

    reason = "RECORD_TOO_LARGE"
    act = "The issuer must split it, or leave attachments out and give their digests."


class KindUnknown(Malformed):
    """A record whose kind this version does not know."""

    reason = "KIND_UNKNOWN"
    act = "The issuer must name a kind that both sides speak, or the receiver must upgrade."


class IdentifierInvalid(Malformed):
    """A container number, a LOCODE, an HS code or the like that cannot be one; the sentence says why."""

    reason = "IDENTIFIER_INVALID"
    act = "Whoever typed it must compare it with the document it was copied from."


class NotCovered(NotPermitted):
    """No agreement in force lets this record go to anybody it is meant for."""

    reason = "NO_AGREEMENT"
    act = "Choose a kind and purpose that an agreement in force covers, or have the operators sign one that does."


class ForeignIssuer(NotPermitted):
    """A record in the name of another administration."""

    reason = "ISSUER_MISMATCH"
    act = "An administration states only its own facts: the submitter must leave the issuer out or name its own."


class CallerNotPermitted(NotPermitted):
    """A registered caller without the role that this call takes."""

    reason = "CALLER_NOT_PERMITTED"
    act = "This node's operator gives roles, in the list of clients."


class RequestReused(Conflict):
    """The same request id with other bytes."""

    reason = "ALREADY_EXISTS"
    act = "The caller must use a new request id for new content; the first answer stands."


class SupersedesUnknown(Absent):
    """A correction of something that this node never issued."""

    reason = "SUPERSEDES_UNKNOWN"
    act = "The caller must name the record_id that this administration issued."


class NotYetReceipted(OutOfOrder):
    """Evidence asked for a record that the partner has not receipted yet."""

    reason = "NOT_RECEIPTED"
    act = "Ask again when the partner's receipt has arrived; nobody has to do anything."


# --- what ends a link session (docs/protocol.md, Reasons) -----------------------------------------------------


class FrameMalformed(Malformed):
    """A frame that breaks the protocol's form or order."""

    reason = "MALFORMED"
    act = "The peer's software must be mended; this is a bug there."


class LimitExceeded(Malformed):
    """A frame over a limit that this side announced."""

    reason = "LIMIT_EXCEEDED"
    act = "The peer must keep to the limits in this side's Hello."


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


class KeyNotValid(UntrustedEvidence):
    """Signed with a key outside its validity."""

    reason = "KEY_NOT_VALID"
    act = "The signer must use a key that its descriptor lists as valid now."


class SignatureInvalid(UntrustedEvidence):
    """A signature that does not verify, or a required one that is missing."""

    reason = "SIGNATURE_INVALID"
    act = "The signer's operator must find out who signs with its name; the link stays suspended until both resume."


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


class DescriptorFork(UntrustedEvidence):
    """Two descriptors of one administration with one version number."""

    reason = "DESCRIPTOR_FORK"
    act = "The descriptor's owner must say which one is real; the link stays suspended until both resume."


class NoteMalformed(Malformed):
    """Bytes that are not the one form of a signed note, checkpoint, proof or policy."""

    reason = "MALFORMED"
    act = "The sender's software must be mended: there is one encoding, and this is not it."


class KeyRefused(UntrustedEvidence):
    """A public key that no honest key ceremony gives, or that is used in two roles or by two owners."""

    reason = "KEY_REFUSED"
    act = "The key's owner must make a new key and issue a new descriptor."


class InclusionInvalid(UntrustedEvidence):
    """A proof that does not lead from the leaf to the root."""

    reason = "INCLUSION_INVALID"
    act = "Do not rely on the entry; its issuer must show a proof that holds."


class ConsistencyInvalid(UntrustedEvidence):
    """A proof that does not show one tree to be the beginning of another."""

    reason = "CONSISTENCY_INVALID"
    act = "Do not rely on the newer checkpoint; the issuer must show a proof that holds."


class DocumentInvalid(UntrustedEvidence):
    """A descriptor or an agreement that does not hold."""

    reason = "DOCUMENT_INVALID"
    act = "The document's owner must issue a correct one."


class EvidenceInvalid(UntrustedEvidence):
    """An evidence bundle that proves nothing."""

    reason = "EVIDENCE_INVALID"
    act = "Do not rely on it; ask its holder to export it again from its own node."


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


# --- this node ---------------------------------------------------------------------------------------------------


class ConfigurationInvalid(Ours):
    """The node's configuration cannot be used."""

    reason = "CONFIGURATION_INVALID"
    act = "This node's operator must correct the configuration."


class ClientUnknown(Unauthenticated):
    """A national client that the operator has not registered, or whose credential does not hold."""

    reason = "CLIENT_UNKNOWN"
    act = "This node's operator must register the client, or the client must use its own credential."


class KeyFileUnsafe(Ours):
    """A key file that others can read, or that is not what it should be."""

    reason = "KEY_FILE_UNSAFE"
    act = "This node's operator must restore the file's owner and mode (0600)."


class StoreInUse(Ours):
    """Another process has this store open."""

    reason = "STORE_IN_USE"
    act = "This node's operator must stop the other process, or ask it instead."


class StoreCorrupt(Ours):
    """Rows that do not fit the roots."""

    reason = "STORE_CORRUPT"
    act = "This node's operator must stop and recover the store; nothing more is signed from it."


class StoreNewer(Ours):
    """A store that a later version of this program has written."""

    reason = "STORE_NEWER"
    act = "This node's operator must run the version that wrote it, or a later one."


class StoreFailed(Ours):
    """The disk did not do what it was asked; whether the last commit is durable is not known."""

    reason = "STORE_FAILED"
    act = "This node's operator must look at the disk and restart the node, which then goes on from what is durable."
