"""The worked examples of docs/protocol.md, Annex A, made by the real code from fixed keys.

``python tests/docs/protocol_examples.py`` writes them into the page, after a change of the protocol only. In the page
each one is a fenced block under a line ``<!-- example: NAME -->``; ``test_protocol_examples.py`` compares.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import textwrap
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.protobuf.json_format import MessageToDict, ParseDict

from gateway.evidence.bundle import build
from gateway.evidence.composition import EvidenceParts, ProvenEntry
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import commitment, leaf_hash, node_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_lines, parse_note
from gateway.linklog.policy import TrustPolicy
from gateway.linklog.proofs import LogProof
from gateway.linklog.tree import CompactRange
from gateway.trust import agreements
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.documents import read_document, write_digest
from gateway.trust.names import log_key_name, origin, receipt_key_name, root_key_name
from mutualrecognition.federation.v1 import link_pb2 as wire
from mutualrecognition.records.v1.record_pb2 import Record

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "protocol.md"
ISSUED = 1_790_000_000
TIME = 1_793_674_800  # 2026-11-03T03:00:00Z
UNTIL = ISSUED + 2 * 365 * 86_400
BLOCK = re.compile(r"<!-- example: (?P<name>[a-z-]+) -->\n(?:\n```text\n(?P<body>.*?)```\n)?", re.DOTALL)


class Side:
    """One administration of the examples: three Ed25519 keys whose seeds are one byte, thirty-two times."""

    def __init__(self, administration: str, first_byte: int) -> None:
        self.administration = administration
        self.domain = f"customs.{administration.lower()}.example"
        self.seeds = {name: bytes([first_byte + n]) * 32 for n, name in enumerate(("root", "log", "receipt"))}
        self.root = SeedSigner.from_seed(root_key_name(self.domain), KeyType.NOTE_ED25519, self.seeds["root"])
        self.log = SeedSigner.from_seed(log_key_name(self.domain), KeyType.NOTE_ED25519, self.seeds["log"])
        self.receipt = SeedSigner.from_seed(
            receipt_key_name(self.domain), KeyType.COSIGNATURE_ED25519, self.seeds["receipt"]
        )

    def descriptor(self) -> Descriptor:
        return Descriptor(
            administration=self.administration,
            name=f"Customs of {self.administration}",
            domain=self.domain,
            version=1,
            previous=None,
            issued=ISSUED,
            contacts=(f"duty-officer@{self.domain}",),
            endpoints=(f"gateway.{self.domain}:7401",),
            threshold=1,
            roots=(self.root.key,),
            anchors=(_anchor(self.domain, self.seeds["root"][0]),),
            denied=(),
            log_keys=(DatedKey(self.log.key, ISSUED, UNTIL),),
            receipt_keys=(DatedKey(self.receipt.key, ISSUED, UNTIL),),
        )


CN, NL = Side("CN", 0x11), Side("NL", 0x21)
ORIGIN = origin(CN.domain, NL.administration, 1)


def examples() -> dict[str, str]:
    """Give every example by its name; each text ends with LF."""
    records, salts, leaves = _log()
    checkpoint = Checkpoint(ORIGIN, 3, CompactRange().append_all(leaves)[0].root())
    note = sign_checkpoint(checkpoint, [CN.log], TIME)
    receipt = cosign(checkpoint, [NL.receipt], TIME)
    log_key = CN.log.key.with_name(ORIGIN)
    return {
        "keys": _keys(),
        "record-json": _record_json(records[0]),
        "record-hex": _hex(records[0]),
        "leaves": _leaves(salts, records, leaves),
        "tree": _tree(leaves),
        "checkpoint": note.decode(),
        "receipt-message": f"cosignature/v1\ntime {TIME}\n{checkpoint.text}",
        "receipt": receipt.decode(),
        "proof": _proof().serialize().decode(),
        "policy": TrustPolicy.of_keys(log=[log_key], receipt=[NL.receipt.key]).serialize().decode(),
        "descriptor": sign_descriptor(CN.descriptor(), [CN.root]).decode(),
        "descriptor-digest": write_digest(CN.descriptor().digest) + "\n",
        "agreement": _agreement(),
        "hello": _hex(_hello()),
        "correlation": (b"\x41" * 16 + b"\x42" * 16).hex() + "\n",
        "frames": _frames(salts[2], records[2], note, receipt),
    }


def bundle() -> bytes:
    """Give the evidence of entry 1."""
    descriptors = [sign_descriptor(side.descriptor(), [side.root]) for side in (CN, NL)]
    entry = ProvenEntry(_log()[0][1], _proof())
    return build(EvidenceParts(entry, descriptors, _signed_agreement()))


def filled_in(page: str, texts: dict[str, str]) -> str:
    """Give the page with every example in its place."""
    return BLOCK.sub(lambda found: f"<!-- example: {found['name']} -->\n\n```text\n{texts[found['name']]}```\n", page)


def _log() -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Give records, salts and leaf hashes."""
    records = [_record(number) for number in range(3)]
    salts = [bytes([0xA0 + number]) * 16 for number in range(3)]
    return records, salts, [leaf_hash(commitment(salt, record)) for salt, record in zip(salts, records, strict=True)]


def _proof() -> LogProof:
    _, salts, leaves = _log()
    checkpoint = Checkpoint(ORIGIN, 3, CompactRange().append_all(leaves)[0].root())
    note = parse_note(sign_checkpoint(checkpoint, [CN.log], TIME), CHECKPOINT_LIMITS)
    whole = note.with_lines(parse_lines(cosign(checkpoint, [NL.receipt], TIME)))
    return LogProof(1, (leaves[0], leaves[2]), whole, salts[1])


