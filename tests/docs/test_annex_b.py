"""Annex B of docs/protocol.md, followed step by step without any of the gateway's code: zipfile, hashlib, protoc."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.docs import protocol_examples as made


class Refused(Exception):
    """A step of the annex that does not hold."""


def demand(holds: object, step: int) -> None:
    if not holds:
        raise Refused(f"step {step}")


def split(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    text, _, lines = note.decode().rpartition("\n\n")
    signatures = [re.fullmatch(r"— (\S+) (\S+)", line) for line in lines.splitlines()]
    return text + "\n", [(found[1], base64.b64decode(found[2])) for found in signatures if found]


def signed_by(name: str, bare: str, lines: list[tuple[str, bytes]], message: bytes, skip: int = 0) -> bool:
    key = base64.b64decode(bare)
    key_id = sha256(name.encode() + b"\n" + key).digest()[:4]
    for line_name, line in lines:
        if (line_name, line[:4]) == (name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(line[4 + skip :], message)
            except InvalidSignature:
                return False
            return True
    return False


def values(descriptor: str, keyword: str) -> list[str]:
    return [line.partition(" ")[2] for line in descriptor.splitlines() if line.split(" ")[0] == keyword]


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        demand(sn != 0, 6)
        if fn & 1 or fn == sn:
            r = sha256(b"\1" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    demand(sn == 0, 6)
    return r


def follow(bundle: bytes, digests: dict[str, str], scratch: Path) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    listed = {"README.txt", "record.bin", "record.json", "record.tlog-proof", "trust-policy", "records.binpb"}
    listed |= {"agreement.note", "descriptors/CN-1.note", "descriptors/NL-1.note"}
    demand(set(files) == listed, 1)

    descriptors = {}
    for administration, digest in digests.items():
        text, _ = split(files[f"descriptors/{administration}-1.note"])
        demand(base64.b64encode(sha256(text.encode()).digest()).decode() == digest, 2)
        descriptors[administration] = text

    head, _, checkpoint = files["record.tlog-proof"].partition(b"\n\n")
    text, lines = split(checkpoint)
    origin, size, root = text.splitlines()
    domain, _, partner, _ = origin.split("/")
    (issuer,) = (a for a, d in descriptors.items() if values(d, "domain") == [domain])
    partner_domain = values(descriptors[partner], "domain")[0]

    fields = dict(row.split(" ") for row in head.decode().splitlines()[1:3])
    commitment = sha256(base64.b64decode(fields["extra"]) + files["record.bin"]).digest()
    leaf = sha256(b"\0" + commitment).digest()

    receipts = f"{partner_domain}/receipts"
    time = next(int.from_bytes(line[4:12]) for name, line in lines if name == receipts)
    log_key, start, end = values(descriptors[issuer], "log")[0].split(" ")
    demand(signed_by(origin, log_key, lines, text.encode()) and int(start) <= time < int(end), 5)
    receipt_key, start, end = values(descriptors[partner], "receipt")[0].split(" ")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    demand(signed_by(receipts, receipt_key, lines, message, skip=8) and int(start) <= time < int(end), 5)

    path = [base64.b64decode(row) for row in head.decode().splitlines()[3:]]
    demand(root_from(leaf, int(fields["index"]), int(size), path) == base64.b64decode(root), 6)
    demand(set(re.findall(r"\S+\+[0-9a-f]{8}\+(\S+)", files["trust-policy"].decode())) == {log_key, receipt_key}, 6)

    (scratch / "records.binpb").write_bytes(files["records.binpb"])
    decode = ("--decode=mutualrecognition.records.v1.Record", "mutualrecognition/records/v1/record.proto")
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={scratch}/records.binpb", *decode]
    read = subprocess.run(protoc, input=files["record.bin"], capture_output=True, check=True).stdout.decode()
    demand(re.search(rf'^  issuer: "{issuer}"$', read, re.MULTILINE), 7)
    header = json.loads(files["record.json"])["header"]
    demand(f'record_id: "{header["record_id"]}"' in read, 7)

    text, lines = split(files["agreement.note"])
    for descriptor in descriptors.values():
        name = f"{values(descriptor, 'domain')[0]}/root"
        signed = sum(signed_by(name, root, lines, text.encode()) for root in values(descriptor, "root"))
        demand(signed >= int(values(descriptor, "threshold")[0]), 8)
    terms = tomllib.loads(text.partition("\n")[2])
    demand((terms["id"], terms["version"]) == (header["agreement_id"], header["agreement_version"]), 8)
    flows = [(flow["from"], flow["to"], flow["kind"]) for flow in terms["flows"]]
    demand((issuer, partner, "inspection_outcome") in flows, 8)
    return {"issuer": issuer, "index": fields["index"], "time": time, "record_id": header["record_id"]}


def digests() -> dict[str, str]:
    return {side.administration: base64.b64encode(side.descriptor().digest).decode() for side in (made.CN, made.NL)}


def test_the_annex_proves_a_bundle(tmp_path: Path) -> None:
    found = follow(made.bundle(), digests(), tmp_path)
    assert (found["issuer"], found["index"], found["time"]) == ("CN", "1", made.TIME)


def repacked(change: str, old: bytes, new: bytes) -> bytes:
    """Change one file of the bundle, as somebody with a zip tool would."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.bundle())) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == change:
                assert data.count(old) >= 1
                data = data.replace(old, new)
            target.writestr(name, data)
    return changed.getvalue()


@pytest.mark.parametrize(
    ("file", "old", "new", "step"),
    [
        ("descriptors/CN-1.note", b"threshold 1", b"threshold 0", 2),
        ("record.tlog-proof", b"\n3\n", b"\n4\n", 5),
        ("record.bin", b"CN0047821", b"CN0047822", 6),
        ("record.tlog-proof", b"index 1", b"index 0", 6),
        ("trust-policy", b"+ASBA", b"+ASBB", 6),
        ("agreement.note", b'"FORBIDDEN"', b'"WITH_CONSENT"', 8),
    ],
)
def test_the_annex_finds_what_was_changed(file: str, old: bytes, new: bytes, step: int, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"step {step}"):
        follow(repacked(file, old, new), digests(), tmp_path)


def test_the_annex_needs_the_digests_from_outside(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="step 2"):
        follow(made.bundle(), {**digests(), "NL": base64.b64encode(bytes(32)).decode()}, tmp_path)
