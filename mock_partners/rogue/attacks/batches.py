"""Batches that are not the log's next, or not signed as they must be (sections 6, 7 and 14)."""

from __future__ import annotations

import os

from mock_partners.rogue import logs
from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, ends, goes_on
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NOTE, Key, note, text_of
from mutualrecognition.federation.v1 import link_pb2 as pb


async def _sent(link: Link, batch: pb.Batch) -> Heard:
    """Send one batch in an open session, and hear what comes of it."""
    async with link.open() as session:
        return await session.answered(batch)


def _with_text(link: Link, batch: pb.Batch, text: bytes) -> pb.Batch:
    """Sign another text in place of the batch's checkpoint, well."""
    batch.checkpoint = note(text, link.identity.log.line(link.issued.origin, text))
    return batch


def _signed_by(link: Link, key: Key) -> pb.Batch:
    batch = link.batch()
    text = text_of(batch.checkpoint)
    batch.checkpoint = note(text, key.line(link.issued.origin, text))
    return batch


# --- signatures -----------------------------------------------------------------------------------------------


@attack("R-CHK-02 R-BAT-08", ends("SIGNATURE_INVALID"))
async def wrong_signature(link: Link) -> Heard:
    """Signs a checkpoint with the right key and then changes one bit of the signature."""
    batch, own, key = link.batch(), link.issued.origin, link.identity.log
    text = text_of(batch.checkpoint)
    good = key.sign(text)
    batch.checkpoint = note(text, key.line_with(own, bytes([good[0] ^ 1]) + good[1:]))
    return await _sent(link, batch)


@attack("R-CHK-02", ends("SIGNATURE_INVALID"))
async def no_signature(link: Link) -> Heard:
    """Signs a checkpoint with a line of a key that nobody knows, and no other."""
    batch = link.batch()
    text = text_of(batch.checkpoint)
    batch.checkpoint = note(text, Key.new(NOTE).line("nobody.example/links/NL/1", text))
    return await _sent(link, batch)


@attack("R-KEY-03 R-BAT-08", ends("SIGNATURE_INVALID"))
async def signed_by_root_key(link: Link) -> Heard:
    """Signs a checkpoint with the administration's root key, under the log's name."""
    return await _sent(link, _signed_by(link, link.identity.root))


@attack("R-KEY-03 R-BAT-08", ends("SIGNATURE_INVALID"))
async def signed_by_receipt_key(link: Link) -> Heard:
    """Signs a checkpoint with its receipt key, under the log's name."""
    return await _sent(link, _signed_by(link, Key(NOTE, link.identity.receipt.seed)))


@attack("R-BAT-08", ends("SIGNATURE_INVALID"))
async def signed_by_a_stranger(link: Link) -> Heard:
    """Signs a checkpoint with a key that no descriptor lists."""
    return await _sent(link, _signed_by(link, Key.new(NOTE)))


@attack("R-NOT-03 R-NOT-05", ends("SIGNATURE_INVALID"))
async def signed_twice(link: Link) -> Heard:
    """Signs a checkpoint twice with one key."""
    batch = link.batch()
    batch.checkpoint += batch.checkpoint.rpartition(b"\n\n")[2]
    return await _sent(link, batch)


@attack("R-NOT-03", goes_on())
async def signed_by_others_too(link: Link) -> Heard:
    """Adds lines of fifteen keys that nobody knows to a good signature."""
    batch = link.batch()
    text = text_of(batch.checkpoint)
    batch.checkpoint += b"".join(Key.new(NOTE).line(f"nobody-{n}.example", text) for n in range(15))
    return await _sent(link, batch)


@attack("R-NOT-04", ends("MALFORMED"))
async def signed_by_too_many(link: Link) -> Heard:
    """Adds lines of sixteen keys that nobody knows to a good signature: seventeen in all."""
    batch = link.batch()
    text = text_of(batch.checkpoint)
    batch.checkpoint += b"".join(Key.new(NOTE).line(f"nobody-{n}.example", text) for n in range(16))
    return await _sent(link, batch)


# --- the checkpoint's text ------------------------------------------------------------------------------------