def _record(number: int) -> bytes:
    record = ParseDict(json.loads((DOCS / "examples" / "record.json").read_text("utf-8")), Record())
    header = record.header
    milliseconds = f"{(TIME - 1) * 1000:012x}"
    header.record_id = f"{milliseconds[:8]}-{milliseconds[8:]}-7000-8000-00000000000{number}"
    header.issuer, header.agreement_id, header.agreement_version = CN.administration, "cn-nl-security", 1
    header.issued_at.seconds = TIME - 1
    header.release_profile = _released().profile
    record.inspection_outcome.ClearField("officer_ref")
    return record.SerializeToString(deterministic=True)


def _released() -> agreements.FieldSelection:
    agreement = agreements.parse_agreement(_agreement_text())
    selection = agreement.releases("CN", "NL", "inspection_outcome", "SECURITY_RISK", TIME)
    assert selection is not None
    assert not selection.lets_through("officer_ref")
    return selection


def _record_json(record: bytes) -> str:
    return json.dumps(MessageToDict(Record.FromString(record), preserving_proto_field_name=True), indent=1) + "\n"


def _keys() -> str:
    rows = []
    for side in (CN, NL):
        partner = NL if side is CN else CN
        log_key = side.log.key.with_name(origin(side.domain, partner.administration, 1))
        for role, key in (("root", side.root.key), ("log", log_key), ("receipt", side.receipt.key)):
            rows += [f"{side.administration} {role}", f"  seed {side.seeds[role].hex()}", f"  vkey {key.vkey}"]
    return "\n".join(rows) + "\n"


def _leaves(salts: list[bytes], records: list[bytes], leaves: list[bytes]) -> str:
    rows = []
    for number, (salt, record, leaf) in enumerate(zip(salts, records, leaves, strict=True)):
        rows += [
            f"entry {number}",
            f"  salt       {salt.hex()}",
            f"  commitment {commitment(salt, record).hex()}",
            f"  leaf hash  {leaf.hex()}",
        ]
    return "\n".join(rows) + "\n"


def _tree(leaves: list[bytes]) -> str:
    left = node_hash(leaves[0], leaves[1])
    rows = [
        f"node(0, 1)        {left.hex()}",
        f"root of size 3    {node_hash(left, leaves[2]).hex()}",
        "path of entry 1   leaf hash 0, leaf hash 2",
        "consistency 2, 3  leaf hash 2",
    ]
    return "\n".join(rows) + "\n"


def _agreement_text() -> str:
    return (DOCS / "examples" / "agreement-cn-nl.toml").read_text("utf-8")


def _signed_agreement() -> bytes:
    return agreements.countersign(agreements.sign(_agreement_text(), [CN.root], CN.domain), [NL.root], NL.domain)


def _agreement() -> str:
    note = _signed_agreement()
    agreement = agreements.verify(note, [CN.descriptor(), NL.descriptor()])
    lines = b"".join(line.serialize() for line in read_document(note).lines).decode()
    return f"digest {write_digest(agreement.digest)}\n\n{lines}"


def _hello() -> bytes:
    digest = agreements.parse_agreement(_agreement_text()).digest
    hello = wire.Hello(
        versions=[1],
        to="CN",
        session=b"\x41" * 16,
        time=TIME,
        descriptor=wire.DocumentVersion(version=1, digest=NL.descriptor().digest),
        descriptor_held=wire.DocumentVersion(version=1, digest=CN.descriptor().digest),
        agreements=[wire.AgreementVersion(id="cn-nl-security", version=1, digest=digest)],
        issued=wire.LogPosition(origin=origin(NL.domain, "CN", 1)),
        held=wire.LogPosition(origin=ORIGIN),
        limits=wire.Limits(batch_records=100, batch_bytes=128 * 1024, window_batches=16, window_bytes=4 * 1024 * 1024),
    )
    setattr(hello, "from", "NL")
    return wire.LinkFrame(hello=hello).SerializeToString(deterministic=True)


def _frames(salt: bytes, record: bytes, note: bytes, receipt: bytes) -> str:
    batch = wire.Batch(first=2, entries=[wire.Entry(salt=salt, record=record)], checkpoint=note)
    goodbye = wire.Goodbye(reason="SHUTDOWN", detail="This node stops as planned.", retry_after=30)
    frames = {
        "Batch": wire.LinkFrame(batch=batch),
        "Receipt": wire.LinkFrame(receipt=wire.Receipt(size=3, lines=receipt)),
        "Heartbeat": wire.LinkFrame(heartbeat=wire.Heartbeat(time=TIME)),
        "Goodbye": wire.LinkFrame(goodbye=goodbye),
    }
    return "\n".join(f"{name}\n{_hex(frame.SerializeToString(deterministic=True))}" for name, frame in frames.items())


def _hex(data: bytes) -> str:
    return "\n".join(textwrap.wrap(data.hex(), 96)) + "\n"


def _anchor(domain: str, secret: int) -> bytes:
    """Give a CA certificate that is the same every time: fixed key, fixed dates, deterministic ECDSA (RFC 6979)."""
    key = ec.derive_private_key(int.from_bytes(sha256(bytes([secret])).digest()), ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Example CA of {domain}")])
    start = dt.datetime.fromtimestamp(ISSUED, dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return builder.sign(key, SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


if __name__ == "__main__":
    PAGE.write_text(filled_in(PAGE.read_text("utf-8"), examples()), "utf-8")
