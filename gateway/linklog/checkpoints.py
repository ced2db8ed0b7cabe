"""Checkpoints (the issuer's word on a log's size and root) and receipts (the partner's word that it holds it all).

docs/protocol.md, Checkpoint, receipt, judgement; C2SP tlog-checkpoint and tlog-cosignature. The rules for lines are
the same everywhere: lines of unknown keys are ignored, a line of a known key that fails refuses the whole, a known
key signs once, and each required type must be there from a key that counts at that time.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.errors import KeyNotValid, NoteMalformed, SignatureInvalid
from gateway.linklog.hashing import HASH_BYTES
from gateway.linklog.keys import SIGNATURE_BYTES, DatedKey, KeyType, Signer, VerifierKey
from gateway.linklog.notes import Note, SignatureLine, parse_lines
from gateway.linklog.text import MAX_TIME, decode_base64, parse_decimal, require_key_name

TIMESTAMP_BYTES: Final = 8
MAX_NAME_BYTES: Final = 255
_SUBTREE_LABEL: Final = b"subtree/v1\n\0"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, its number of entries (1 or more) and its root hash."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        require_key_name(self.origin)
        if not 1 <= self.size <= MAX_TIME or len(self.root) != HASH_BYTES:
            raise NoteMalformed(f"A checkpoint of {self.origin} needs a size of at least 1 and a root of 32 bytes.")
        if len(self.origin.encode()) > MAX_NAME_BYTES:
            raise NoteMalformed(f"The origin of a checkpoint has more than {MAX_NAME_BYTES} bytes.")

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Cosigned(NamedTuple):
    """A key whose line verified, and the time that the line states; a line of type 0x01 states none (0)."""

    key: DatedKey
    time: int


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text: exactly three lines, no extension lines.

    Raises:
        NoteMalformed: anything else.
    """
    rows = text.split("\n")
    if len(rows) != 4 or rows[3]:
        raise NoteMalformed("A checkpoint has exactly three lines.")
    origin, size, root = rows[:3]
    return Checkpoint(origin, parse_decimal(size, "a checkpoint's size"), decode_base64(root, "a checkpoint's root"))


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer], time: int) -> bytes:
    """Sign as the log's owner: a whole note, each line under the log's origin.

    The caller promises never to sign a checkpoint that contradicts an earlier one. ``time`` (POSIX seconds) goes
    into lines of type 0x06 only; their range starts at leaf 0.
    """
    lines = [_line(checkpoint, signer, checkpoint.origin, time) for signer in signers]
    if not lines:
        raise ValueError("a checkpoint is signed by at least one key")
    return Note(checkpoint.text, tuple(lines)).serialize()


def cosign(checkpoint: Checkpoint, signers: Iterable[Signer], time: int) -> bytes:
    """Give the lines of a receipt, each under its signer's own name.

    The caller promises that every entry below ``checkpoint.size`` is durably stored, with its content.
    """
    return b"".join(_line(checkpoint, signer, signer.key.name, time).serialize() for signer in signers)


def verify_checkpoint(
    note: Note, keys: Iterable[DatedKey], *, origin: str, require: Collection[KeyType], at: int
) -> Checkpoint:
    """Verify a checkpoint of the log ``origin``, signed by its owner's log ``keys`` under whatever name these have.

    ``at`` is now for a new batch, the receipt's time for an old one. Not checked, and the session's to check:
    that the tree has this root.

    Raises:
        NoteMalformed: the text is no checkpoint of this log.
        SignatureInvalid: a line of a known key fails or is repeated, or a required type is missing.
        KeyNotValid: a required type is there only from keys that do not count at that time.
    """
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise NoteMalformed(f"A checkpoint of {origin} was due, not of {checkpoint.origin}.")
    signed = verify_lines(checkpoint, note.lines, [key.with_name(origin) for key in keys])
    require_types(signed, require, at, f"the checkpoint of {origin} at size {checkpoint.size}")
    return checkpoint


def verify_receipt(
    checkpoint: Checkpoint, lines: bytes, keys: Iterable[DatedKey], *, require: Collection[KeyType]
) -> int:
    """Verify the partner's receipt for a checkpoint and give its time.

    Lines of one receipt state one time. Not checked, and the issuer's to check on arrival: that this time is near
    its own clock, and not before that of the last receipt.

    Raises:
        NoteMalformed, SignatureInvalid, KeyNotValid: as for a checkpoint; times that differ are SignatureInvalid.
    """
    return receipt_time(checkpoint, parse_lines(lines), keys, require=require)


