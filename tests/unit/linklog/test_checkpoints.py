"""Checkpoints and receipts: which lines count, and that no changed byte passes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from gateway.errors import GatewayError, KeyNotValid, NoteMalformed, SignatureInvalid
from gateway.linklog.checkpoints import (
    Checkpoint,
    cosign,
    parse_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
    verify_receipt,
)
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, SignatureLine, parse_lines, parse_note

if TYPE_CHECKING:
    from .conftest import Issued

ORIGIN = "customs.jp.example/links/NL/1"
TIME = 1_790_000_000
BOTH = (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
BOTH_RECEIPTS = (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)


def verified(issued: Issued, data: bytes, *, require: tuple[KeyType, ...] = BOTH, at: int = TIME) -> Checkpoint:
    note = parse_note(data, CHECKPOINT_LIMITS)
    return verify_checkpoint(note, issued.log_keys, origin=ORIGIN, require=require, at=at)


def test_a_signed_checkpoint_and_its_receipt_verify(issued: Issued) -> None:
    assert verified(issued, issued.note) == issued.checkpoint
    assert verify_receipt(issued.checkpoint, issued.receipt, issued.receipt_keys, require=BOTH_RECEIPTS) == TIME


def test_what_the_ml_dsa_lines_sign(issued: Issued) -> None:
    """The bytes of tlog-cosignature's cosigned_message, put together here by hand."""
    checkpoint = issued.checkpoint
    for data, signer, name in (
        (issued.note, issued.log_signers[1], ORIGIN),
        (Note(checkpoint.text, parse_lines(issued.receipt)).serialize(), issued.receipt_signers[1], None),
    ):
        key = signer.key.with_name(name or signer.key.name)
        line = parse_note(data, CHECKPOINT_LIMITS).lines[1]
        assert (line.name, line.key_id) == (key.name, key.key_id)
        message = b"subtree/v1\n\x00" + bytes([len(key.name)]) + key.name.encode() + struct.pack(">Q", TIME)
        message += bytes([len(ORIGIN)]) + ORIGIN.encode() + struct.pack(">QQ", 0, 11) + checkpoint.root
        assert line.signature[:8] == struct.pack(">Q", TIME)
        assert key.verifies(message, line.signature[8:])


def test_what_the_ed25519_receipt_signs(issued: Issued) -> None:
    line = parse_lines(issued.receipt)[0]
    message = f"cosignature/v1\ntime {TIME}\n{issued.checkpoint.text}".encode()
    assert issued.receipt_signers[0].key.verifies(message, line.signature[8:])


def test_a_flipped_bit_anywhere_in_a_checkpoint_is_refused(issued: Issued) -> None:
    """One bit of every byte of the Ed25519 part, one of every 16th of the long ML-DSA line; in key names and ids too."""
    pairs = sum(len(line.serialize()) for line in parse_note(issued.note, CHECKPOINT_LIMITS).lines[1:])
    short = len(issued.note) - pairs
    for position in [*range(short), *range(short, len(issued.note), 16)]:
        changed = bytearray(issued.note)
        changed[position] ^= 1 << position % 8
        with pytest.raises(GatewayError):
            verified(issued, bytes(changed))


def test_a_flipped_bit_anywhere_in_a_receipt_is_refused(issued: Issued) -> None:
    short = len(parse_lines(issued.receipt)[0].serialize())
    for position in [*range(short), *range(short, len(issued.receipt), 16)]:
        changed = bytearray(issued.receipt)
        changed[position] ^= 1 << position % 8
        with pytest.raises(GatewayError):
            verify_receipt(issued.checkpoint, bytes(changed), issued.receipt_keys, require=BOTH_RECEIPTS)


@pytest.mark.long
def test_every_bit_of_a_checkpoint_and_of_a_receipt_counts(issued: Issued) -> None:
    """All of them, the long ML-DSA lines included."""
    taken: list[tuple[str, int]] = []
    for name, whole in (("checkpoint", issued.note), ("receipt", issued.receipt)):
        for bit in range(len(whole) * 8):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            try:
                if name == "checkpoint":
                    verified(issued, bytes(changed))
                else:
                    verify_receipt(issued.checkpoint, bytes(changed), issued.receipt_keys, require=BOTH_RECEIPTS)
            except GatewayError:
                continue
            taken.append((name, bit))
    assert taken == []


def test_lines_of_unknown_keys_are_ignored(issued: Issued) -> None:
    stranger = SignatureLine("stranger.example/w", b"\x00\x01\x02\x03", b"whatever")
    same_name = SignatureLine(ORIGIN, b"\x00\x01\x02\x03", b"whatever")
    note = parse_note(issued.note, CHECKPOINT_LIMITS).with_lines([stranger, same_name])
    assert verified(issued, note.serialize()) == issued.checkpoint


