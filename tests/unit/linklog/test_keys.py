"""Keys: the written forms, and what is refused."""

from __future__ import annotations

from hashlib import sha256

import pytest

from gateway.errors import KeyRefused, NoteMalformed
from gateway.linklog.curve import D, P
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner, VerifierKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, lines_of, parse_note

# A verifier key and a note that the documentation of another implementation of signed notes has published for years.
PUBLIC_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLIC_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_published_note_verifies_under_its_published_key() -> None:
    key = VerifierKey.from_vkey(PUBLIC_VKEY)
    assert key.vkey == PUBLIC_VKEY
    note = parse_note(PUBLIC_NOTE.encode(), CHECKPOINT_LIMITS)
    (line,) = lines_of(note.lines, key)
    assert key.verifies(note.message, line.signature)
    assert not key.verifies(note.message + b" ", line.signature)
    assert note.serialize() == PUBLIC_NOTE.encode()


def test_key_id_and_bare_form_of_every_type() -> None:
    for key_type in KeyType:
        key = SeedSigner.from_seed("customs.nl.example/receipts", key_type, b"\x07" * 32).key
        expected = sha256(b"customs.nl.example/receipts\n" + bytes([key_type]) + key.public).digest()[:4]
        assert key.key_id == expected
        assert VerifierKey.from_vkey(key.vkey) == key
        assert VerifierKey.from_bare(key.name, key.bare) == key
        renamed = key.with_name("other")
        assert (renamed.public, renamed.type, renamed.name) == (key.public, key.type, "other")
        assert renamed.key_id != key.key_id


def test_a_signer_signs_and_does_not_show_its_seed() -> None:
    for key_type in KeyType:
        signer = SeedSigner.from_seed("k", key_type, b"\x09" * 32)
        assert signer.key.verifies(b"message", signer.sign(b"message"))
        assert repr(signer) == f"SeedSigner({signer.key.vkey})"


def small_order_encodings() -> list[bytes]:
    """Every 32 bytes whose y belongs to a point of order 1, 2, 4 or 8, both signs, canonical or not."""
    root_of_minus_one = pow(2, (P - 1) // 4, P)
    ys = {0, 1, P - 1}
    # Points of order 8 double to y = 0, so y² = -x²; with the curve's equation: d·y⁴ + 2·y² - 1 = 0... solved for y².
    inverse = pow(D, -1, P)
    discriminant = (1 + D) % P
    square = pow(discriminant, (P + 3) // 8, P)
    if square * square % P != discriminant:
        square = square * root_of_minus_one % P
    for sign in (1, -1):
        y_squared = (sign * square - 1) * inverse % P
        y = pow(y_squared, (P + 3) // 8, P)
        for candidate in (y, y * root_of_minus_one % P):
            if candidate * candidate % P == y_squared:
                ys |= {candidate, P - candidate}
    assert len(ys) == 5
    numbers = ys | {y + P for y in ys if y + P < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in sorted(numbers) for sign in (0, 1)]


@pytest.mark.parametrize("encoded", small_order_encodings(), ids=bytes.hex)
def test_small_order_keys_are_refused(encoded: bytes) -> None:
    with pytest.raises(KeyRefused):
        VerifierKey("k", KeyType.NOTE_ED25519, encoded)


@pytest.mark.parametrize("y", [P, P + 3, 2**255 - 1, 2])
def test_keys_off_the_curve_or_not_canonical_are_refused(y: int) -> None:
    with pytest.raises(KeyRefused):
        VerifierKey("k", KeyType.COSIGNATURE_ED25519, y.to_bytes(32, "little"))


@pytest.mark.parametrize(("key_type", "length"), [(KeyType.NOTE_ED25519, 31), (KeyType.COSIGNATURE_ML_DSA_44, 1311)])
def test_keys_of_a_wrong_length_are_refused(key_type: KeyType, length: int) -> None:
    with pytest.raises(KeyRefused, match="bytes"):
        VerifierKey("k", key_type, b"\x01" * length)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\u2003b", "a\x7fb"])
def test_names_that_cannot_stand_in_a_line_are_refused(name: str) -> None:
    public = VerifierKey.from_vkey(PUBLIC_VKEY).public
    with pytest.raises(NoteMalformed, match="name"):
        VerifierKey(name, KeyType.NOTE_ED25519, public)


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PUBLIC_VKEY.replace("c74f", "C74F"),
        PUBLIC_VKEY.replace("c74f20a3", "c74f20a4"),
        PUBLIC_VKEY + "=",
        PUBLIC_VKEY + " ",
        PUBLIC_VKEY.replace("Peter", "Petra"),
    ],
)
def test_vkeys_have_one_form(vkey: str) -> None:
    with pytest.raises(NoteMalformed):
        VerifierKey.from_vkey(vkey)


def test_a_key_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyRefused, match="type"):
        VerifierKey.from_bare("k", "Aw==")
    with pytest.raises(KeyRefused, match="type"):
        VerifierKey.from_bare("k", "")


def test_a_key_counts_from_until() -> None:
    dated = DatedKey(VerifierKey.from_vkey(PUBLIC_VKEY), 10, 20)
    assert [dated.counts_at(time) for time in (9, 10, 19, 20)] == [False, True, True, False]
    assert dated.with_name("other").key.name == "other"
