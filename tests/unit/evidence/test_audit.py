"""An exported audit log: what verifies, and what is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.errors import ConsistencyInvalid, EvidenceInvalid, NoteMalformed, SignatureInvalid
from gateway.evidence.audit import AuditEntry, grow, verify_export
from gateway.linklog.checkpoints import Checkpoint, sign_checkpoint
from gateway.linklog.keys import KeyType, SeedSigner
from gateway.linklog.tree import CompactRange

ORIGIN = "customs.nl.example/audit"
SIGNER = SeedSigner.from_seed(ORIGIN, KeyType.NOTE_ED25519, b"a" * 32)
ANOTHER = SeedSigner.from_seed(ORIGIN, KeyType.NOTE_ED25519, b"b" * 32)
ENTRIES = [AuditEntry(index, 1_780_000_000 + index, "officer", "suspend", f"CN: “{index}”") for index in range(11)]
LINES = [entry.line for entry in ENTRIES]


def signed(count: int, signer: SeedSigner = SIGNER, origin: str = ORIGIN) -> bytes:
    tree = grow(CompactRange(), ENTRIES[:count])
    return sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), [signer], 0)


def test_a_line_is_its_entry() -> None:
    assert LINES[1] == '[1,1780000001,"officer","suspend","CN: “1”"]'.encode()


def test_an_honest_log_is_proven() -> None:
    verdict = verify_export(LINES, signed(11), SIGNER.key, earlier=[signed(3), signed(8), signed(11)])
    assert (verdict.signed, verdict.checkpoint.size) == (True, 11)
    assert not verify_export(LINES, signed(11), None).signed


def other_word(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"suspend", b"resumed") if number == 4 else line for number, line in enumerate(lines)]


TAMPERED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a word": other_word,
    "the last one left out": lambda lines: lines[:-1],
    "the first one left out": lambda lines: lines[1:],
    "one added": lambda lines: [*lines, AuditEntry(11, 0, "", "", "").line],
    "two exchanged": lambda lines: [lines[1], lines[0], *lines[2:]],
    "another encoding": lambda lines: [json.dumps(json.loads(lines[0])).encode(), *lines[1:]],
    "no JSON": lambda lines: [b"{", *lines[1:]],
    "another shape": lambda lines: [b"[0,1]", *lines[1:]],
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_every_change_is_noticed(change: Callable[[list[bytes]], list[bytes]]) -> None:
    with pytest.raises(EvidenceInvalid):
        verify_export(change(LINES), signed(11), SIGNER.key)


def test_a_log_signed_by_another_key() -> None:
    with pytest.raises(SignatureInvalid):
        verify_export(LINES, signed(11, ANOTHER), SIGNER.key)


def test_a_key_of_another_log() -> None:
    with pytest.raises(NoteMalformed, match="The key is that of customs"):
        verify_export(LINES, signed(11), SIGNER.key.with_name("customs.cn.example/audit"))


def test_a_log_that_was_written_anew_as_a_whole_is_noticed_by_who_kept_a_checkpoint() -> None:
    """Who holds the key can sign what he likes; what he signed before stays."""
    rewritten = [AuditEntry(each.index, each.at, "another", each.action, each.detail) for each in ENTRIES]
    tree = grow(CompactRange(), rewritten)
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), [SIGNER], 0)
    lines = [each.line for each in rewritten]
    assert verify_export(lines, note, SIGNER.key).signed
    with pytest.raises(ConsistencyInvalid, match="it was rewritten"):
        verify_export(lines, note, SIGNER.key, earlier=[signed(5)])


def test_a_log_that_was_put_back_is_noticed_by_who_kept_a_checkpoint() -> None:
    with pytest.raises(ConsistencyInvalid):
        verify_export(LINES[:5], signed(5), SIGNER.key, earlier=[signed(8)])
