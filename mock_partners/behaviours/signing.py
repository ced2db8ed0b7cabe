"""What a partner can sign that an honest one would not: it has its own keys, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.linklog.checkpoints import Checkpoint, cosign, parse_checkpoint, sign_checkpoint
from gateway.linklog.keys import KeyType, Signer
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.ports.links import Direction
from mock_partners.behaviours.behaviour import Own
from mutualrecognition.federation.v1.link_pb2 import Batch, LinkFrame, Receipt


def checkpoint_of(batch: Batch) -> Checkpoint:
    """Read the checkpoint of a batch that the node itself has made."""
    return parse_checkpoint(parse_note(batch.checkpoint, CHECKPOINT_LIMITS).text)


async def half_batch(own: Own, partner: str, batch: Batch, start: int, stop: int | None) -> LinkFrame:
    """Give a part of a batch as a batch of its own, correctly signed."""
    entries = batch.entries[start:stop]
    first = batch.first + start
    size = first + len(entries)
    whole = checkpoint_of(batch)
    root = whole.root
    if size != whole.size:
        root = (await own.logs.tree_at(partner, direction=Direction.ISSUED, size=size)).root()
    note = signed(own, Checkpoint(whole.origin, size, root), own.log_signers[-1:])
    return LinkFrame(batch=Batch(first=first, entries=entries, checkpoint=note))


def signed(own: Own, checkpoint: Checkpoint, signers: Sequence[Signer]) -> bytes:
    """Sign a checkpoint of the node's own log, true or not, with the classical keys that are given."""
    classical = [each for each in signers if each.key.type is KeyType.NOTE_ED25519]
    return sign_checkpoint(checkpoint, classical, own.clock.now())


def receipt_for_another(own: Own, receipt: Receipt, origin: str) -> bytes:
    """Give receipt lines for the same size with a root that nobody has shown."""
    return cosign(Checkpoint(origin, receipt.size, bytes(32)), own.receipt_signers, own.clock.now())
