"""The two logs of a link as the rogue holds them: sections 5, 7 and 8 of docs/protocol.md."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from mock_partners.rogue import tree
from mock_partners.rogue.notes import Key, NoteUnreadable, Verifier, b64, lines_of, note, text_of, verified
from mutualrecognition.federation.v1 import link_pb2 as pb


@dataclass(slots=True)
class Log:
    """The leaf hashes of one log, and its newest checkpoint with both signatures; empty at size 0."""

    origin: str
    leaves: list[bytes] = field(default_factory=list)
    note: bytes = b""

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.leaves)

    @property
    def position(self) -> pb.LogPosition:
        """Say in a Hello where it stands."""
        return pb.LogPosition(origin=self.origin, checkpoint=self.note)

    def copy(self) -> Log:
        """Give the log as it is now."""
        return Log(self.origin, list(self.leaves), self.note)


def origin(domain: str, partner: str) -> str:
    """Name the log of an administration for its partner, generation 1 (R-NAM-03)."""
    return f"{domain}/links/{partner}/1"


def checkpoint_text(of: str, leaves: Sequence[bytes]) -> bytes:
    """Write the three lines of a checkpoint (R-CHK-01)."""
    return checkpoint_of(of, len(leaves), tree.root(leaves))


def checkpoint_of(of: str, size: int, root: bytes) -> bytes:
    """Write a checkpoint's text with any size and root."""
    return f"{of}\n{size}\n{b64(root)}\n".encode()


def parse_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """Read origin, size and root."""
    of, size, root = text.decode().splitlines()
    return of, int(size), base64.b64decode(root, validate=True)


def leaf_in(entry: pb.Entry) -> bytes:
    """Give the leaf hash of an entry, whether it has its record or the commitment alone."""
    return tree.leaf_of(entry.commitment) if entry.commitment else tree.leaf(entry.salt, entry.record)


def batch(log: Log, key: Key, records: Sequence[bytes]) -> pb.Batch:
    """Make the log's next batch, as it should be; the log itself does not grow before the receipt."""
    entries = [pb.Entry(salt=os.urandom(16), record=record) for record in records]
    return batch_of(log, key, entries)


def batch_of(log: Log, key: Key, entries: Sequence[pb.Entry]) -> pb.Batch:
    """Make a batch of these entries."""
    leaves = [*log.leaves, *(leaf_in(entry) for entry in entries)]
    return pb.Batch(first=log.size, entries=entries, checkpoint=signed(log.origin, leaves, key))


def signed(of: str, leaves: Sequence[bytes], key: Key) -> bytes:
    """Sign a log's head."""
    text = checkpoint_text(of, leaves)
    return note(text, key.line(of, text))


def receipted(log: Log, sent: pb.Batch, receipt: pb.Receipt, name: str, keys: Sequence[Verifier]) -> None:
    """Let the log grow by a batch that its receipt covers (R-BAT-12).

    Raises:
        NoteUnreadable: the receipt is not for this batch.
    """
    if receipt.size != sent.first + len(sent.entries):
        raise NoteUnreadable(f"The receipt is for {receipt.size} entries.")
    verified(name, text_of(sent.checkpoint), receipt.lines.splitlines(keepends=True), keys)
    log.leaves += [leaf_in(entry) for entry in sent.entries]
    text, own = text_of(sent.checkpoint), f"— {log.origin} ".encode()
    log.note = note(text, *(line for line in lines_of(sent.checkpoint) if line.startswith(own)), receipt.lines)


def taken(log: Log, came: pb.Batch, keys: Sequence[Verifier]) -> bytes:
    """Check a batch of the partner's as section 14 says, and give the text that the receipt is for.

    Raises:
        NoteUnreadable: it is not the log's next.
    """
    text = text_of(came.checkpoint)
    of, size, root = parse_checkpoint(text)
    leaves = [*log.leaves, *(leaf_in(entry) for entry in came.entries)]
    if (of, came.first, size) != (log.origin, log.size, len(leaves)) or root != tree.root(leaves):
        raise NoteUnreadable("The batch is not the next of the partner's log.")
    verified(of, text, lines_of(came.checkpoint), keys)
    log.leaves = leaves
    return text
