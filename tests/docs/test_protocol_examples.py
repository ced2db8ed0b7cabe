"""Annex A of docs/protocol.md is what the code makes, and enough for somebody who has the page alone."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.docs import protocol_examples as made

Blocks = dict[str, str]


@pytest.fixture(scope="module")
def blocks(protocol: str) -> Blocks:
    return {found["name"]: found["body"] for found in made.BLOCK.finditer(protocol)}


def test_every_example_is_what_the_code_makes(blocks: Blocks) -> None:
    assert blocks == made.examples(), "run python tests/docs/protocol_examples.py and read what changed"


def public_key(blocks: Blocks, name: str) -> tuple[bytes, bytes, Ed25519PublicKey]:
    """Give id, type and key from a vkey in the page, after recomputing the id."""
    found = re.search(rf"vkey {re.escape(name)}\+([0-9a-f]{{8}})\+(\S+)", blocks["keys"])
    assert found
    bare = base64.b64decode(found[2])
    key_id = sha256(name.encode() + b"\n" + bare).digest()[:4]
    assert key_id.hex() == found[1]
    return key_id, bare[:1], Ed25519PublicKey.from_public_bytes(bare[1:])


def line_of(text: str, name: str) -> bytes:
    (encoded,) = re.findall(rf"^— {re.escape(name)} (\S+)$", text, re.MULTILINE)
    return base64.b64decode(encoded)


def field(blocks: Blocks, entry: int, what: str) -> bytes:
    return bytes.fromhex(re.findall(rf"{what} +([0-9a-f]+)", blocks["leaves"])[entry])


def test_seeds_give_the_public_keys(blocks: Blocks) -> None:
    pairs = re.findall(r"seed ([0-9a-f]{64})\n  vkey [^+]+\+[0-9a-f]+\+(\S+)", blocks["keys"])
    assert len(pairs) == 6
    for seed, bare in pairs:
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key().public_bytes_raw()
        assert base64.b64decode(bare)[1:] == public


def test_record_leads_to_the_signed_root(blocks: Blocks) -> None:
    record = bytes.fromhex(blocks["record-hex"].replace("\n", ""))
    at = record.index(b"-8000-000000000000") + 17
    leaves = []
    for number in range(3):
        entry = record[:at] + b"%d" % number + record[at + 1 :]
        commitment = sha256(field(blocks, number, "salt") + entry).digest()
        assert commitment == field(blocks, number, "commitment")
        leaves.append(sha256(b"\0" + commitment).digest())
        assert leaves[-1] == field(blocks, number, "leaf hash")
    root = sha256(b"\1" + sha256(b"\1" + leaves[0] + leaves[1]).digest() + leaves[2]).digest()
    assert base64.b64decode(blocks["checkpoint"].split("\n")[2]) == root


def test_both_signatures_hold_over_the_messages_in_the_page(blocks: Blocks) -> None:
    text = blocks["checkpoint"].rpartition("\n\n")[0] + "\n"
    origin = text.split("\n")[0]
    key_id, key_type, key = public_key(blocks, origin)
    line = line_of(blocks["checkpoint"], origin)
    assert (line[:4], key_type) == (key_id, b"\x01")
    key.verify(line[4:], text.encode())

    key_id, key_type, key = public_key(blocks, "customs.nl.example/receipts")
    line = line_of(blocks["receipt"], "customs.nl.example/receipts")
    assert (line[:4], key_type) == (key_id, b"\x04")
    message = f"cosignature/v1\ntime {int.from_bytes(line[4:12])}\n{text}"
    assert message == blocks["receipt-message"]
    key.verify(line[12:], message.encode())
    with pytest.raises(InvalidSignature):
        key.verify(line[12:], message.replace("\n3\n", "\n4\n").encode())


def test_proof_leads_from_the_entry_to_the_root(blocks: Blocks) -> None:
    head, _, checkpoint = blocks["proof"].partition("\n\n")
    _, extra, index, *path = head.split("\n")
    assert base64.b64decode(extra.removeprefix("extra ")) == field(blocks, 1, "salt")
    assert index == "index 1"
    left, right = map(base64.b64decode, path)
    root = sha256(b"\1" + sha256(b"\1" + left + field(blocks, 1, "leaf hash")).digest() + right).digest()
    assert base64.b64decode(checkpoint.split("\n")[2]) == root
    assert checkpoint == blocks["checkpoint"] + blocks["receipt"]


def test_documents_are_signed_by_root_keys_over_their_digested_text(blocks: Blocks, root: Path) -> None:
    descriptor = blocks["descriptor"].rpartition("\n\n")[0] + "\n"
    agreement = (root / "docs" / "examples" / "agreement-cn-nl.toml").read_text("utf-8")
    assert base64.b64encode(sha256(descriptor.encode()).digest()).decode() == blocks["descriptor-digest"].strip()
    assert base64.b64encode(sha256(agreement.encode()).digest()).decode() in blocks["agreement"].split("\n")[0]
    for text, signed, names in (
        (descriptor, blocks["descriptor"], ["customs.cn.example/root"]),
        (agreement, blocks["agreement"], ["customs.cn.example/root", "customs.nl.example/root"]),
    ):
        for name in names:
            key_id, _, key = public_key(blocks, name)
            line = line_of(signed, name)
            assert line[:4] == key_id
            key.verify(line[4:], text.encode())
