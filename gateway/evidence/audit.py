"""The audit log of one node as evidence: its lines, its tree, and the check of what was exported.

The log is an RFC 9162 tree of the node's own. An entry is one line of JSON, and that line's bytes are the leaf: who
checks it hashes lines and folds them, and needs nothing of this program. The node signs the tree's head as a C2SP
checkpoint, with a key that has this one role; the key's name is the log's origin.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import ConsistencyInvalid, EvidenceInvalid, NoteMalformed, SignatureInvalid
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.keys import VerifierKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note, verify_note
from gateway.linklog.tree import CompactRange

_APPENDED_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when and why. ``index`` counts from 0, ``at`` is POSIX seconds, ``detail`` names what and why."""

    index: int
    at: int
    actor: str
    action: str
    detail: str

    @property
    def line(self) -> bytes:
        """The entry's one encoding, a line of JSON without its line feed: the content of its leaf."""
        fields = [self.index, self.at, self.actor, self.action, self.detail]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """An audit log that holds. ``signed`` says whether the signature was checked with a key from outside."""

    checkpoint: Checkpoint
    signed: bool


def grow(tree: CompactRange, entries: Iterable[AuditEntry]) -> CompactRange:
    """Append entries to the log's tree."""
    return tree.append_all([leaf_hash(entry.line) for entry in entries])[0]


def parse_line(line: bytes, index: int) -> AuditEntry:
    """Read one line of an export.

    Raises:
        EvidenceInvalid: it is not the one encoding of the entry at ``index``.
    """
    try:
        entry = AuditEntry(*json.loads(line))
    except (ValueError, TypeError):
        raise EvidenceInvalid(f"Line {index + 1} of the audit log is no entry.") from None
    if entry.index != index or entry.line != line:
        raise EvidenceInvalid(f"Line {index + 1} of the audit log is not entry {index} as the node wrote it.")
    return entry


def tree_of(lines: Sequence[bytes]) -> CompactRange:
    """Hash the lines of an export, each read first.

    Raises:
        EvidenceInvalid: one of them is no entry, or is in the wrong place.
    """
    tree = CompactRange()
    for start in range(0, len(lines), _APPENDED_AT_ONCE):
        part = lines[start : start + _APPENDED_AT_ONCE]
        tree = grow(tree, (parse_line(line, index) for index, line in enumerate(part, start)))
    return tree


def verify_export(
    lines: Sequence[bytes], note: bytes, key: VerifierKey | None, *, earlier: Iterable[bytes] = ()
) -> AuditVerdict:
    """Check that ``lines`` are the whole log under the checkpoint ``note``, and that it grew from ``earlier`` ones.

    ``key`` is the node's audit key as it is known from outside, and ``earlier`` are checkpoints that somebody kept.
    Without a key no signature is looked at; without an earlier checkpoint a log that was written anew as a whole, and
    signed anew by whoever has the key, looks like an honest one.

    Raises:
        EvidenceInvalid: the lines do not give the root that was signed.
        SignatureInvalid: the key has not signed a checkpoint.
        ConsistencyInvalid: an earlier checkpoint is not the beginning of this log.
        NoteMalformed: a note is no checkpoint.
    """
    checkpoint = _checkpoint(note, key)
    tree = tree_of(lines)
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise EvidenceInvalid(
            f"The {tree.size} entries do not give the root that {checkpoint.origin} signed for {checkpoint.size}: "
            "an entry was changed, added or taken away."
        )
    for each in earlier:
        _require_beginning(lines, _checkpoint(each, key), checkpoint)
    return AuditVerdict(checkpoint, signed=key is not None)


def _checkpoint(note: bytes, key: VerifierKey | None) -> Checkpoint:
    parsed = parse_note(note, CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(parsed.text)
    if key is None:
        return checkpoint
    if key.name != checkpoint.origin:
        raise NoteMalformed(f"The key is that of {key.name}, the checkpoint that of {checkpoint.origin}.")
    if not verify_note(parsed, [key]):
        raise SignatureInvalid(f"The checkpoint of {checkpoint.origin} at {checkpoint.size} is not signed by this key.")
    return checkpoint


def _require_beginning(lines: Sequence[bytes], before: Checkpoint, now: Checkpoint) -> None:
    if before.origin != now.origin:
        raise ConsistencyInvalid(f"The earlier checkpoint is of {before.origin}, not of {now.origin}.")
    if before.size > now.size or tree_of(lines[: before.size]).root() != before.root:
        raise ConsistencyInvalid(
            f"What {before.origin} signed at {before.size} entries is not the beginning of this log: it was rewritten."
        )
