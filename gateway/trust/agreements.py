"""Agreements: signed by both sides on one digest, and what they let through (docs/protocol.md, Documents).

The text is what people wrote, and its bytes are what both signed; nothing here writes one anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from gateway.errors import DocumentInvalid
from gateway.linklog.keys import KeyType, Signer
from gateway.linklog.notes import Note, verify_note
from gateway.trust.descriptors import Descriptor
from gateway.trust.documents import add_signatures, digest_of, read_document
from gateway.trust.names import root_key_name
from gateway.trust.spelling import Purpose
from gateway.trust.terms import ALL_FIELDS, Flow, Terms, parse_terms

_LOG_TYPES: Final = {
    "ed25519": (KeyType.NOTE_ED25519,),
    "ed25519+ml-dsa-44": (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44),
}
_RECEIPT_TYPES: Final = {
    "ed25519": (KeyType.COSIGNATURE_ED25519,),
    "ed25519+ml-dsa-44": (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44),
}


REMEMBERED: Final = 64
"""Texts that need not be read again: while one is checked, stored and put in force it is looked at many times, and
reading its TOML is by far the most of it. 64 of the largest texts are 16 MiB."""


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """Which fields of a record's body go to a partner, and how long it may keep them.

    ``paths`` has no dots beyond those of the schema; an empty set means the whole body. ``profile`` is the same for
    the same kind and fields, whatever the agreement: records of one profile and one agreement are the same bytes.
    """

    kind: str
    paths: frozenset[str]
    retention_days: int

    @property
    def whole(self) -> bool:
        """Whether the body goes as it is."""
        return not self.paths

    @property
    def profile(self) -> str:
        """A name for this selection, for the record's header (at most 64 characters)."""
        if self.whole:
            return f"{self.kind}-all"[:64]
        listed = "\n".join((self.kind, *sorted(self.paths)))
        return f"{self.kind[:40]}-{sha256(listed.encode()).hexdigest()[:16]}"

    def lets_through(self, path: str) -> bool:
        """Say whether the field at ``path`` goes, all of it: it is named, or stands below one that is."""
        if self.whole:
            return True
        parts = path.split(".")
        return any(".".join(parts[:length]) in self.paths for length in range(1, len(parts) + 1))

    def reaches_into(self, path: str) -> bool:
        """Say whether something below ``path`` goes, though not all of it: a releaser must then descend."""
        return any(named.startswith(f"{path}.") for named in self.paths)


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement's terms and the digest by which both sides name it. Who has signed it, ``verify`` says."""

    terms: Terms
    digest: bytes

    @property
    def log_types(self) -> tuple[KeyType, ...]:
        """The lines that a checkpoint needs on a link under this agreement."""
        return _LOG_TYPES[self.terms.signatures]

    @property
    def receipt_types(self) -> tuple[KeyType, ...]:
        """The lines that a receipt needs on a link under this agreement."""
        return _RECEIPT_TYPES[self.terms.signatures]

    def is_between(self, one: str, other: str) -> bool:
        """Say whether both administrations are parties."""
        return one != other and {one, other} <= set(self.terms.parties)

    def in_force(self, at: int) -> bool:
        """Say whether it is valid at this time, POSIX seconds; suspension is not in the text and not looked at."""
        return self.terms.valid_from <= at < self.terms.valid_until

    def releases(self, sender: str, receiver: str, kind: str, purpose: Purpose | str, at: int) -> FieldSelection | None:
        """Say what ``sender`` may release of this kind to ``receiver`` for this purpose at ``at``; None is nothing."""
        if not self.in_force(at):
            return None
        for flow in self.terms.flows:
            if _covers(flow, sender, receiver, kind, purpose):
                named = () if ALL_FIELDS in flow.fields else flow.fields
                return FieldSelection(kind, frozenset(named), flow.retention_days)
        return None


@lru_cache(maxsize=REMEMBERED)
def parse_agreement(text: str) -> Agreement:
    """Read an agreement's text; nobody need have signed it. What was read last is remembered: a value never changes.

    Raises:
        DocumentInvalid: with the place in the text.
    """
    return Agreement(parse_terms(text), digest_of(text))


def sign(text: str, signers: Iterable[Signer], domain: str) -> bytes:
    """Sign the text that people wrote with root keys of ``domain``; gives the note's bytes.

    Raises:
        DocumentInvalid: the text is no agreement.
        NoteMalformed: it has a tab, a carriage return or another control character, or does not end with LF.
    """
    parse_agreement(text)
    return add_signatures(Note(text, ()), signers, root_key_name(domain)).serialize()


def countersign(data: bytes, signers: Iterable[Signer], domain: str) -> bytes:
    """Add signatures of ``domain``'s root keys to a note; whether the other side's hold, ``verify`` says.

    Raises:
        DocumentInvalid: it is no agreement, or one of these keys has signed it already.
    """
    note = read_document(data)
    parse_agreement(note.text)
    return add_signatures(note, signers, root_key_name(domain)).serialize()


def verify(data: bytes, descriptors: Sequence[Descriptor]) -> Agreement:
    """Read an agreement that counts between the administrations described: each one's threshold is met.

    An administration may be given in several versions: then one whose roots and threshold are met will do, since an
    agreement outlives the root keys that signed it. Which old versions still may, the caller decides by handing
    them in; for a new agreement hand in the newest alone.

    Raises:
        DocumentInvalid: too few signatures, naming whose; or an administration that is no party to it.
        SignatureInvalid: a line of a known root key fails, or stands there twice.
        NoteMalformed: not a signed note.
    """
    note = read_document(data)
    agreement = parse_agreement(note.text)
    versions: dict[str, list[Descriptor]] = {}
    for descriptor in descriptors:
        versions.setdefault(descriptor.administration, []).append(descriptor)
    if len(versions) < 2:
        raise DocumentInvalid("An agreement counts between two administrations; the descriptors of two are needed.")
    for administration, known in versions.items():
        if administration not in agreement.terms.parties:
            raise DocumentInvalid(f"{administration} is no party to the agreement {agreement.terms.id}.")
        if not any(len(verify_note(note, version.roots)) >= version.threshold for version in known):
            raise DocumentInvalid(
                f"{administration} has not signed version {agreement.terms.version} of the agreement "
                f"{agreement.terms.id} with as many root keys as its descriptor demands."
            )
    return agreement


def newest_in_force(agreements: Iterable[Agreement], one: str, other: str, at: int) -> list[Agreement]:
    """Pick what counts between two parties at ``at``: of each agreement in force its highest version, sorted by id."""
    newest: dict[str, Agreement] = {}
    for agreement in agreements:
        if not (agreement.is_between(one, other) and agreement.in_force(at)):
            continue
        known = newest.get(agreement.terms.id)
        if known is None or known.terms.version < agreement.terms.version:
            newest[agreement.terms.id] = agreement
    return [newest[identifier] for identifier in sorted(newest)]


def _covers(flow: Flow, sender: str, receiver: str, kind: str, purpose: Purpose | str) -> bool:
    return (flow.sender, flow.receiver, flow.kind) == (sender, receiver, kind) and purpose in flow.purposes
