"""What must hold between a record, its place in a log and the agreement, and how that is said.

Pure comparisons; signatures were verified before.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.errors import EvidenceInvalid, InclusionInvalid
from gateway.evidence.attestation import Attestation
from gateway.evidence.composition import AttestedEntry
from gateway.linklog.hashing import SALT_BYTES, commitment, leaf_hash
from gateway.trust.agreements import Agreement
from gateway.trust.descriptors import Descriptor
from gateway.trust.documents import write_digest
from mutualrecognition.records.v1 import judgement_pb2, record_pb2


def require_logged(entry: AttestedEntry, record_name: str, proof_name: str) -> None:
    """Refuse a record that does not stand in the log at its index.

    Raises:
        EvidenceInvalid: naming both files.
    """
    proof = entry.proof
    if len(proof.extra) != SALT_BYTES:
        raise EvidenceInvalid(f"The salt in {proof_name} does not have {SALT_BYTES} bytes.")
    leaf = leaf_hash(commitment(proof.extra, entry.record))
    try:
        proof.verify(leaf, entry.attestation.checkpoint)
    except InclusionInvalid as error:
        raise EvidenceInvalid(
            f"{record_name} does not hash to the leaf that {proof_name} includes at index {proof.index}: "
            f"{error.sentence}"
        ) from error


def require_keys_counted(attestation: Attestation, deciding: Sequence[Descriptor]) -> None:
    """Refuse what was signed with a key that by the newest descriptors did not count at the receipt's time.

    Raises:
        EvidenceInvalid: naming the key.
    """
    counting = {
        dated.key.public
        for descriptor in deciding
        for dated in (*descriptor.log_keys, *descriptor.receipt_keys)
        if dated.counts_at(attestation.time)
    }
    for key in (*attestation.log_keys, *attestation.receipt_keys):
        if key.public not in counting:
            raise EvidenceInvalid(
                f"The key {key.name} {key.key_id.hex()} did not count at {attestation.time}, by the newest descriptor."
            )


def require_header(
    record: record_pb2.Record, agreement: Agreement | None, issuer: Descriptor, receiver: Descriptor
) -> str:
    """Refuse a record that its header does not allow to stand in this log; say in a sentence why it does.

    Raises:
        EvidenceInvalid: another issuer, another agreement, not in force then, or not covered.
    """
    header, kind = record.header, record.WhichOneof("body")
    if header.issuer != issuer.administration:
        raise EvidenceInvalid(
            f"The record is issued in the name of {header.issuer!r}, but the log is that of {issuer.administration}."
        )
    if kind is None:
        raise EvidenceInvalid("The record is of a kind that this program does not know.")
    if agreement is None:
        if kind != "judgement":
            raise EvidenceInvalid("The bundle has no agreement.note, which only a judgement does not need.")
        return f"The record is a judgement of {issuer.administration}, to whom the log belongs."
    named, terms = (header.agreement_id, header.agreement_version), agreement.terms
    if named != (terms.id, terms.version):
        raise EvidenceInvalid(
            f"The record names version {named[1]} of the agreement {named[0]!r}; agreement.note is version "
            f"{terms.version} of {terms.id!r}."
        )
    at, purpose = header.issued_at.seconds, _purpose(record)
    if not agreement.in_force(at):
        raise EvidenceInvalid("The agreement was not in force when the record was issued.")
    if agreement.releases(issuer.administration, receiver.administration, kind, purpose, at) is None:
        raise EvidenceInvalid(
            f"The agreement does not release {kind} from {issuer.administration} to {receiver.administration} "
            f"for {purpose}."
        )
    return (
        f"The record was issued by {issuer.administration}, to whom the log belongs; the agreement was in force then "
        f"and releases {kind} to {receiver.administration} for {purpose}."
    )


def require_about(record: record_pb2.Record, judged: AttestedEntry, receiver: str) -> str:
    """Refuse a record that is no judgement of the receiver about the judged entry; give what it says.

    Raises:
        EvidenceInvalid: it is something else.
    """
    if record.WhichOneof("body") != "judgement":
        raise EvidenceInvalid("It is not a judgement.")
    if record.header.issuer != receiver:
        raise EvidenceInvalid(f"It is issued in the name of {record.header.issuer!r}, not of {receiver}.")
    judgement = record.judgement
    named = any(part.first <= judged.proof.index <= part.last for part in judgement.ranges)
    if judgement.origin != judged.attestation.checkpoint.origin or not named:
        raise EvidenceInvalid("It is about other records.")
    if (
        judgement.verdict == judgement_pb2.VERDICT_UNSPECIFIED
        or judgement.verdict not in judgement_pb2.Verdict.values()
    ):
        raise EvidenceInvalid("It does not say what is judged.")
    return judgement_pb2.Verdict.Name(judgement.verdict).removeprefix("VERDICT_")


def agreement_sentence(agreement: Agreement | None, issuer: str, receiver: str) -> str:
    """Say who has signed what."""
    if agreement is None:
        return "There is no agreement, and a judgement needs none."
    terms, digest = agreement.terms, write_digest(agreement.digest)
    return f"{issuer} and {receiver} have signed version {terms.version} of the agreement {terms.id}, digest {digest}."


def attestation_sentence(attestation: Attestation, issuer: str, receiver: str) -> str:
    """Say who vouches for the log."""
    checkpoint = attestation.checkpoint
    return (
        f"{issuer} signed the log {checkpoint.origin} at size {checkpoint.size}, and {receiver} receipted it at "
        f"{attestation.time} (seconds since 1970), with keys that counted then."
    )


def composition_sentence(*, own_schema: bool) -> str:
    """Say what composing the bundle again showed, and by whose schema the record is read in it."""
    same = "Policy, readable record and everything else are what composing the bundle again gives"
    if own_schema:
        return f"{same}; records.binpb is this program's own."
    return f"{same}; records.binpb is of another version of this program, and does not contradict it."


def _purpose(record: record_pb2.Record) -> str:
    value = record.header.purpose
    known = value in record_pb2.Purpose.values()
    return record_pb2.Purpose.Name(value).removeprefix("PURPOSE_") if known else f"purpose {value}"
