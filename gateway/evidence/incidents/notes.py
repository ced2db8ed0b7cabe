"""One note of an incident: what it states, and who of the two sides has signed that.

Notes are kept as they came, so nothing here refuses one. What cannot be read, and a signature that does not hold, is
said in words; neither proves anything against anybody, since anybody could have written it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import GatewayError, SignatureInvalid
from gateway.evidence.attestation import issuer_of
from gateway.linklog.checkpoints import Checkpoint, Cosigned, parse_checkpoint, verify_lines
from gateway.linklog.keys import DatedKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_note, verify_note
from gateway.trust.descriptors import HEADER, Descriptor, parse_descriptor
from gateway.trust.documents import read_document

MAX_NOTES: Final = 16


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note that states one thing about one subject, a log at a size or a descriptor of a version.

    ``number`` counts from 1 in the incident. ``signers`` are the administrations that signed it in any role that it has
    there: the issuer of a log, or whoever receipted it; ``issuer`` is whose log or descriptor it is. ``keys`` signed.
    """

    number: int
    subject: str
    size: int
    root: bytes
    is_log: bool
    issuer: str
    signers: tuple[str, ...]
    keys: tuple[DatedKey, ...]
    faults: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say what it states and who signed it."""
        what = f"size {self.size} of the log {self.subject}" if self.is_log else f"{self.subject}, version {self.size}"
        by = " and ".join(self._by(each) for each in self.signers) or "nobody of the two"
        faults = "".join(f" {each}" for each in self.faults)
        return f"Note {self.number} states the root of {what}, signed by {by}.{faults}"

    def _by(self, administration: str) -> str:
        if not self.is_log:
            return administration
        return f"{administration}, {'whose log it is' if administration == self.issuer else 'who receipted it'}"


@dataclass(frozen=True, slots=True)
class UnreadNote:
    """A note that says nothing that could be compared."""

    number: int
    why: str

    @property
    def sentence(self) -> str:
        """Say so."""
        return f"Note {self.number} proves nothing: {self.why}"


def read_notes(notes: Iterable[bytes], sides: Sequence[Descriptor]) -> list[ReadNote | UnreadNote]:
    """Read all notes of an incident by the descriptors of the two sides."""
    return [_read(number, data, sides) for number, data in enumerate(notes, start=1)]


def _read(number: int, data: bytes, sides: Sequence[Descriptor]) -> ReadNote | UnreadNote:
    try:
        if data.startswith(HEADER.encode()):
            return _read_descriptor(number, read_document(data), sides)
        return _read_checkpoint(number, parse_note(data, CHECKPOINT_LIMITS), sides)
    except GatewayError as error:
        return UnreadNote(number, error.sentence)


def _read_descriptor(number: int, note: Note, sides: Sequence[Descriptor]) -> ReadNote | UnreadNote:
    stated = parse_descriptor(note.text)
    for side in sides:
        if side.administration == stated.administration:
            signed = verify_note(note, side.roots)
            signers = (side.administration,) if len(signed) >= side.threshold else ()
            subject = f"the descriptor of {side.administration}"
            return ReadNote(
                number, subject, stated.version, stated.digest, False, signers[0] if signers else "", signers, (), ()
            )
    return UnreadNote(number, f"it is a descriptor of {stated.administration}, who is no side of this incident.")


def _read_checkpoint(number: int, note: Note, sides: Sequence[Descriptor]) -> ReadNote:
    checkpoint = parse_checkpoint(note.text)
    issuer = issuer_of(note, sides)
    receiver = next(side for side in sides if side is not issuer)
    faults: list[str] = []
    log_keys = [dated.with_name(checkpoint.origin) for dated in issuer.log_keys]
    issued = _holding(checkpoint, note, log_keys, faults)
    receipted = _holding(checkpoint, note, receiver.receipt_keys, faults)
    by = [side.administration for side, lines in ((issuer, issued), (receiver, receipted)) if lines]
    keys = tuple(each.key for each in (*issued, *receipted))
    return ReadNote(
        number,
        subject=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        is_log=True,
        issuer=issuer.administration,
        signers=tuple(by),
        keys=keys,
        faults=tuple(faults),
    )


def _holding(checkpoint: Checkpoint, note: Note, keys: Sequence[DatedKey], faults: list[str]) -> list[Cosigned]:
    """Give the lines of these keys that hold, whenever the keys counted; of the others note that they do not."""
    found: list[Cosigned] = []
    for line in note.lines:
        try:
            found += verify_lines(checkpoint, (line,), keys)
        except SignatureInvalid as error:
            faults.append(error.sentence)
    return found
