"""Keys from fixed seeds, a log of a few entries, and its signed and receipted checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.tree import CompactRange

ORIGIN = "customs.jp.example/links/NL/1"
TIME = 1_790_000_000


def signer(name: str, key_type: KeyType, number: int) -> SeedSigner:
    return SeedSigner.from_seed(name, key_type, bytes([number]) * 32)


@dataclass(frozen=True)
class Issued:
    """A log as its issuer and its partner see it."""

    leaves: list[bytes]
    checkpoint: Checkpoint
    note: bytes
    receipt: bytes
    log_signers: list[SeedSigner]
    receipt_signers: list[SeedSigner]

    @property
    def log_keys(self) -> list[DatedKey]:
        return [DatedKey(each.key, TIME - 100, TIME + 100) for each in self.log_signers]

    @property
    def receipt_keys(self) -> list[DatedKey]:
        return [DatedKey(each.key, TIME - 100, TIME + 100) for each in self.receipt_signers]


@pytest.fixture(scope="session")
def issued() -> Issued:
    leaves = [leaf_hash(commitment(bytes([i]) * 16, b"record %d" % i)) for i in range(11)]
    checkpoint = Checkpoint(ORIGIN, len(leaves), CompactRange().append_all(leaves)[0].root())
    log = [signer("log", KeyType.NOTE_ED25519, 1), signer("log", KeyType.COSIGNATURE_ML_DSA_44, 2)]
    receipts = [
        signer("customs.nl.example/receipts", KeyType.COSIGNATURE_ED25519, 3),
        signer("customs.nl.example/receipts", KeyType.COSIGNATURE_ML_DSA_44, 4),
    ]
    note = sign_checkpoint(checkpoint, log, TIME)
    return Issued(leaves, checkpoint, note, cosign(checkpoint, receipts, TIME), log, receipts)