@attack("R-CHK-01 R-NOT-05", ends("MALFORMED"))
async def extension_line(link: Link) -> Heard:
    """Signs a checkpoint with a fourth line."""
    batch = link.batch()
    return await _sent(link, _with_text(link, batch, text_of(batch.checkpoint) + b"more\n"))


@attack("R-CNV-03 R-CNV-05", ends("MALFORMED"))
async def size_with_a_zero_before_it(link: Link) -> Heard:
    """Writes the size with a leading zero."""
    batch = link.batch()
    of, size, root = text_of(batch.checkpoint).split(b"\n")[:3]
    return await _sent(link, _with_text(link, batch, b"\n".join((of, b"0" + size, root, b""))))


@attack("R-CNV-02 R-CNV-05", ends("MALFORMED"))
async def root_with_unused_bits(link: Link) -> Heard:
    """Writes the root in a Base64 whose unused bits are not zero."""
    batch = link.batch()
    text = text_of(batch.checkpoint)
    end = text[-3:-2]  # the last character before "=" and LF; its two low bits are unused
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(end) ^ 1 : (alphabet.index(end) ^ 1) + 1]
    return await _sent(link, _with_text(link, batch, text[:-3] + other + text[-2:]))


@attack("R-CNV-04 R-CNV-05", ends("MALFORMED"))
async def carriage_returns(link: Link) -> Heard:
    """Ends the lines of a checkpoint with CR and LF."""
    batch = link.batch()
    return await _sent(link, _with_text(link, batch, text_of(batch.checkpoint).replace(b"\n", b"\r\n")))


@attack("R-BAT-06", ends("MALFORMED"))
async def size_that_does_not_fit(link: Link) -> Heard:
    """Signs a checkpoint of one entry more than the batch brings."""
    batch = link.batch()
    text = logs.checkpoint_of(link.issued.origin, link.issued.size + 2, os.urandom(32))
    return await _sent(link, _with_text(link, batch, text))


@attack("R-BAT-06", ends("MALFORMED"))
async def replays_another_link(link: Link) -> Heard:
    """Sends the good first batch of its log for another partner, signed by the key that signs for both."""
    elsewhere = logs.Log(logs.origin(link.identity.domain, "XY"), leaves=list(link.issued.leaves))
    return await _sent(link, logs.batch(elsewhere, link.identity.log, [link.record()]))


# --- the tree -------------------------------------------------------------------------------------------------


@attack("R-BAT-07", ends("ROOT_MISMATCH"))
async def other_root(link: Link) -> Heard:
    """Signs well, for a root that these entries do not have."""
    batch = link.batch()
    text = logs.checkpoint_of(link.issued.origin, batch.first + 1, os.urandom(32))
    return await _sent(link, _with_text(link, batch, text))


@attack("R-BAT-07", ends("ROOT_MISMATCH"))
async def root_of_another_past(link: Link) -> Heard:
    """Signs the root of a log that begins otherwise: no consistency proof leads there."""
    async with link.open() as session:
        await session.deliver()
        batch = link.batch()
        past = [os.urandom(32) for _ in link.issued.leaves]
        batch.checkpoint = logs.signed(link.issued.origin, [*past, logs.leaf_in(batch.entries[0])], link.identity.log)
        return await session.answered(batch)


@attack("R-BAT-07 R-ENT-02", ends("ROOT_MISMATCH"))
async def changed_record(link: Link) -> Heard:
    """Changes a record after the log is signed: the leaf is another one."""
    batch = link.batch()
    record = batch.entries[0].record
    batch.entries[0].record = record[:-1] + bytes([record[-1] ^ 1])
    return await _sent(link, batch)


@attack("R-BAT-07 R-ENT-02", ends("ROOT_MISMATCH"))
async def moved_border_of_salt(link: Link) -> Heard:
    """Gives the last byte of the salt to the record, which leaves their commitment as it was, and fills up the salt."""
    batch = link.batch()
    entry = batch.entries[0]
    entry.record, entry.salt = entry.salt[-1:] + entry.record, entry.salt[:-1] + b"\x00"
    return await _sent(link, batch)


