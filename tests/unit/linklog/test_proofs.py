"""The proof that travels alone, and the policy by which a stranger reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import GatewayError, InclusionInvalid, KeyRefused, NoteMalformed, SignatureInvalid
from gateway.linklog.checkpoints import cosign, sign_checkpoint, verify_checkpoint
from gateway.linklog.keys import KeyType, SeedSigner
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_lines, parse_note
from gateway.linklog.paths import inclusion_proof
from gateway.linklog.policy import TrustPolicy, parse_policy
from gateway.linklog.proofs import LogProof, parse_proof
from gateway.linklog.tiles import node_from_tiles

if TYPE_CHECKING:
    from .conftest import Issued

ORIGIN = "customs.jp.example/links/NL/1"


def proof_of(issued: Issued, index: int, extra: bytes = b"\x01" * 16) -> LogProof:
    def read(_level: int, start: int, count: int) -> list[bytes]:
        return issued.leaves[start : start + count]

    path = inclusion_proof(index, 11, lambda level, at: node_from_tiles(level, at, read))
    note = parse_note(issued.note, CHECKPOINT_LIMITS).with_lines(parse_lines(issued.receipt))
    return LogProof(index, tuple(path), note, extra)


def policy_of(issued: Issued) -> TrustPolicy:
    logs = [signer.key.with_name(ORIGIN) for signer in issued.log_signers]
    return TrustPolicy.of_keys(log=logs, receipt=[signer.key for signer in issued.receipt_signers])


@pytest.mark.parametrize("index", range(11))
@pytest.mark.parametrize("extra", [b"", b"\x01" * 16])
def test_a_proof_comes_back_as_it_was_and_leads_to_the_root(issued: Issued, index: int, extra: bytes) -> None:
    proof = parse_proof(proof_of(issued, index, extra).serialize())
    assert proof == proof_of(issued, index, extra)
    checkpoint = policy_of(issued).verify(proof.checkpoint)
    assert checkpoint == issued.checkpoint
    proof.verify(issued.leaves[index], checkpoint)
    with pytest.raises(InclusionInvalid):
        proof.verify(issued.leaves[index - 1], checkpoint)


def test_a_flipped_bit_in_a_proof_is_refused_or_changes_only_the_extra_data(issued: Issued) -> None:
    policy, original = policy_of(issued), proof_of(issued, 4)
    data = original.serialize()
    for position in range(data.index(b"\n\n") + 400):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        try:
            proof = parse_proof(bytes(changed))
            both = (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
            verify_checkpoint(proof.checkpoint, issued.log_keys, origin=ORIGIN, require=both, at=1_790_000_000)
            proof.verify(issued.leaves[4], policy.verify(proof.checkpoint))
        except GatewayError:
            continue
        assert proof.extra != original.extra


@pytest.mark.parametrize(
    "change",
    [
        (b"c2sp.org/tlog-proof@v1", b"c2sp.org/tlog-proof@v2"),
        (b"index 4", b"index 04"),
        (b"index 4", b"Index 4"),
        (b"index 4\n", b""),
        (b"extra ", b"extra  "),
        (b"\n\n", b"\n"),
        (b"\n\n", b"\n\n\n"),
        (b"\n\n", b"\nAAAA\n\n"),
        (b"\n\n", b"\n" + (b"A" * 43 + b"=\n") * 64 + b"\n"),
    ],
)
def test_a_proof_has_one_form(issued: Issued, change: tuple[bytes, bytes]) -> None:
    data = proof_of(issued, 4).serialize()
    with pytest.raises(NoteMalformed):
        parse_proof(data.replace(*change, 1) if change[0] != b"\n\n" else change[1].join(data.split(b"\n\n", 1)))


def test_an_empty_extra_line_and_an_endless_proof_are_refused(issued: Issued) -> None:
    data = proof_of(issued, 4, b"").serialize()
    with pytest.raises(NoteMalformed, match="extra"):
        parse_proof(data.replace(b"index", b"extra \nindex", 1))
    with pytest.raises(NoteMalformed, match="bytes"):
        parse_proof(data + b"\n" * 80_000)


def test_a_policy_comes_back_as_it_was(issued: Issued) -> None:
    policy = policy_of(issued)
    assert parse_policy(policy.serialize()) == policy
    assert [key.type for key in policy.logs] == [KeyType.COSIGNATURE_ML_DSA_44]
    rows = policy.serialize().decode().splitlines()
    assert rows[0].startswith("log customs.jp.example/links/NL/1+")
    assert rows[-2:] == ["group receipts all receipts-1 receipts-2", "quorum receipts"]


def test_without_ml_dsa_the_ed25519_log_key_is_listed(issued: Issued) -> None:
    log = issued.log_signers[0].key.with_name(ORIGIN)
    policy = TrustPolicy.of_keys(log=[log], receipt=[issued.receipt_signers[0].key])
    assert policy.logs == (log,)
    lines = cosign(issued.checkpoint, issued.receipt_signers[:1], 5)
    note = parse_note(sign_checkpoint(issued.checkpoint, issued.log_signers[:1], 5) + lines, CHECKPOINT_LIMITS)
    assert policy.verify(note) == issued.checkpoint


def test_the_quorum_is_every_receipt_key_and_the_ml_dsa_log_key(issued: Issued) -> None:
    policy = policy_of(issued)
    whole = proof_of(issued, 0).checkpoint
    assert policy.verify(whole) == issued.checkpoint
    for missing, word in ((1, "log key"), (2, "quorum"), (3, "quorum")):
        lines = tuple(line for number, line in enumerate(whole.lines) if number != missing)
        with pytest.raises(SignatureInvalid, match=word):
            policy.verify(Note(whole.text, lines))
    assert policy.verify(Note(whole.text, whole.lines[1:])) == issued.checkpoint
    other = Note(whole.text.replace("/1\n", "/2\n"), whole.lines)
    with pytest.raises(NoteMalformed, match="does not know"):
        policy.verify(other)


def test_other_policies_are_refused(issued: Issued) -> None:
    data = policy_of(issued).serialize()
    for changed in (
        data.replace(b"all", b"any"),
        data + b"\n",
        b"# comment\n" + data,
        data.replace(b"receipts-2\nquorum", b"receipts-1\nquorum"),
        data.replace(b"quorum receipts", b"quorum none"),
        data.replace(b"log ", b"log\t"),
        data.replace(b"log ", b"witness log "),
        b"quorum none\n",
        b"\xff",
    ):
        assert changed != data
        with pytest.raises(NoteMalformed):
            parse_policy(changed)


def test_a_policy_does_not_take_a_key_twice_or_in_a_wrong_role(issued: Issued) -> None:
    log, receipt = issued.log_signers[0].key.with_name(ORIGIN), issued.receipt_signers[0].key
    for logs, receipts in (([log, log.with_name("x")], [receipt]), ([receipt], [receipt]), ([log], [log]), ([log], [])):
        with pytest.raises(NoteMalformed):
            TrustPolicy.of_keys(log=logs, receipt=receipts)
    unsound = TrustPolicy.of_keys(log=[log], receipt=[receipt]).serialize()
    bad = SeedSigner.from_seed("x", KeyType.NOTE_ED25519, b"\x01" * 32).key.vkey.encode()
    with pytest.raises((NoteMalformed, KeyRefused)):
        parse_policy(unsound.replace(b"log ", b"log " + bad, 1))
