"""This implementation against the checked-in known answers of ``make_linklog.py``."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.linklog.checkpoints import cosign, parse_checkpoint, sign_checkpoint, verify_checkpoint, verify_receipt
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner, VerifierKey
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.paths import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from gateway.linklog.policy import parse_policy
from gateway.linklog.proofs import parse_proof
from gateway.linklog.tiles import node_from_tiles
from gateway.linklog.tree import CompactRange

b64 = base64.b64decode
ORIGIN = "customs.jp.example/links/NL/1"


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(__file__).with_name("linklog.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def leaves(vectors: dict[str, Any]) -> list[bytes]:
    return [b64(entry["leaf"]) for entry in vectors["entries"]]


def test_entries(vectors: dict[str, Any]) -> None:
    for entry in vectors["entries"]:
        made = commitment(b64(entry["salt"]), b64(entry["record"]))
        assert made == b64(entry["commitment"])
        assert leaf_hash(made) == b64(entry["leaf"])


def test_roots_and_proofs(vectors: dict[str, Any], leaves: list[bytes]) -> None:
    def node(level: int, index: int) -> bytes:
        return node_from_tiles(level, index, lambda _level, start, count: leaves[start : start + count])

    roots = {size: CompactRange().append_all(leaves[:size])[0].root() for size in range(1, 12)}
    assert all(roots[case["size"]] == b64(case["root"]) for case in vectors["roots"])
    for case in vectors["inclusion"]:
        index, size, proof = case["index"], case["size"], [b64(hash_) for hash_ in case["proof"]]
        assert inclusion_proof(index, size, node) == proof
        verify_inclusion(index, size, leaves[index], proof, roots[size])
    for case in vectors["consistency"]:
        old, new, proof = case["old"], case["new"], [b64(hash_) for hash_ in case["proof"]]
        assert consistency_proof(old, new, node) == proof
        verify_consistency(old, new, roots[old], roots[new], proof)


def signers(vectors: dict[str, Any], role: str) -> list[SeedSigner]:
    made = []
    for case in vectors["keys"][role]:
        key = VerifierKey.from_vkey(case["vkey"])
        made.append(SeedSigner.from_seed(key.name, key.type, b64(case["seed"])))
        assert made[-1].key == key
    return made


def test_checkpoint_receipt_policy_and_proof(vectors: dict[str, Any], leaves: list[bytes]) -> None:
    log, receipts, time = signers(vectors, "log"), signers(vectors, "receipt"), vectors["time"]
    note = parse_note(vectors["checkpoint"].encode(), CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(note.text)
    log_keys, receipt_keys = ([DatedKey(s.key, time, time + 1) for s in each] for each in (log, receipts))
    both = (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
    assert verify_checkpoint(note, log_keys, origin=ORIGIN, require=both, at=time) == checkpoint
    lines = vectors["receipt"].encode()
    required = (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
    assert verify_receipt(checkpoint, lines, receipt_keys, require=required) == time
    # Ed25519 signatures are deterministic, so these lines must come out the same.
    assert vectors["checkpoint"].encode().startswith(sign_checkpoint(checkpoint, log[:1], time))
    assert lines.startswith(cosign(checkpoint, receipts[:1], time))
    proof = parse_proof(vectors["proof_of_entry_4"].encode())
    assert parse_policy(vectors["policy"].encode()).verify(proof.checkpoint) == checkpoint
    proof.verify(leaves[4], checkpoint)
    assert proof.extra == b64(vectors["entries"][4]["salt"])
