"""What descriptors and agreements have in common: a signed note whose digest people compare."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from gateway.errors import DocumentInvalid, NoteMalformed
from gateway.linklog.keys import Signer
from gateway.linklog.notes import DOCUMENT_LIMITS, Note, parse_note, sign_line
from gateway.linklog.text import decode_base64

DIGEST_BYTES: Final = 32


def read_document(data: bytes) -> Note:
    """Read a document's bytes; signatures and content are the caller's to check.

    Raises:
        NoteMalformed: over 256 KiB or 64 signature lines, or not a note.
    """
    return parse_note(data, DOCUMENT_LIMITS)


def digest_of(text: str) -> bytes:
    """Give a document's digest: SHA-256 of the note's text, last LF included. Signatures do not change it."""
    return sha256(text.encode()).digest()


def write_digest(digest: bytes) -> str:
    """Write a digest as descriptors and people do, in base64."""
    return base64.b64encode(digest).decode()


def read_digest(text: str) -> bytes:
    """Read a digest in base64.

    Raises:
        NoteMalformed: it is not one.
    """
    digest = decode_base64(text, "a digest")
    if len(digest) != DIGEST_BYTES:
        raise NoteMalformed(f"A digest has {DIGEST_BYTES} bytes, this one {len(digest)}.")
    return digest


def add_signatures(note: Note, signers: Iterable[Signer], name: str) -> Note:
    """Sign a document with root keys under ``name``, after the signatures that it bears already.

    Raises:
        DocumentInvalid: one of these keys has signed it before.
    """
    for signer in signers:
        line = sign_line(note.text, signer, name)
        if any((line.name, line.key_id) == (other.name, other.key_id) for other in note.lines):
            raise DocumentInvalid(f"The key {name} {line.key_id.hex()} has signed this document already.")
        note = note.with_lines([line])
    return note
