"""Which of several keys signs."""

from __future__ import annotations

import pytest

from gateway.errors import KeyNotValid
from gateway.exchange.signing import signers_at
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner


def made(number: int, key_type: KeyType = KeyType.NOTE_ED25519) -> SeedSigner:
    return SeedSigner.from_seed("customs.nl.example/links", key_type, bytes([number]) * 32)


OLD, NEW, QUANTUM = made(1), made(2), made(3, KeyType.COSIGNATURE_ML_DSA_44)
KEYS = [DatedKey(OLD.key, 0, 100), DatedKey(NEW.key, 50, 200), DatedKey(QUANTUM.key, 0, 200)]


@pytest.mark.parametrize(
    ("time", "signs"), [(0, [OLD, QUANTUM]), (49, [OLD, QUANTUM]), (50, [NEW, QUANTUM]), (150, [NEW, QUANTUM])]
)
def test_the_newest_that_counts_signs_once_for_each_algorithm(time: int, signs: list[SeedSigner]) -> None:
    for order in ([OLD, NEW, QUANTUM], [QUANTUM, NEW, OLD]):
        assert list(signers_at(order, KEYS, time)) == signs


def test_without_the_new_keys_private_half_the_old_one_signs_as_long_as_it_counts() -> None:
    assert list(signers_at([OLD], KEYS, 99)) == [OLD]
    with pytest.raises(KeyNotValid, match="could sign"):
        signers_at([OLD], KEYS, 100)


def test_a_key_that_the_descriptor_does_not_name_signs_nothing() -> None:
    with pytest.raises(KeyNotValid):
        signers_at([made(9)], KEYS, 50)
