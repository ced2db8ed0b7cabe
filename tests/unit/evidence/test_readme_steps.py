"""The steps of README.txt, followed with a zip reader, hashes and signatures alone: no code of the gateway."""

from __future__ import annotations

import base64
import json
import struct
import tomllib
import zipfile
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from gateway.evidence.bundle import build

if TYPE_CHECKING:
    from .conftest import World


def split_note(data: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    text, _, lines = data.rpartition(b"\n\n")
    signatures = []
    for line in lines.decode().splitlines():
        _, name, blob = line.split(" ")
        decoded = base64.b64decode(blob)
        signatures.append((name, decoded[:4], decoded[4:]))
    return text + b"\n", signatures


def verifies(vkey: str, text: bytes, signature: bytes) -> bool:
    name, _, bare = vkey.split("+", 2)
    key_type, public = base64.b64decode(bare)[0], base64.b64decode(bare)[1:]
    origin, size, root = text.decode().splitlines()[:3] if text.count(b"\n") == 3 else ("", "0", "")
    message, stamp = text, b""
    if key_type in (4, 6):
        stamp, signature = signature[:8], signature[8:]
    if key_type == 4:
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(stamp) + text
    if key_type == 6:
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name.encode() + stamp
        message += bytes([len(origin)]) + origin.encode() + struct.pack(">QQ", 0, int(size)) + base64.b64decode(root)
    key = MLDSA44PublicKey.from_public_bytes(public) if key_type == 6 else Ed25519PublicKey.from_public_bytes(public)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed_by(vkey: str, note: bytes) -> bool:
    text, signatures = split_note(note)
    name, key_id, _ = vkey.split("+", 2)
    (signature,) = [s for n, i, s in signatures if (n, i.hex()) == (name, key_id)]
    return verifies(vkey, text, signature)


def vkey_of(name: str, bare: str) -> str:
    key_id = sha256(name.encode() + b"\n" + base64.b64decode(bare)).digest()[:4]
    return f"{name}+{key_id.hex()}+{bare}"


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2, as its text has it."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn
        if fn % 2 or fn == sn:
            r = sha256(b"\x01" + p + r).digest()
            while fn % 2 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


@pytest.mark.parametrize("which", ["world", "quantum_safe_world"])
def test_the_steps_of_the_readme_lead_to_the_same_verdict(which: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(which)
    files = read(build(world.parts()))
    descriptors = {name: lines_of(files[f"descriptors/{name}-1.note"]) for name in ("CN", "NL")}
    check_descriptors(files, dict.fromkeys(descriptors, world.digests))
    origin, size, root, path, index, salt, checkpoint = take_proof(files["record.tlog-proof"])
    check_policy(files["trust-policy"].decode(), checkpoint, origin, descriptors)
    entry = sha256(salt + files["record.bin"]).digest()
    assert root_of(sha256(b"\x00" + entry).digest(), index, size, path) == root
    record = check_reading(files)
    check_agreement(files["agreement.note"], descriptors, record["header"])


def read(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def lines_of(note: bytes) -> list[list[str]]:
    return [line.split(" ") for line in split_note(note)[0].decode().splitlines()]


def check_descriptors(files: dict[str, bytes], trusted: dict[str, frozenset[bytes]]) -> None:
    for name, digests in trusted.items():
        text, _ = split_note(files[f"descriptors/{name}-1.note"])
        assert sha256(text).digest() in digests


def take_proof(proof: bytes) -> tuple[str, int, bytes, list[bytes], int, bytes, bytes]:
    head, _, checkpoint = proof.partition(b"\n\n")
    header, extra, index, *hashes = head.decode().split("\n")
    assert header == "c2sp.org/tlog-proof@v1"
    origin, size, root = split_note(checkpoint)[0].decode().splitlines()
    path = [base64.b64decode(hash_) for hash_ in hashes]
    salt = base64.b64decode(extra.split(" ")[1])
    return origin, int(size), base64.b64decode(root), path, int(index.split(" ")[1]), salt, checkpoint


def check_policy(policy: str, checkpoint: bytes, origin: str, descriptors: dict[str, list[list[str]]]) -> None:
    domain, _, partner, _ = origin.split("/")
    rows = [row.split(" ") for row in policy.splitlines()]
    logs, witnesses = [r[1] for r in rows if r[0] == "log"], [r[2] for r in rows if r[0] == "witness"]
    times = {int.from_bytes(s[:8]) for n, _, s in split_note(checkpoint)[1] if n.endswith("/receipts")}
    (time,) = times
    issuer = next(d for d in descriptors.values() if ["domain", domain] in d)
    for keyword, name, lines, vkeys in (
        ("log", origin, issuer, logs),
        ("receipt", f"customs.{partner.lower()}.example/receipts", descriptors[partner], witnesses),
    ):
        periods = {vkey_of(name, w[1]): (int(w[2]), int(w[3])) for w in lines if w[0] == keyword}
        for vkey in vkeys:
            start, end = periods[vkey]
            assert start <= time < end
            assert signed_by(vkey, checkpoint)
    assert logs
    assert witnesses


def check_reading(files: dict[str, bytes]) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(files["records.binpb"]).file:
        pool.Add(file)
    record_type = pool.FindMessageTypeByName("mutualrecognition.records.v1.Record")
    record = message_factory.GetMessageClass(record_type).FromString(files["record.bin"])
    shown = json.loads(files["record.json"])
    assert json_format.MessageToDict(record, preserving_proto_field_name=True) == shown
    return shown


def check_agreement(note: bytes, descriptors: dict[str, list[list[str]]], header: Any) -> None:
    text, signatures = split_note(note)
    for lines in descriptors.values():
        (domain,) = (w[1] for w in lines if w[0] == "domain")
        (threshold,) = (int(w[1]) for w in lines if w[0] == "threshold")
        roots = [vkey_of(f"{domain}/root", w[1]) for w in lines if w[0] == "root"]
        held = [
            root
            for root in roots
            for n, i, s in signatures
            if root.startswith(f"{n}+{i.hex()}+") and verifies(root, text, s)
        ]
        assert len(held) >= threshold
    terms = tomllib.loads(text.decode().partition("\n")[2])
    assert (terms["id"], terms["version"]) == (header["agreement_id"], header["agreement_version"])
    assert any((flow["from"], flow["to"]) == (header["issuer"], "NL") for flow in terms["flows"])