@attack("R-BAT-07 R-LOG-03", ends("ROOT_MISMATCH"))
async def swapped_entries(link: Link) -> Heard:
    """Sends two entries in the other order than the log has them."""
    batch = link.batch(link.record(), link.record())
    first, second = batch.entries
    return await _sent(link, pb.Batch(first=batch.first, entries=[second, first], checkpoint=batch.checkpoint))


# --- indexes --------------------------------------------------------------------------------------------------


@attack("R-BAT-06", ends("OUT_OF_ORDER"))
async def gap_in_indexes(link: Link) -> Heard:
    """Leaves out one index."""
    batch = link.batch()
    batch.first += 1
    return await _sent(link, batch)


@attack("R-BAT-06", ends("OUT_OF_ORDER"))
async def index_beyond_all(link: Link) -> Heard:
    """Begins a batch at the highest index that the field can hold."""
    batch = link.batch()
    batch.first = 2**64 - 1
    return await _sent(link, batch)


@attack("R-BAT-06 R-BAT-13", ends("OUT_OF_ORDER"))
async def same_batch_again(link: Link) -> Heard:
    """Sends a batch again that is receipted already."""
    async with link.open() as session:
        batch = link.batch()
        await session.send(batch)
        await session.receipted(batch)
        return await session.answered(batch)


@attack("R-BAT-06 R-CHK-04 R-RCV-01", ends("LOG_FORK"))
async def same_index_other_bytes(link: Link) -> Heard:
    """Sends another record for an index that is receipted already, well signed."""
    async with link.open() as session:
        again = link.batch()
        await session.deliver()
        return await session.answered(again)


@attack("R-BAT-06", ends("OUT_OF_ORDER"))
async def fork_by_a_stranger(link: Link) -> Heard:
    """Sends another record for an index that is receipted already, signed by a key that no descriptor lists."""
    async with link.open() as session:
        again = _signed_by(link, Key.new(NOTE))
        await session.deliver()
        return await session.answered(again)


@attack("R-BAT-06 R-CHK-04 R-RCV-01", ends("LOG_FORK"))
async def size_going_back(link: Link) -> Heard:
    """Shows an earlier checkpoint in Hello, good and receipted, and goes on from there as if nothing had followed."""
    async with link.open() as session:
        await session.deliver()
        earlier = link.issued.copy()
        await session.deliver()
    hello = link.hello()
    hello.issued.checkpoint = earlier.note
    async with link.connected() as session:
        await session.greet(hello)
        return await session.answered(logs.batch(earlier, link.identity.log, [link.record()]))


# --- entries --------------------------------------------------------------------------------------------------


def _resigned(link: Link, entry: pb.Entry) -> pb.Batch:
    return logs.batch_of(link.issued, link.identity.log, [entry])


@attack("R-ENT-01 R-SES-06", ends("MALFORMED"))
async def short_salt(link: Link) -> Heard:
    """Salts an entry with 15 bytes, and signs the log that it makes."""
    return await _sent(link, _resigned(link, pb.Entry(salt=os.urandom(15), record=link.record())))


@attack("R-ENT-03 R-BAT-01", ends("MALFORMED"))
async def erased_before_its_receipt(link: Link) -> Heard:
    """Sends a commitment in place of a record that was never receipted."""
    return await _sent(link, _resigned(link, pb.Entry(commitment=os.urandom(32))))


@attack("R-SES-06", ends("MALFORMED"))
async def entry_in_both_forms(link: Link) -> Heard:
    """Sends an entry with its record and a commitment too."""
    return await _sent(link, _resigned(link, pb.Entry(salt=os.urandom(16), record=b"x", commitment=os.urandom(32))))


@attack("R-END-06", ends("MALFORMED"))
async def batch_after_goodbye(link: Link) -> Heard:
    """Says Goodbye and sends a batch all the same, while the partner still waits for a receipt."""
    async with link.open() as session:
        await session.unreceipted()
        await session.say(pb.LinkFrame(goodbye=pb.Goodbye(reason="SHUTDOWN", detail="I leave.")))
        return await session.answered(link.batch())
