"""Batches that are not the log's next, or are not signed as they must be (section 14)."""

from __future__ import annotations

import os

from mock_partners.rogue import logs
from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, ends
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NOTE, Key, note, text_of
from mutualrecognition.federation.v1 import link_pb2 as pb


async def _sent(link: Link, batch: pb.Batch) -> Heard:
    """Send one batch in an open session, and hear what comes of it."""
    async with link.open() as session:
        await session.send(batch)
        return await session.ended()


def _with_root(link: Link, root: bytes) -> pb.Batch:
    """Sign an honest batch with another root."""
    batch, own = link.batch(), link.issued.origin
    text = logs.checkpoint_of(own, batch.first + len(batch.entries), root)
    batch.checkpoint = note(text, link.identity.log.line(own, text))
    return batch


def _signed_by(link: Link, key: Key) -> pb.Batch:
    batch, own = link.batch(), link.issued.origin
    text = text_of(batch.checkpoint)
    batch.checkpoint = note(text, key.line(own, text))
    return batch


@attack("R-CHK-02 R-BAT-08", ends("SIGNATURE_INVALID"))
async def wrong_signature(link: Link) -> Heard:
    """Signs a checkpoint with the right key and then changes one bit of the signature."""
    batch, own, key = link.batch(), link.issued.origin, link.identity.log
    text = text_of(batch.checkpoint)
    good = key.sign(text)
    batch.checkpoint = note(text, key.line_with(own, bytes([good[0] ^ 1]) + good[1:]))
    return await _sent(link, batch)


@attack("R-KEY-03 R-BAT-08", ends("SIGNATURE_INVALID"))
async def signed_by_root_key(link: Link) -> Heard:
    """Signs a checkpoint with the administration's root key, under the log's name."""
    return await _sent(link, _signed_by(link, link.identity.root))


@attack("R-BAT-08", ends("SIGNATURE_INVALID"))
async def signed_by_a_stranger(link: Link) -> Heard:
    """Signs a checkpoint with a key that no descriptor lists."""
    return await _sent(link, _signed_by(link, Key.new(NOTE)))


@attack("R-BAT-07", ends("ROOT_MISMATCH"))
async def other_root(link: Link) -> Heard:
    """Signs well, for a root that these entries do not have."""
    return await _sent(link, _with_root(link, os.urandom(32)))


@attack("R-BAT-06", ends("OUT_OF_ORDER"))
async def gap_in_indexes(link: Link) -> Heard:
    """Leaves out one index."""
    batch = link.batch()
    batch.first += 1
    return await _sent(link, batch)
