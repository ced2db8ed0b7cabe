"""From what a node holds to the one form of a bundle.

Everything that could be chosen is chosen here: which versions of a descriptor go in, which signature lines, in what
order. So a verifier who takes a bundle apart and composes it again must get the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gateway.errors import DocumentInvalid, EvidenceInvalid
from gateway.evidence.attestation import Attestation, RequiredTypes, attest, issuer_of
from gateway.evidence.layout import BundleFiles, EntryFiles, descriptor_name
from gateway.evidence.schema import own_schema, render_record
from gateway.linklog.keys import VerifierKey
from gateway.linklog.notes import Note, verify_note
from gateway.linklog.proofs import LogProof
from gateway.trust.agreements import Agreement, parse_agreement
from gateway.trust.descriptors import Descriptor, parse_descriptor, refuse_shared_keys
from gateway.trust.documents import read_document
from gateway.trust.succession import require_succession, require_threshold


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """A record and its proof; the salt stands in ``proof.extra``, both sides' lines on ``proof.checkpoint``."""

    record: bytes
    proof: LogProof


@dataclass(frozen=True, slots=True)
class EvidenceParts:
    """What a bundle is made of.

    ``descriptors`` are notes of both administrations, any versions, without gaps; what is not needed is left out.
    ``agreement`` is the note, empty for a judgement. ``judgements`` are entries of the other direction's logs.
    """

    entry: ProvenEntry
    descriptors: Sequence[bytes]
    agreement: bytes = b""
    judgements: Sequence[ProvenEntry] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Versions of one administration's descriptor that follow from each other, oldest first, with their notes."""

    versions: tuple[tuple[Descriptor, Note], ...]

    @property
    def newest(self) -> Descriptor:
        """The version whose keys decide."""
        return self.versions[-1][0]

    @property
    def roots(self) -> list[VerifierKey]:
        """The root keys of all versions here."""
        return [root for descriptor, _ in self.versions for root in descriptor.roots]

    def newest_alone(self) -> Chain:
        """Leave out all but the newest version."""
        return Chain(self.versions[-1:])

    def needed_for(self, agreement: Note) -> Chain:
        """Leave out what is older than the newest version whose roots have signed this agreement."""
        for position in range(len(self.versions) - 1, -1, -1):
            descriptor = self.versions[position][0]
            if len(verify_note(agreement, descriptor.roots)) >= descriptor.threshold:
                return Chain(self.versions[position:])
        raise DocumentInvalid(f"{self.newest.administration} has not signed the agreement with enough root keys.")

    def files(self) -> Iterable[tuple[str, bytes]]:
        """Give the notes with the lines that were needed to accept them: of its own roots and of those before."""
        roots: tuple[VerifierKey, ...] = ()
        for descriptor, note in self.versions:
            kept = _select(note, (*roots, *descriptor.roots))
            yield descriptor_name(descriptor.administration, descriptor.version), kept.serialize()
            roots = descriptor.roots


@dataclass(frozen=True, slots=True)
class Covered:
    """The agreement, where there is one, and of both sides the descriptors that it needs; the issuer's first."""

    agreement: Agreement | None
    note: Note | None
    issuer: Chain
    receiver: Chain

    def due(self, _time: int) -> RequiredTypes:
        """Say which lines the log of the record needs."""
        if self.agreement is None:
            return RequiredTypes()
        return RequiredTypes(self.agreement.log_types, self.agreement.receipt_types)

    def due_if_in_force(self, time: int) -> RequiredTypes:
        """Say which lines the other log needs, which this agreement governs only while it is in force."""
        return self.due(time) if self.agreement and self.agreement.in_force(time) else RequiredTypes()


