"""A proof that travels alone: index, path, checkpoint and receipt in one text (C2SP tlog-proof)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from gateway.errors import NoteMalformed
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint
from gateway.linklog.hashing import HASH_BYTES
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_note
from gateway.linklog.paths import verify_inclusion
from gateway.linklog.text import decode_base64, decode_text, parse_decimal

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PATH: Final = 63
MAX_PROOF_BYTES: Final = CHECKPOINT_LIMITS.max_bytes + 8 * 1024


@dataclass(frozen=True, slots=True)
class LogProof:
    """That an entry stands at ``index`` of the log whose ``checkpoint`` (with all its lines) comes along.

    ``extra`` is not authenticated by the proof; the evidence bundle puts the salt there, which the leaf authenticates.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def serialize(self) -> bytes:
        """Give the proof's only text."""
        rows = [HEADER]
        if self.extra:
            rows.append(f"extra {base64.b64encode(self.extra).decode()}")
        rows.append(f"index {self.index}")
        rows += [base64.b64encode(hash_).decode() for hash_ in self.path]
        return "\n".join(rows).encode() + b"\n\n" + self.checkpoint.serialize()

    def verify(self, leaf_hash: bytes, checkpoint: Checkpoint) -> None:
        """Check the path from a leaf to the root of a checkpoint that was verified before.

        Raises:
            InclusionInvalid: it does not lead there.
        """
        verify_inclusion(self.index, checkpoint.size, leaf_hash, self.path, checkpoint.root)


def parse_proof(data: bytes) -> LogProof:
    """Read a proof; its signatures and its path are not verified.

    Raises:
        NoteMalformed: too long, or not the one encoding.
    """
    if len(data) > MAX_PROOF_BYTES:
        raise NoteMalformed(f"The proof has more than {MAX_PROOF_BYTES} bytes.")
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank:
        raise NoteMalformed("The proof has no blank line before its checkpoint.")
    rows = decode_text(head, "The proof").split("\n")
    if rows.pop(0) != HEADER:
        raise NoteMalformed(f"A proof begins with {HEADER}.")
    extra = _parse_extra(rows)
    index = _parse_index(rows)
    if len(rows) > MAX_PATH:
        raise NoteMalformed(f"A path has at most {MAX_PATH} hashes.")
    path = tuple(_parse_hash(row) for row in rows)
    note = parse_note(checkpoint, CHECKPOINT_LIMITS)
    parse_checkpoint(note.text)
    return LogProof(index, path, note, extra)


def _parse_extra(rows: list[str]) -> bytes:
    if not rows or not rows[0].startswith("extra "):
        return b""
    extra = decode_base64(rows.pop(0).removeprefix("extra "), "the proof's extra data")
    if not extra:
        raise NoteMalformed("A proof without extra data has no line for it.")
    return extra


def _parse_index(rows: list[str]) -> int:
    if not rows or not rows[0].startswith("index "):
        raise NoteMalformed("The proof has no index.")
    return parse_decimal(rows.pop(0).removeprefix("index "), "the proof's index")


def _parse_hash(row: str) -> bytes:
    hash_ = decode_base64(row, "a hash of the path")
    if len(hash_) != HASH_BYTES:
        raise NoteMalformed(f"A hash of the path does not have {HASH_BYTES} bytes.")
    return hash_
