"""A log that comes back is believed under one's own signature only, whole, and in the one form of entries."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway.errors import FrameMalformed, GatewayError, NoteMalformed, RootMismatch, SignatureInvalid
from gateway.exchange.returned import ReturnedHead, ReturnedLog, read_entry, read_head
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.tree import CompactRange
from mutualrecognition.federation.v1.link_pb2 import Entry

ORIGIN = "customs.cn.example/links/NL/1"
LOG = SeedSigner.from_seed("customs.cn.example/links", KeyType.NOTE_ED25519, b"\x01" * 32)
RECEIPT = SeedSigner.from_seed("customs.nl.example/receipts", KeyType.COSIGNATURE_ED25519, b"\x02" * 32)
STRANGER = SeedSigner.from_seed("customs.cn.example/links", KeyType.NOTE_ED25519, b"\x03" * 32)
OTHER_RECEIPT = SeedSigner.from_seed("customs.nl.example/receipts", KeyType.COSIGNATURE_ED25519, b"\x04" * 32)


@dataclass(frozen=True)
class Keys:
    """What is asked of a descriptor here."""

    log_keys: tuple[DatedKey, ...] = ()
    receipt_keys: tuple[DatedKey, ...] = ()


OWN, PARTNER = Keys(log_keys=(DatedKey(LOG.key, 0, 10),)), Keys(receipt_keys=(DatedKey(RECEIPT.key, 0, 10),))
ENTRIES = [Entry(salt=bytes([each]) * 16, record=b"record %d" % each) for each in range(5)]


def tree(entries: list[Entry]) -> CompactRange:
    return CompactRange().append_all([leaf_hash(commitment(each.salt, each.record)) for each in entries])[0]


def note(*, origin: str = ORIGIN, signer: SeedSigner = LOG, receipt: SeedSigner | None = RECEIPT) -> bytes:
    checkpoint = Checkpoint(origin, len(ENTRIES), tree(ENTRIES).root())
    return sign_checkpoint(checkpoint, [signer], 1) + (cosign(checkpoint, [receipt], 77) if receipt else b"")


def head(unverified: bytes) -> ReturnedHead:
    return read_head(unverified, ORIGIN, own=OWN, partner=PARTNER)


def test_both_signatures_hold_whenever_their_keys_counted() -> None:
    read = head(note())
    assert (read.checkpoint.size, read.receipt_time) == (5, 77)


@pytest.mark.parametrize(
    ("unverified", "error"),
    [
        (note(origin="customs.cn.example/links/NL/2"), NoteMalformed),
        (note(signer=STRANGER), SignatureInvalid),
        (note(receipt=None), SignatureInvalid),
        (note(receipt=OTHER_RECEIPT), SignatureInvalid),
        (b"no note", NoteMalformed),
        (b"", NoteMalformed),
    ],
)
def test_another_note_is_refused(unverified: bytes, error: type[GatewayError]) -> None:
    with pytest.raises(error):
        head(unverified)


def test_every_bit_of_the_note_counts() -> None:
    whole = note()
    for at in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[at // 8] ^= 1 << at % 8
        try:
            read = head(bytes(changed))
        except GatewayError:
            continue
        assert (read.checkpoint, read.receipt_time) == (head(whole).checkpoint, 77), at


def test_entries_that_give_the_root_are_believed() -> None:
    returned = ReturnedLog(head(note()))
    returned.add(ENTRIES[:2])
    assert (returned.size, returned.complete) == (2, False)
    returned.add([Entry(commitment=commitment(ENTRIES[2].salt, ENTRIES[2].record)), *ENTRIES[3:]])
    assert returned.complete
    returned.require_root()


@pytest.mark.parametrize("index", range(5))
@pytest.mark.parametrize("field", ["salt", "record"])
def test_one_changed_entry_is_refused(index: int, field: str) -> None:
    changed = [Entry.FromString(each.SerializeToString()) for each in ENTRIES]
    value = bytearray(getattr(changed[index], field))
    value[-1] ^= 1
    setattr(changed[index], field, bytes(value))
    returned = ReturnedLog(head(note()))
    returned.add(changed)
    with pytest.raises(RootMismatch):
        returned.require_root()


def test_neither_too_few_nor_too_many_are_taken() -> None:
    returned = ReturnedLog(head(note()))
    with pytest.raises(FrameMalformed):
        returned.add([])
    with pytest.raises(FrameMalformed):
        returned.add([*ENTRIES, ENTRIES[0]])
    returned.add(ENTRIES[:4])
    with pytest.raises(RootMismatch):
        returned.require_root()


@pytest.mark.parametrize(
    "unverified",
    [
        Entry(),
        Entry(salt=b"short", record=b"r"),
        Entry(salt=b"s" * 16, record=b"r", commitment=b"c" * 32),
        Entry(commitment=b"short"),
        Entry(record=b"r", commitment=b"c" * 32),
    ],
)
def test_an_entry_has_one_of_two_forms(unverified: Entry) -> None:
    with pytest.raises(FrameMalformed):
        read_entry(unverified)
