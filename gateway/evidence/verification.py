"""Verifying an evidence bundle: nine checks, in this order, and a verdict.

1. The bundle is a zip in its only form, of the files that a bundle has.
2. The descriptors are signed by their own roots, follow from each other and share no key.
3. Both newest descriptors are known from outside. This alone decides between PROVEN and CONSISTENT.
4. Both sides have signed the agreement.
5. The issuer signed the checkpoint, the receiver receipted it, with keys that counted at the receipt's time.
6. Composing the bundle again gives the same bytes: policy, readable record, choice and order of everything.
7. The record's commitment stands in the log at its index.
8. The header fits: issuer, agreement in force when it was issued, kind and purpose released to the receiver.
9. The judgements are the receiver's, in its own log, and about this record.

Nothing here says that the record is true, or the latest word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.errors import EvidenceInvalid, GatewayError
from gateway.evidence import statements
from gateway.evidence.archive import read_archive
from gateway.evidence.composition import (
    AttestedEntry,
    Covered,
    EvidenceParts,
    ProvenEntry,
    assemble,
    attest_entries,
    read_agreement,
    read_descriptors,
)
from gateway.evidence.layout import BundleFiles, EntryFiles
from gateway.evidence.schema import own_schema, read_record
from gateway.evidence.trusted import deciding_descriptor, is_trusted
from gateway.evidence.verdict import Check, DescriptorUsed, JudgementFound, Outcome, Verdict
from gateway.linklog.proofs import parse_proof
from gateway.trust.descriptors import Descriptor
from gateway.trust.documents import write_digest


@dataclass(slots=True)
class _Checklist:
    """The checks that hold so far; a failure inside one is told with its number."""

    done: list[Check] = field(default_factory=list)

    @contextmanager
    def check(self, number: int, what: str) -> Iterator[None]:
        try:
            yield
        except GatewayError as error:
            raise EvidenceInvalid(f"Check {number} ({what}) fails: {error.sentence}") from error

    def holds(self, number: int, sentence: str) -> None:
        self.done.append(Check(number, sentence))


def verify(bundle: bytes, trusted: Collection[bytes] = (), *, known: Sequence[Descriptor] = ()) -> Verdict:
    """Verify a bundle against what the verifier knows from outside.

    ``trusted`` are digests of newest descriptors. ``known`` are descriptors that the verifier holds and trusts, any
    versions: they count as trusted, and where one is newer than the bundle's, keys end when the newer one says.

    Raises:
        EvidenceInvalid: naming the check and what is wrong.
    """
    checks = _Checklist()
    files, parts = _take_apart(checks, bundle)
    with checks.check(2, "the descriptors"):
        chains = read_descriptors(parts)
    with checks.check(4, "the agreement"):
        covered = read_agreement(parts, chains)
    issuer, receiver = covered.issuer.newest, covered.receiver.newest
    names = (issuer.administration, receiver.administration)
    checks.holds(2, f"The descriptors of {names[0]} and {names[1]} are signed by their own roots and share no key.")
    with checks.check(5, "checkpoint and receipt"):
        entry, judgements = attest_entries(parts, covered)
    sides = _verify_trust(checks, covered, (entry, *judgements), trusted, known)
    checks.holds(4, statements.agreement_sentence(covered.agreement, *names))
    checks.holds(5, statements.attestation_sentence(entry.attestation, *names))
    with checks.check(6, "composing it again"):
        _require_same(files, assemble(covered, entry, judgements, files.schema))
    checks.holds(6, statements.composition_sentence(own_schema=files.schema == own_schema()))
    with checks.check(7, "the proof"):
        statements.require_logged(entry, "record.bin", "record.tlog-proof")
    checks.holds(7, f"The record is entry {entry.proof.index} of {entry.attestation.checkpoint.size} in its log.")
    with checks.check(8, "the record's header"):
        record = read_record(entry.record)
        checks.holds(8, statements.require_header(record, covered.agreement, issuer, receiver))
    found = _verify_judgements(checks, entry, judgements, names[1])
    return Verdict(
        outcome=Outcome.PROVEN if all(side.trusted for side in sides) else Outcome.CONSISTENT,
        checks=tuple(checks.done),
        record_id=record.header.record_id,
        kind=record.WhichOneof("body") or "",
        issuer=sides[0],
        receiver=sides[1],
        agreement_id=record.header.agreement_id,
        agreement_version=record.header.agreement_version,
        issued_at=record.header.issued_at.seconds,
        origin=entry.attestation.checkpoint.origin,
        index=entry.proof.index,
        size=entry.attestation.checkpoint.size,
        receipted_at=entry.attestation.time,
        judgements=found,
    )


def _take_apart(checks: _Checklist, bundle: bytes) -> tuple[BundleFiles, EvidenceParts]:
    with checks.check(1, "the file"):
        files = BundleFiles.of(read_archive(bundle))
        parts = EvidenceParts(
            entry=_proven(files.entry),
            descriptors=tuple(files.descriptors.values()),
            agreement=files.agreement,
            judgements=tuple(map(_proven, files.judgements)),
        )
    checks.holds(1, "The file is an evidence bundle in its only form.")
    return files, parts


def _proven(files: EntryFiles) -> ProvenEntry:
    return ProvenEntry(files.record, parse_proof(files.proof))


def _verify_trust(
    checks: _Checklist,
    covered: Covered,
    entries: Sequence[AttestedEntry],
    trusted: Collection[bytes],
    known: Sequence[Descriptor],
) -> list[DescriptorUsed]:
    both = (covered.issuer.newest, covered.receiver.newest)
    with checks.check(3, "what is known from outside"):
        deciding = [deciding_descriptor(each, known) for each in both]
        for entry in entries:
            statements.require_keys_counted(entry.attestation, deciding)
    sides = [DescriptorUsed(d.administration, d.version, d.digest, is_trusted(d, trusted, known)) for d in both]
    strangers = [f"{side.administration}, digest {write_digest(side.digest)}" for side in sides if not side.trusted]
    checks.holds(
        3,
        f"Not known from outside: the descriptor of {' and that of '.join(strangers)}."
        if strangers
        else "Both newest descriptors are known from outside.",
    )
    return sides


def _require_same(files: BundleFiles, again: BundleFiles) -> None:
    there, due = files.in_order(), again.in_order()
    if there.keys() != due.keys():
        raise EvidenceInvalid(f"Not needed: {', '.join(sorted(there.keys() - due.keys()))}.")
    for name, data in due.items():
        if there[name] != data:
            raise EvidenceInvalid(f"{name} is not what the other files make of it.")


def _verify_judgements(
    checks: _Checklist, entry: AttestedEntry, judgements: Sequence[AttestedEntry], receiver: str
) -> tuple[JudgementFound, ...]:
    found: list[JudgementFound] = []
    for number, judgement in enumerate(judgements, start=1):
        with checks.check(9, f"judgement {number}"):
            statements.require_logged(judgement, f"judgements/{number}.bin", f"judgements/{number}.tlog-proof")
            verdict = statements.require_about(read_record(judgement.record), entry, receiver)
            found.append(JudgementFound(verdict, judgement.attestation.time))
    last = f"{receiver} judged the record: {', then '.join(each.verdict for each in found)}."
    checks.holds(9, last if found else f"No judgement of {receiver} is in the bundle.")
    return tuple(found)
