"""What a record, a submission or a call of the national system can be refused for."""

from __future__ import annotations

from gateway.errors.families import Absent, Conflict, Malformed, NotPermitted, OutOfOrder, Unauthenticated


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
    """A record in the name of another administration: a forgery, or a partner's record that somebody would pass on."""

    reason = "ISSUER_MISMATCH"
    act = "An administration states only its own facts: the submitter must leave the issuer out or name its own."


class CallerNotPermitted(NotPermitted):
    """A registered caller without the role that this call takes."""

    reason = "CALLER_NOT_PERMITTED"
    act = "This node's operator gives roles, in the list of clients."


class FourEyesNeeded(NotPermitted):
    """A change of trust that one person wants to make alone, where two are asked for."""

    reason = "FOUR_EYES_NEEDED"
    act = "Start the node: one officer proposes the change, another one approves it ('gateway proposals')."


class SameOfficer(NotPermitted):
    """Four eyes are asked for, and two of them are the same."""

    reason = "SAME_OFFICER"
    act = "Another officer of this administration must compare the digest and approve."


class ClientUnknown(Unauthenticated):
    """A national client that the operator has not registered, or whose credential does not hold."""

    reason = "CLIENT_UNKNOWN"
    act = "This node's operator must register the client, or the client must use its own credential."


class StepNotPossible(NotPermitted):
    """A step of a request, an alert or a recall that leads nowhere from where it stands; the sentence says why."""

    reason = "STEP_NOT_POSSIBLE"
    act = "The caller must look at it as it stands (GetRequest, GetAlert, GetRecall) before the next step."


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


class EvidenceErased(Absent):
    """A record whose content was erased: only its commitment is left, which proves nothing of what it said."""

    reason = "EVIDENCE_ERASED"
    act = "The caller must do without, or ask whoever exported the evidence before."
