"""Make ``linklog.json``: known answers for a link log, for this implementation and for others.

Run as ``python tests/vectors/make_linklog.py`` from the project's root, after a change of the protocol only. Hashes,
keys and Ed25519 signatures come from fixed seeds and stay the same; ML-DSA-44 signatures are randomised and do not.
Hashes are made by the recursive definitions of RFC 9162, not by the code that the vectors test.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.keys import KeyType, SeedSigner
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_lines, parse_note
from gateway.linklog.policy import TrustPolicy
from gateway.linklog.proofs import LogProof

FILE = Path(__file__).with_name("linklog.json")
ORIGIN = "customs.jp.example/links/NL/1"
TIME = 1_790_000_000
SIZES = (1, 2, 3, 7, 8, 11)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def mth(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def entries() -> list[dict[str, str]]:
    made = []
    for number in range(SIZES[-1]):
        salt, record = sha256(b"salt %d" % number).digest()[:16], b"record %d" % number
        commitment = sha256(salt + record).digest()
        leaf = sha256(b"\x00" + commitment).digest()
        made.append({"salt": b64(salt), "record": b64(record), "commitment": b64(commitment), "leaf": b64(leaf)})
    return made


def main() -> None:
    made = entries()
    leaves = [base64.b64decode(entry["leaf"]) for entry in made]
    log = [
        SeedSigner.from_seed(ORIGIN, t, bytes([t]) * 32) for t in (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
    ]
    receipts = [
        SeedSigner.from_seed("customs.nl.example/receipts", t, bytes([t + 16]) * 32)
        for t in (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
    ]
    checkpoint = Checkpoint(ORIGIN, len(leaves), mth(leaves))
    note = sign_checkpoint(checkpoint, log, TIME)
    receipt = cosign(checkpoint, receipts, TIME)
    whole = parse_note(note, CHECKPOINT_LIMITS).with_lines(parse_lines(receipt))
    policy = TrustPolicy.of_keys(log=[s.key for s in log], receipt=[s.key for s in receipts])
    vectors = {
        "about": "A link log of 11 entries: docs/protocol.md. Bytes in base64, texts as they are.",
        "entries": made,
        "roots": [{"size": size, "root": b64(mth(leaves[:size]))} for size in SIZES],
        "inclusion": [
            {"index": index, "size": size, "proof": list(map(b64, path(index, leaves[:size])))}
            for size in SIZES
            for index in range(size)
        ],
        "consistency": [
            {"old": old, "new": new, "proof": list(map(b64, subproof(old, leaves[:new], known=True)))}
            for new in SIZES
            for old in range(1, new + 1)
        ],
        "keys": {
            "log": [{"seed": b64(bytes([s.key.type]) * 32), "vkey": s.key.vkey} for s in log],
            "receipt": [{"seed": b64(bytes([s.key.type + 16]) * 32), "vkey": s.key.vkey} for s in receipts],
        },
        "time": TIME,
        "checkpoint": note.decode(),
        "receipt": receipt.decode(),
        "policy": policy.serialize().decode(),
        "proof_of_entry_4": LogProof(4, tuple(path(4, leaves)), whole, base64.b64decode(made[4]["salt"]))
        .serialize()
        .decode(),
    }
    FILE.write_text(json.dumps(vectors, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
