"""Two administrations, a link with both logs, an agreement, and the evidence of one record of it."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from typing import Any

import pytest

from gateway.evidence.composition import EvidenceParts, ProvenEntry
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_lines, parse_note
from gateway.linklog.paths import inclusion_proof
from gateway.linklog.proofs import LogProof
from gateway.linklog.tiles import node_from_tiles
from gateway.linklog.tree import CompactRange
from gateway.trust.agreements import countersign, sign
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import log_key_name, origin, receipt_key_name, root_key_name
from mutualrecognition.records.v1 import judgement_pb2, record_pb2

NOW = 1_790_000_000
YEAR = 31_536_000
INDEX = 2

AGREEMENT = """mutualrecognition/agreement/v1
id = "cn-nl-security"
version = 1
title = "Mutual recognition of controls"
legal_basis = "Decision 1/2026"
parties = ["CN", "NL"]
valid_from = 2026-01-01
valid_until = 2031-01-01
signatures = "ed25519"
purposes = ["SECURITY_RISK"]

[[flows]]
from = "CN"
to = "NL"
kind = "inspection_outcome"
fields = ["*"]
purposes = ["SECURITY_RISK"]
retention_days = 365
"""


class Owner:
    """An administration with as many keys as a test asks for; ``ml_dsa`` gives it both kinds."""

    def __init__(self, administration: str, *, ml_dsa: bool = False) -> None:
        self.administration = administration
        self.domain = f"customs.{administration.lower()}.example"
        self.log_types = [KeyType.NOTE_ED25519, *([KeyType.COSIGNATURE_ML_DSA_44] if ml_dsa else [])]
        self.receipt_types = [KeyType.COSIGNATURE_ED25519, *([KeyType.COSIGNATURE_ML_DSA_44] if ml_dsa else [])]

    def root(self, number: int = 1) -> SeedSigner:
        return self._signer(root_key_name(self.domain), KeyType.NOTE_ED25519, number)

    def log_signers(self, number: int = 1) -> list[SeedSigner]:
        return [self._signer(log_key_name(self.domain), each, number) for each in self.log_types]

    def receipt_signers(self, number: int = 1) -> list[SeedSigner]:
        return [self._signer(receipt_key_name(self.domain), each, number) for each in self.receipt_types]

    def descriptor(self, **changes: Any) -> Descriptor:
        first = Descriptor(
            administration=self.administration,
            name=f"Customs of {self.administration}",
            domain=self.domain,
            version=1,
            previous=None,
            issued=NOW - YEAR,
            contacts=(f"duty@{self.domain}",),
            endpoints=(),
            threshold=1,
            roots=(self.root().key,),
            anchors=(b"\x30\x03" + self.administration.encode() + b"\x00",),
            denied=(),
            log_keys=self.dated(self.log_signers()),
            receipt_keys=self.dated(self.receipt_signers()),
        )
        return dataclasses.replace(first, **changes)

    def note(self, descriptor: Descriptor, *numbers: int) -> bytes:
        return sign_descriptor(descriptor, [self.root(number) for number in numbers or (1,)])

    @staticmethod
    def dated(signers: list[SeedSigner], start: int = NOW - YEAR, end: int = NOW + YEAR) -> tuple[DatedKey, ...]:
        return tuple(sorted((DatedKey(s.key, start, end) for s in signers), key=lambda dated: dated.key.bare))

    def _signer(self, name: str, key_type: KeyType, number: int) -> SeedSigner:
        return SeedSigner.from_seed(name, key_type, sha256(f"{name} {key_type} {number}".encode()).digest())


def proven(
    records: list[bytes],
    index: int,
    issuer: Owner,
    receiver: Owner,
    *,
    time: int = NOW,
    generation: int = 1,
    key: int = 1,
) -> ProvenEntry:
    """Log records, sign and receipt the log, and give the proof of one of them."""
    salts = [sha256(f"{issuer.domain} salt {number}".encode()).digest()[:16] for number in range(len(records))]
    leaves = [leaf_hash(commitment(salt, record)) for salt, record in zip(salts, records, strict=True)]
    head = Checkpoint(
        origin(issuer.domain, receiver.administration, generation),
        len(leaves),
        CompactRange().append_all(leaves)[0].root(),
    )

    def node(level: int, at: int) -> bytes:
        return node_from_tiles(level, at, lambda _level, start, count: leaves[start : start + count])

    note = parse_note(sign_checkpoint(head, issuer.log_signers(key), time), CHECKPOINT_LIMITS)
    whole = note.with_lines(parse_lines(cosign(head, receiver.receipt_signers(), time)))
    path = tuple(inclusion_proof(index, len(leaves), node))
    return ProvenEntry(records[index], LogProof(index, path, whole, salts[index]))


def outcome(**header: Any) -> record_pb2.Record:
    made = record_pb2.Record()
    values = {
        "record_id": "01997f9c-5c00-7000-8000-000000000001",
        "issuer": "CN",
        "agreement_id": "cn-nl-security",
        "agreement_version": 1,
        "purpose": record_pb2.PURPOSE_SECURITY_RISK,
        **header,
    }
    for name, value in values.items():
        setattr(made.header, name, value)
    made.header.issued_at.FromSeconds(NOW - 60)
    made.inspection_outcome.control_id = "CTL-鹿特丹-1"
    made.inspection_outcome.ended_at.FromSeconds(NOW - 120)
    made.inspection_outcome.conclusion = 1
    method = made.inspection_outcome.methods.add(kind=3)
    method.xray.energy_mev = 6.0
    return made


def judgement(verdict: int, *, about: str = "customs.cn.example/links/NL/1", first: int = 0, last: int = 9) -> bytes:
    made = record_pb2.Record()
    made.header.record_id = "01997f9c-5c00-7000-8000-00000000000a"
    made.header.issuer = "NL"
    made.header.issued_at.FromSeconds(NOW)
    made.judgement.origin = about
    made.judgement.verdict = judgement_pb2.Verdict.ValueType(verdict)
    made.judgement.ranges.add(first=first, last=last)
    return made.SerializeToString()


class World:
    """Everything from which a test makes the evidence that it wants."""

    def __init__(self, *, ml_dsa: bool = False) -> None:
        self.cn, self.nl = Owner("CN", ml_dsa=ml_dsa), Owner("NL", ml_dsa=ml_dsa)
        self.text = AGREEMENT.replace('"ed25519"', '"ed25519+ml-dsa-44"') if ml_dsa else AGREEMENT
        self.descriptors = [self.cn.note(self.cn.descriptor()), self.nl.note(self.nl.descriptor())]
        self.digests = frozenset({self.cn.descriptor().digest, self.nl.descriptor().digest})

    def agreement(self, text: str = "") -> bytes:
        return countersign(sign(text or self.text, [self.cn.root()], self.cn.domain), [self.nl.root()], self.nl.domain)

    def entry(self, record: record_pb2.Record | None = None, **changes: Any) -> ProvenEntry:
        record = record or outcome()
        records = [b"zero", b"one", record.SerializeToString(), b"three", b"four"]
        return proven(records, INDEX, self.cn, self.nl, **changes)

    def judgements(self, *records: bytes) -> list[ProvenEntry]:
        return [proven(list(records), index, self.nl, self.cn, time=NOW + 5) for index in range(len(records))]

    def parts(self, **changes: Any) -> EvidenceParts:
        whole = EvidenceParts(self.entry(), self.descriptors, self.agreement(), ())
        return dataclasses.replace(whole, **changes)


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def quantum_safe_world() -> World:
    return World(ml_dsa=True)


@pytest.fixture(scope="session")
def make_outcome() -> Any:
    return outcome


@pytest.fixture(scope="session")
def make_judgement() -> Any:
    return judgement