def test_a_known_line_that_fails_refuses_the_note_even_where_it_is_not_required(issued: Issued) -> None:
    note = parse_note(issued.note, CHECKPOINT_LIMITS)
    first, second = note.lines
    for bad in (second.signature[:-1], second.signature + b"\0", b"\xff" * 8 + second.signature[8:], b"x"):
        changed = Note(note.text, (first, SignatureLine(second.name, second.key_id, bad)))
        with pytest.raises(SignatureInvalid, match="does not hold"):
            verified(issued, changed.serialize(), require=(KeyType.NOTE_ED25519,))


def test_a_repeated_line_of_a_known_key_is_refused(issued: Issued) -> None:
    note = parse_note(issued.note, CHECKPOINT_LIMITS)
    with pytest.raises(SignatureInvalid, match="twice"):
        verified(issued, note.with_lines(note.lines[:1]).serialize())


def test_a_required_line_that_is_missing_refuses_the_note(issued: Issued) -> None:
    one = sign_checkpoint(issued.checkpoint, issued.log_signers[:1], TIME)
    assert verified(issued, one, require=(KeyType.NOTE_ED25519,)) == issued.checkpoint
    with pytest.raises(SignatureInvalid, match="0x06 is missing"):
        verified(issued, one)
    stranger = Note(issued.checkpoint.text, (SignatureLine("stranger.example/w", b"\x00" * 4, b"x"),))
    with pytest.raises(SignatureInvalid, match="0x01 is missing"):
        verified(issued, stranger.serialize())


def test_a_key_counts_only_in_its_time(issued: Issued) -> None:
    for at in (TIME - 101, TIME + 100):
        with pytest.raises(KeyNotValid):
            verified(issued, issued.note, at=at)
    expired = [DatedKey(dated.key, 0, TIME) for dated in issued.receipt_keys]
    with pytest.raises(KeyNotValid):
        verify_receipt(issued.checkpoint, issued.receipt, expired, require=BOTH_RECEIPTS)


def test_a_retired_key_beside_a_valid_one_does_no_harm(issued: Issued) -> None:
    fresh = SeedSigner.from_seed("log", KeyType.NOTE_ED25519, b"\x0b" * 32)
    keys = [DatedKey(issued.log_signers[0].key, 0, TIME), DatedKey(fresh.key, TIME, TIME + 9)]
    note = parse_note(sign_checkpoint(issued.checkpoint, [issued.log_signers[0], fresh], TIME), CHECKPOINT_LIMITS)
    require = (KeyType.NOTE_ED25519,)
    assert verify_checkpoint(note, keys, origin=ORIGIN, require=require, at=TIME) == issued.checkpoint


def test_a_checkpoint_of_another_log_is_refused(issued: Issued) -> None:
    other = Checkpoint("customs.jp.example/links/NL/2", 11, issued.checkpoint.root)
    with pytest.raises(NoteMalformed, match="was due"):
        verified(issued, sign_checkpoint(other, issued.log_signers, TIME))


def test_the_lines_of_a_receipt_state_one_time(issued: Issued) -> None:
    first = cosign(issued.checkpoint, issued.receipt_signers[:1], TIME)
    second = cosign(issued.checkpoint, issued.receipt_signers[1:], TIME + 1)
    with pytest.raises(SignatureInvalid, match="different times"):
        verify_receipt(issued.checkpoint, first + second, issued.receipt_keys, require=BOTH_RECEIPTS)
    with pytest.raises(SignatureInvalid, match="missing"):
        verify_receipt(issued.checkpoint, b"", issued.receipt_keys, require=BOTH_RECEIPTS)


def test_a_receipt_for_another_head_is_refused(issued: Issued) -> None:
    other = Checkpoint(ORIGIN, 12, issued.checkpoint.root)
    with pytest.raises(SignatureInvalid):
        verify_receipt(other, issued.receipt, issued.receipt_keys, require=BOTH_RECEIPTS)


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        f"origin\n0\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n1 \n{ROOT}\n",
        f"origin\n\u0661\n{ROOT}\n",
        f"origin\n9223372036854775808\n{ROOT}\n",
        f"origin\n1\n{ROOT}\nextension\n",
        f"origin\n1\n{ROOT}\n\n",
        f"origin\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"or igin\n1\n{ROOT}\n",
        f"{'o' * 256}\n1\n{ROOT}\n",
        "origin\n1\nAAAA\n",
        f"origin\n1\n{'A' * 42}B=\n",
        "origin\n1\n",
    ],
)
def test_a_checkpoint_has_one_form(text: str) -> None:
    with pytest.raises(NoteMalformed):
        parse_checkpoint(text)


def test_a_checkpoint_comes_back_as_it_was(issued: Issued) -> None:
    assert parse_checkpoint(issued.checkpoint.text) == issued.checkpoint


def test_nobody_signs_nothing(issued: Issued) -> None:
    with pytest.raises(ValueError, match="at least one"):
        sign_checkpoint(issued.checkpoint, [], TIME)