def receipt_time(
    checkpoint: Checkpoint, lines: Iterable[SignatureLine], keys: Iterable[DatedKey], *, require: Collection[KeyType]
) -> int:
    """Do what ``verify_receipt`` does, on lines that were read already, as those of a whole note."""
    what = f"the receipt for {checkpoint.origin} at size {checkpoint.size}"
    signed = verify_lines(checkpoint, lines, keys)
    time = common_time(signed, what)
    require_types(signed, require, time, what)
    return time


def common_time(signed: Iterable[Cosigned], what: str) -> int:
    """Give the one time that the lines of a receipt state.

    Raises:
        SignatureInvalid: there is none, or they differ.
    """
    times = {cosigned.time for cosigned in signed}
    if not times:
        raise SignatureInvalid(f"A receipt key's signature is missing on {what}.")
    if len(times) > 1:
        raise SignatureInvalid(f"The lines of {what} state different times.")
    return times.pop()


def verify_lines(checkpoint: Checkpoint, lines: Iterable[SignatureLine], keys: Iterable[DatedKey]) -> list[Cosigned]:
    """Verify every line that states a known key, ignore the others, and give the keys that signed.

    Raises:
        SignatureInvalid: a line of a known key fails, or the same key signed twice.
    """
    known = {(dated.key.name, dated.key.key_id): dated for dated in keys}
    signed: list[Cosigned] = []
    for line in lines:
        dated = known.get((line.name, line.key_id))
        if dated is None:
            continue
        if any(earlier.key.key == dated.key for earlier in signed):
            raise SignatureInvalid(f"The key {line.name} {line.key_id.hex()} signed twice.")
        signed.append(Cosigned(dated, _verify_line(checkpoint, line, dated.key)))
    return signed


def require_types(signed: Iterable[Cosigned], require: Collection[KeyType], at: int, what: str) -> None:
    """Refuse when a required type is missing among the keys that signed and count at ``at``.

    Raises:
        KeyNotValid: it is there, but only from keys that do not count then.
        SignatureInvalid: it is not there.
    """
    present = {cosigned.key.key.type for cosigned in signed}
    counting = {cosigned.key.key.type for cosigned in signed if cosigned.key.counts_at(at)}
    for key_type in require:
        if key_type in counting:
            continue
        if key_type in present:
            raise KeyNotValid(f"The key of type {key_type:#04x} on {what} did not count at {at}.")
        raise SignatureInvalid(f"A signature of type {key_type:#04x} is missing on {what}.")


def _line(checkpoint: Checkpoint, signer: Signer, name: str, time: int) -> SignatureLine:
    key = signer.key.with_name(name)
    signature = signer.sign(_message(checkpoint, key, time))
    stamp = b"" if key.type is KeyType.NOTE_ED25519 else struct.pack(">Q", time)
    return SignatureLine(key.name, key.key_id, stamp + signature)


def _verify_line(checkpoint: Checkpoint, line: SignatureLine, key: VerifierKey) -> int:
    time, signature = 0, line.signature
    if key.type is not KeyType.NOTE_ED25519:
        stamp, signature = signature[:TIMESTAMP_BYTES], signature[TIMESTAMP_BYTES:]
        time = int.from_bytes(stamp)
    fits = len(signature) == SIGNATURE_BYTES[key.type] and time <= MAX_TIME
    if not fits or not key.verifies(_message(checkpoint, key, time), signature):
        raise SignatureInvalid(f"The signature of {key.name} {key.key_id.hex()} on {checkpoint.origin} does not hold.")
    return time


def _message(checkpoint: Checkpoint, key: VerifierKey, time: int) -> bytes:
    """Give the bytes that a key of this type signs for a checkpoint (C2SP tlog-cosignature)."""
    if key.type is KeyType.NOTE_ED25519:
        return checkpoint.text.encode()
    if key.type is KeyType.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
    start = 0
    return (
        _SUBTREE_LABEL
        + _short_string(key.name)
        + struct.pack(">Q", time)
        + _short_string(checkpoint.origin)
        + struct.pack(">QQ", start, checkpoint.size)
        + checkpoint.root
    )


def _short_string(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > MAX_NAME_BYTES:
        raise NoteMalformed(f"A name of {len(encoded)} bytes cannot be signed.")
    return bytes([len(encoded)]) + encoded
