"""Roles and their key files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import KeyFileUnsafe
from gateway.linklog.keys import KeyType
from gateway.signers.roles import LOG, RECEIPT, ROOT, add_key, create_key, load_signers

NAME = "customs.nl.example/any"


@pytest.mark.parametrize(
    ("role", "first"),
    [(ROOT, KeyType.NOTE_ED25519), (LOG, KeyType.NOTE_ED25519), (RECEIPT, KeyType.COSIGNATURE_ED25519)],
)
def test_a_role_has_its_types_ed25519_first(role: str, first: KeyType, tmp_path: Path) -> None:
    later = create_key(tmp_path, role, NAME, post_quantum=True)
    sooner = create_key(tmp_path, role, NAME)
    signers = load_signers(tmp_path, role, NAME)
    assert [signer.key for signer in signers] == [sooner.key, later.key]
    assert [signer.key.type for signer in signers] == [first, KeyType.COSIGNATURE_ML_DSA_44]


def test_roles_have_keys_of_their_own(tmp_path: Path) -> None:
    publics = {create_key(tmp_path, role, NAME).key.public for role in (ROOT, LOG, RECEIPT)}
    assert len(publics) == 3
    assert {load_signers(tmp_path, role, NAME)[0].key.public for role in (ROOT, LOG, RECEIPT)} == publics


def test_a_role_without_a_key_is_said(tmp_path: Path) -> None:
    create_key(tmp_path, LOG, NAME)
    with pytest.raises(KeyFileUnsafe, match="no receipt key"):
        load_signers(tmp_path, RECEIPT, NAME)


def test_a_role_with_one_bad_key_has_none(tmp_path: Path) -> None:
    create_key(tmp_path, LOG, NAME)
    create_key(tmp_path, LOG, NAME, post_quantum=True)
    (tmp_path / "log.ml-dsa-44.key").chmod(0o644)
    with pytest.raises(KeyFileUnsafe, match="others may use it"):
        load_signers(tmp_path, LOG, NAME)


def test_keys_of_a_role_are_added_beside_those_that_are_there(tmp_path: Path) -> None:
    create_key(tmp_path, LOG, NAME)
    create_key(tmp_path, LOG, NAME, post_quantum=True)
    made = [add_key(tmp_path, LOG, NAME) for _ in range(9)] + [add_key(tmp_path, LOG, NAME, post_quantum=True)]
    names = [path.name for _, path in made]
    assert names == [f"log-{number}.ed25519.key" for number in range(2, 11)] + ["log-2.ml-dsa-44.key"]
    loaded = [signer.key for signer in load_signers(tmp_path, LOG, NAME)]
    assert len(loaded) == 12
    assert loaded[1:10] == [signer.key for signer, _ in made[:9]]
    assert loaded[11] == made[9][0].key
    assert {path.stat().st_mode & 0o777 for _, path in made} == {0o600}
