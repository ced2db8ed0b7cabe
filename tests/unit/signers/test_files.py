"""Keys in files: made once, read by their owner alone, never shown."""

from __future__ import annotations

import copy
import os
import pickle
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from gateway.errors import KeyFileUnsafe, NoteMalformed
from gateway.linklog.keys import KeyType
from gateway.signers.files import FileSigner

NAME = "customs.nl.example/links"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "log.key"


def make(path: Path, key_type: KeyType = KeyType.NOTE_ED25519) -> FileSigner:
    return FileSigner.generate(path, name=NAME, key_type=key_type)


def load(path: Path, key_type: KeyType = KeyType.NOTE_ED25519) -> FileSigner:
    return FileSigner.load(path, name=NAME, key_type=key_type)


@pytest.mark.parametrize("key_type", KeyType)
def test_what_was_made_is_loaded_and_its_public_half_verifies(key_type: KeyType, path: Path) -> None:
    made, loaded = make(path, key_type), load(path, key_type)
    assert loaded.key == made.key
    assert (loaded.key.name, loaded.key.type) == (NAME, key_type)
    for signer in (made, loaded):
        signature = signer.sign(b"message")
        assert made.key.verifies(b"message", signature)
        assert not made.key.verifies(b"massage", signature)


def test_one_key_signs_under_the_name_of_each_of_its_logs(path: Path) -> None:
    signer = make(path)
    elsewhere = signer.key.with_name("customs.nl.example/links/CN/1")
    assert elsewhere.verifies(b"message", signer.sign(b"message"))
    assert elsewhere.key_id != signer.key.key_id


def test_a_new_key_is_its_owners_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        make(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_is_never_overwritten(path: Path) -> None:
    make(path)
    content = path.read_bytes()
    with pytest.raises(KeyFileUnsafe, match="never overwritten"):
        make(path)
    assert path.read_bytes() == content


def test_no_key_is_made_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "log.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileUnsafe, match="never overwritten"):
        make(tmp_path / "log.key")
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_that_cannot_sign_leaves_no_file(path: Path) -> None:
    with pytest.raises(NoteMalformed):
        FileSigner.generate(path, name="two words", key_type=KeyType.NOTE_ED25519)
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601])
def test_what_others_may_touch_is_refused(mode: int, path: Path) -> None:
    make(path)
    path.chmod(mode)
    with pytest.raises(KeyFileUnsafe, match=f"mode {mode:04o}"):
        load(path)


def test_another_users_key_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(KeyFileUnsafe, match=f"belongs to user {owner}"):
        load(path)


def test_a_key_is_not_read_through_a_link(path: Path, tmp_path: Path) -> None:
    make(path)
    (tmp_path / "link.key").symlink_to(path)
    with pytest.raises(KeyFileUnsafe, match="cannot be opened"):
        load(tmp_path / "link.key")


def test_a_pipe_in_the_keys_place_does_not_hang_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.key", 0o600)
    with pytest.raises(KeyFileUnsafe, match="not a regular file"):
        load(tmp_path / "log.key")


def test_an_absent_key_is_said(path: Path) -> None:
    with pytest.raises(KeyFileUnsafe, match="No such file"):
        load(path)


@pytest.mark.parametrize(
    ("made_as", "loaded_as"),
    [
        (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44),
        (KeyType.COSIGNATURE_ML_DSA_44, KeyType.COSIGNATURE_ED25519),
    ],
)
def test_a_key_of_the_other_algorithm_is_refused(made_as: KeyType, loaded_as: KeyType, path: Path) -> None:
    make(path, made_as)
    with pytest.raises(KeyFileUnsafe, match="not of the algorithm"):
        load(path, loaded_as)


def foreign_pem(encryption: KeySerializationEncryption) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a private key"),
        (b"junk", "not a private key"),
        (foreign_pem(BestAvailableEncryption(b"secret")), "without a password"),
        (foreign_pem(NoEncryption()), "neither Ed25519 nor ML-DSA-44"),
    ],
    ids=["empty", "junk", "encrypted", "P-256"],
)
def test_what_is_no_such_key_is_refused(content: bytes, words: str, path: Path) -> None:
    make(path)
    path.write_bytes(content)
    with pytest.raises(KeyFileUnsafe, match=words):
        load(path)


@pytest.mark.parametrize("key_type", KeyType)
def test_no_secret_is_ever_shown_or_copied(key_type: KeyType, path: Path) -> None:
    signer = make(path, key_type)
    secret = [line for line in path.read_text().splitlines() if "-----" not in line]
    assert secret
    path.write_text("\n".join(secret))
    with pytest.raises(KeyFileUnsafe) as refusal:
        load(path, key_type)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert repr(signer) == f"FileSigner({signer.key.vkey})"
    for line in secret:
        assert line not in f"{signer!r} {signer} {refusal.value}"
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied"):
            take(signer)
