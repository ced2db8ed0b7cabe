"""Signed notes (C2SP signed-note): a text, a blank line, signature lines. One note has one encoding.

Nothing here verifies: a parsed note is as untrusted as its bytes. ``checkpoints`` and ``gateway.trust`` verify.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.errors import NoteMalformed, SignatureInvalid
from gateway.linklog.keys import KEY_ID_BYTES, SIGNATURE_BYTES, KeyType, Signer, VerifierKey
from gateway.linklog.text import decode_base64, decode_text, require_key_name

_LINE_START: Final = "— "
_SEPARATOR: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class NoteLimits:
    """What is read at all: bytes of the whole note, number of signature lines."""

    max_bytes: int
    max_lines: int


CHECKPOINT_LIMITS: Final = NoteLimits(max_bytes=64 * 1024, max_lines=16)
DOCUMENT_LIMITS: Final = NoteLimits(max_bytes=256 * 1024, max_lines=64)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature, and the name and id of the key that is said to have made it."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise NoteMalformed(f"A signature line of {self.name} is too short to hold a signature.")

    def serialize(self) -> bytes:
        """Give the line with its LF."""
        return f"{_LINE_START}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in LF, and its signature lines in the order in which they stand."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise NoteMalformed("A note's text must end with a line feed.")
        decode_text(self.text.encode(), "A note's text")

    @property
    def message(self) -> bytes:
        """The text's bytes, last LF included: what signatures of type 0x01 cover and digests are taken of."""
        return self.text.encode()

    def serialize(self) -> bytes:
        """Give the note's bytes; ``parse_note`` gives back this note, and from no other bytes."""
        return self.message + b"\n" + b"".join(line.serialize() for line in self.lines)

    def with_lines(self, lines: Iterable[SignatureLine]) -> Note:
        """Give the same text with these lines after the ones that it has."""
        return Note(self.text, (*self.lines, *lines))


def parse_note(data: bytes, limits: NoteLimits) -> Note:
    """Read a note; text and signatures part at the last blank line.

    Raises:
        NoteMalformed: over a limit, not UTF-8, a control character, no signature line, or not the one encoding.
    """
    if len(data) > limits.max_bytes:
        raise NoteMalformed(f"The note has more than {limits.max_bytes} bytes.")
    content = decode_text(data, "The note")
    cut = content.rfind(_SEPARATOR)
    if cut < 0:
        raise NoteMalformed("The note has no blank line between text and signatures.")
    lines = _parse_lines(content[cut + len(_SEPARATOR) :], limits.max_lines)
    if not lines:
        raise NoteMalformed("The note has no signature line.")
    return Note(content[: cut + 1], lines)


def parse_lines(data: bytes, limits: NoteLimits = CHECKPOINT_LIMITS) -> tuple[SignatureLine, ...]:
    """Read signature lines that come without their text, as a receipt's do; none at all is allowed.

    Raises:
        NoteMalformed: over a limit, or not the one encoding.
    """
    if len(data) > limits.max_bytes:
        raise NoteMalformed(f"The signature lines have more than {limits.max_bytes} bytes.")
    return _parse_lines(decode_text(data, "A signature line"), limits.max_lines)


def sign_text(text: str, signers: Iterable[Signer]) -> Note:
    """Sign a text with Ed25519 note signatures (0x01), each under its signer's own name."""
    return Note(text, tuple(sign_line(text, signer) for signer in signers))


def sign_line(text: str, signer: Signer, name: str | None = None) -> SignatureLine:
    """Give one note signature over a text, under ``name`` where it differs from the signer's own."""
    key = signer.key.with_name(name or signer.key.name)
    if key.type is not KeyType.NOTE_ED25519:
        raise ValueError(f"{key.name} is not a key for note signatures")
    return SignatureLine(key.name, key.key_id, signer.sign(text.encode()))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> frozenset[VerifierKey]:
    """Verify every note signature (0x01) of a known key, ignore other lines, and give the keys that signed.

    How many of them are needed is the caller's to say; none may have signed.

    Raises:
        SignatureInvalid: a line of a known key fails, or the same key signed twice.
    """
    signed: set[VerifierKey] = set()
    for key in keys:
        if key.type is not KeyType.NOTE_ED25519:
            raise ValueError(f"{key.name} is not a key for note signatures")
        lines = lines_of(note.lines, key)
        if len(lines) > 1:
            raise SignatureInvalid(f"The key {key.name} {key.key_id.hex()} signed twice.")
        if not lines:
            continue
        if len(lines[0].signature) != SIGNATURE_BYTES[key.type] or not key.verifies(note.message, lines[0].signature):
            raise SignatureInvalid(f"The signature of {key.name} {key.key_id.hex()} does not hold.")
        signed.add(key)
    return frozenset(signed)


def lines_of(lines: Iterable[SignatureLine], key: VerifierKey) -> list[SignatureLine]:
    """Pick the lines that state this key's name and id."""
    return [line for line in lines if line.name == key.name and line.key_id == key.key_id]


def _parse_lines(block: str, max_lines: int) -> tuple[SignatureLine, ...]:
    if not block:
        return ()
    if not block.endswith("\n"):
        raise NoteMalformed("The last signature line does not end with a line feed.")
    rows = block[:-1].split("\n")
    if len(rows) > max_lines:
        raise NoteMalformed(f"There are more than {max_lines} signature lines.")
    return tuple(_parse_line(row) for row in rows)


def _parse_line(row: str) -> SignatureLine:
    if not row.startswith(_LINE_START):
        raise NoteMalformed("A signature line must begin with an em dash and a space.")
    name, space, encoded = row[len(_LINE_START) :].partition(" ")
    if not space:
        raise NoteMalformed("A signature line needs a name and a signature.")
    blob = decode_base64(encoded, f"the signature of {name}")
    return SignatureLine(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])
