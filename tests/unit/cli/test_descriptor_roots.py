"""Root keys come and go by versions of the descriptor that name them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli
from gateway.cli.next_descriptor import newest_own
from gateway.linklog.keys import KeyType, SeedSigner
from gateway.trust.descriptors import Descriptor


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture
def home(tmp_path: Path) -> str:
    place = tmp_path / "nl"
    assert run("init", str(place)).exit_code == 0
    return str(place)


def descriptor(home: str) -> Descriptor:
    return newest_own(Path(home))


def bare(name: str) -> str:
    signer = SeedSigner.from_seed(name, KeyType.NOTE_ED25519, sha256(name.encode()).digest())
    return signer.key.vkey.split("+", 2)[2]


def test_a_root_is_added_and_dropped(home: str) -> None:
    before = descriptor(home)
    second = bare("second")
    added = run("descriptor", "next", "--add-root", second, "--home", home)
    assert added.exit_code == 0, added.output
    both = descriptor(home)
    assert (both.version, len(both.roots)) == (2, 2)
    rolled = run("keys", "roll", "root", "--overlap", "1d", "--home", home)
    assert rolled.exit_code == 1
    assert "--add-root KEY --drop-root KEY" in rolled.output
    dropped = run("descriptor", "next", "--drop-root", second, "--home", home)
    assert dropped.exit_code == 0, dropped.output
    assert descriptor(home).roots == before.roots


@pytest.mark.parametrize("given", ["nonsense", "AAAA", bare("nobody's")])
def test_what_is_no_root_cannot_be_dropped(home: str, given: str) -> None:
    refused = run("descriptor", "next", "--drop-root", given, "--home", home)
    assert refused.exit_code == 1
    assert descriptor(home).version == 1
