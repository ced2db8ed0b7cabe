"""Verifying an incident bundle, offline, without believing its maker. The numbers are those of its README's steps.

1. the file is an incident bundle in its only form;
2. the descriptors of two administrations, signed by their own roots;
3. which of them are known from outside;
4. each note: what it states, and who has signed it;
5. each two notes about one log: what they show together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.errors import EvidenceInvalid, GatewayError
from gateway.evidence.archive import read_archive, write_archive
from gateway.evidence.incidents.contradictions import Finding, compare
from gateway.evidence.incidents.layout import IncidentFiles, Statement
from gateway.evidence.incidents.notes import ReadNote, UnreadNote, read_notes
from gateway.evidence.layout import descriptor_name
from gateway.evidence.trusted import deciding_descriptor, is_trusted
from gateway.evidence.verdict import Check, DescriptorUsed
from gateway.linklog.keys import DatedKey
from gateway.trust.descriptors import Descriptor, refuse_shared_keys
from gateway.trust.documents import write_digest
from gateway.trust.succession import verify_first

SIDES: Final = 2


class Outcome(StrEnum):
    """What a bundle proves."""

    PROVEN = "PROVEN"
    """A side whose descriptor is known from outside has signed two histories."""
    SHOWN = "SHOWN"
    """A side has signed two histories, by a descriptor that is not known from outside."""
    NOT_PROVEN = "NOT_PROVEN"
    """The notes are intact, and contradict each other by nobody's signature."""


@dataclass(frozen=True, slots=True)
class IncidentVerdict:
    """A bundle that holds, and what it shows. ``against`` are those who signed two histories."""

    outcome: Outcome
    against: tuple[str, ...]
    statement: Statement
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    sides: tuple[DescriptorUsed, ...]


def verify(bundle: bytes, trusted: Collection[bytes] = (), *, known: Sequence[Descriptor] = ()) -> IncidentVerdict:
    """Verify a bundle against what the verifier knows from outside.

    ``trusted`` are digests of newest descriptors. ``known`` are descriptors that the verifier holds and trusts.

    Raises:
        EvidenceInvalid: naming the check and what is wrong.
    """
    with _check(1, "the file"):
        files = IncidentFiles.of(read_archive(bundle))
    with _check(2, "the descriptors"):
        sides = _read_sides(files)
    with _check(3, "what is known from outside"):
        deciding = [deciding_descriptor(each, known) for each in sides]
    used = tuple(DescriptorUsed(d.administration, d.version, d.digest, is_trusted(d, trusted, known)) for d in sides)
    notes = read_notes(files.notes, sides)
    with _check(5, "what the notes show together"):
        findings = compare([each for each in notes if isinstance(each, ReadNote)], files.growths)
        _refuse_idle_proofs(files, findings)
    against = tuple(dict.fromkeys(each for finding in findings for each in finding.against))
    return IncidentVerdict(
        outcome=_outcome(against, used),
        against=against,
        statement=files.statement,
        checks=tuple(_sentences(notes, findings, used, deciding)),
        findings=tuple(findings),
        sides=used,
    )


def build(files: IncidentFiles) -> bytes:
    """Make a bundle; it is verified before it is given away.

    Raises:
        EvidenceInvalid: it would not verify, or would need more than 4 MiB.
    """
    bundle = write_archive(files.in_order())
    verify(bundle)
    return bundle


@contextmanager
def _check(number: int, what: str) -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        raise EvidenceInvalid(f"Check {number} ({what}) fails: {error.sentence}") from error


def _read_sides(files: IncidentFiles) -> list[Descriptor]:
    sides = [verify_first(note) for note in files.descriptors.values()]
    if [descriptor_name(each.administration, each.version) for each in sides] != list(files.descriptors):
        raise EvidenceInvalid("A descriptor does not stand under its own name.")
    stated = {files.statement.maker, files.statement.partner}
    if len(sides) != SIDES or {each.administration for each in sides} != stated:
        raise EvidenceInvalid("The descriptors of the two sides that incident.json names are needed, one of each.")
    refuse_shared_keys(sides)
    return sides


def _refuse_idle_proofs(files: IncidentFiles, findings: Sequence[Finding]) -> None:
    needed = {finding.pair for finding in findings if finding.older.size < finding.newer.size}
    strange = sorted(files.growths.keys() - needed)
    if strange:
        raise EvidenceInvalid(f"A consistency proof is about {strange[0]}, which are not two sizes of one log.")


def _outcome(against: Sequence[str], sides: Sequence[DescriptorUsed]) -> Outcome:
    if not against:
        return Outcome.NOT_PROVEN
    known = {side.administration for side in sides if side.trusted}
    return Outcome.PROVEN if known.intersection(against) else Outcome.SHOWN


def _sentences(
    notes: Sequence[ReadNote | UnreadNote],
    findings: Sequence[Finding],
    sides: Sequence[DescriptorUsed],
    deciding: Sequence[Descriptor],
) -> Iterator[Check]:
    yield Check(1, "The file is an incident bundle in its only form.")
    names = " and ".join(side.administration for side in sides)
    yield Check(2, f"The descriptors of {names} are signed by their own roots and share no key.")
    for side in sides:
        known = "is known" if side.trusted else "is not known"
        yield Check(3, f"The descriptor of {side.administration}, {write_digest(side.digest)}, {known} from outside.")
    for note in notes:
        yield Check(4, note.sentence)
    for finding in findings:
        yield Check(5, finding.sentence)
    for key in _ended(findings, deciding):
        yield Check(
            5,
            f"The key {key.key.bare}, which signed a note of a contradiction, has ended at {key.valid_until} (seconds "
            "since 1970): if it was stolen, whoever stole it may have signed.",
        )


def _ended(findings: Sequence[Finding], deciding: Sequence[Descriptor]) -> list[DatedKey]:
    """Give the keys on contradicting notes that their owner has let end before the others."""
    signed = {dated.key.public for f in findings if f.against for note in (f.older, f.newer) for dated in note.keys}
    dated = [each for descriptor in deciding for each in (*descriptor.log_keys, *descriptor.receipt_keys)]
    last = max((each.valid_until for each in dated), default=0)
    return [each for each in dated if each.key.public in signed and each.valid_until < last]