@dataclass(frozen=True, slots=True)
class AttestedEntry:
    """An entry whose checkpoint and receipt hold."""

    record: bytes
    proof: LogProof
    attestation: Attestation

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its issuer's logs to this partner: generation and index."""
        return self.attestation.origin.generation, self.proof.index

    def files(self, schema: bytes) -> EntryFiles:
        """Give its files, with those lines on the checkpoint that count."""
        proof = replace(self.proof, checkpoint=self.attestation.select_lines(self.proof.checkpoint))
        rendered = render_record(self.record, schema)
        return EntryFiles(self.record, rendered, proof.serialize(), self.attestation.policy.serialize())


def compose(parts: EvidenceParts) -> BundleFiles:
    """Put a bundle together, and verify all signatures in it on the way.

    Not checked here: that records stand in the logs, and what they say.

    Raises:
        GatewayError: of the kind of what is wrong.
    """
    covered = read_agreement(parts, read_descriptors(parts))
    entry, judgements = attest_entries(parts, covered)
    return assemble(covered, entry, judgements, own_schema())


def read_descriptors(parts: EvidenceParts) -> list[Chain]:
    """Read the descriptors of the two sides, each signed by its own roots and by those before."""
    known = sorted(
        ((parse_descriptor(note.text), note) for note in map(read_document, parts.descriptors)),
        key=lambda pair: (pair[0].administration, pair[0].version),
    )
    administrations = sorted({descriptor.administration for descriptor, _ in known})
    if len(administrations) != 2:
        raise EvidenceInvalid("The descriptors of exactly two administrations are needed.")
    refuse_shared_keys(descriptor for descriptor, _ in known)
    for descriptor, note in known:
        require_threshold(note, descriptor)
    chains = [Chain(tuple(pair for pair in known if pair[0].administration == each)) for each in administrations]
    for chain in chains:
        for (before, _), (after, note) in pairwise(chain.versions):
            require_succession(before, after)
            require_threshold(note, before)
    return chains


def read_agreement(parts: EvidenceParts, chains: Sequence[Chain]) -> Covered:
    """Read the agreement, signed by both sides, and say who of the two issued the record."""
    note = read_document(parts.agreement) if parts.agreement else None
    chains = [chain.needed_for(note) if note else chain.newest_alone() for chain in chains]
    issuer = issuer_of(parts.entry.proof.checkpoint, [chain.newest for chain in chains])
    ordered = sorted(chains, key=lambda chain: chain.newest != issuer)
    return Covered(parse_agreement(note.text) if note else None, note, *ordered)


def attest_entries(parts: EvidenceParts, covered: Covered) -> tuple[AttestedEntry, list[AttestedEntry]]:
    """Verify checkpoint and receipt of the record, and of each judgement of it, in the judgements' order."""
    issuer, receiver = covered.issuer.newest, covered.receiver.newest
    main, proof = parts.entry, parts.entry.proof
    entry = AttestedEntry(main.record, proof, attest(proof.checkpoint, issuer, receiver, covered.due))
    judgements = [
        AttestedEntry(each.record, each.proof, attest(each.proof.checkpoint, receiver, issuer, covered.due_if_in_force))
        for each in parts.judgements
    ]
    judgements.sort(key=lambda judgement: judgement.place)
    if any(one.place == next_.place for one, next_ in pairwise(judgements)):
        raise EvidenceInvalid("A judgement is there twice.")
    return entry, judgements


def assemble(covered: Covered, entry: AttestedEntry, judgements: Sequence[AttestedEntry], schema: bytes) -> BundleFiles:
    """Put together what was verified; what does not count is left out."""
    chains = sorted((covered.issuer, covered.receiver), key=lambda chain: chain.newest.administration)
    note = covered.note
    return BundleFiles(
        entry=entry.files(schema),
        schema=schema,
        descriptors={name: data for chain in chains for name, data in chain.files()},
        agreement=_select(note, [root for chain in chains for root in chain.roots]).serialize() if note else b"",
        judgements=tuple(judgement.files(schema) for judgement in judgements),
    )


def _select(note: Note, keys: Iterable[VerifierKey]) -> Note:
    named = {(key.name, key.key_id) for key in keys}
    return Note(note.text, tuple(line for line in note.lines if (line.name, line.key_id) in named))
